package daemon

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestPassingOnTwiceCallsNobodyTwice(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		w.alert("firing", "srv-db-01")
		w.at(2 * time.Second)
		if reply := w.alice.Text(t, "11 E"); !strings.Contains(reply, "Dominique Roy") {
			t.Errorf("reply %q", reply)
		}
		w.at(3 * time.Second)
		if reply := w.alice.Text(t, "11 E"); strings.Contains(reply, "Dominique Roy") {
			t.Errorf("reply %q", reply)
		}
		w.at(time.Minute)
		w.expectCount(w.dominique, 1)
	})
}

func TestUndoSaysWhatIs(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		number := w.alert("firing", "srv-db-01")
		w.at(2 * time.Second)
		w.alice.Text(t, "11 OK")
		w.alice.Text(t, "11 FIN")
		first, second := w.alice.Text(t, "11 UNDO"), w.alice.Text(t, "11 UNDO")
		if first != second || strings.Contains(second, "tard") {
			t.Errorf("%q, then %q", first, second)
		}
		w.expectState(number, "acknowledged")
	})
}

func TestANoteThatMayBeAboutSeveralIsOnEach(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		first := w.alert("firing", "srv-db-01")
		w.at(2 * time.Second)
		second := w.alert("firing", "srv-web-01", "alertname", "DiskFull")
		w.at(4 * time.Second)
		if reply := w.alice.Text(t, "Liaison Orange coupée"); !strings.Contains(reply, "RIEN n'est pris") {
			t.Errorf("reply %q", reply)
		}
		for _, number := range []string{first, second} {
			if s := w.expectState(number, "open"); !strings.Contains(timelineOf(s), "note: Liaison Orange coupée") {
				t.Errorf("%s has no note:\n%s", number, timelineOf(s))
			}
		}
		w.alice.Text(t, "TOUT")
		if reply := w.alice.Text(t, "OK"); strings.Contains(reply, "RIEN") {
			t.Errorf("all is hers, and she hears %q", reply)
		}
	})
}

func TestAnAcknowledgementAfterTheStartEndsOnTime(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		number := w.alert("firing", "srv-db-01")
		w.at(2 * time.Second)
		w.alice.Text(t, "11 OK")
		w.at(43 * time.Second)
		w.expectState(number, "open")
	}, replaced("ack_timeout: 45m ", "ack_timeout: 40s "))
}

func TestNothingHere(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		if code, answer := w.call(http.MethodGet, "/nope", "", nil); code != http.StatusNotFound || !strings.Contains(string(answer), `"no_such_path"`) {
			t.Errorf("%d %s", code, answer)
		}
	})
}
