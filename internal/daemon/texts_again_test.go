package daemon

import (
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation/storetest"
)

// TestATextWithoutACodeMeansWhatItMeant: when the text is delivered again, it
// could mean another ticket by then.
func TestATextWithoutACodeMeansWhatItMeant(t *testing.T) {
	for _, body := range []string{"FIN", "GO", "NON", "OK", "TOUT"} {
		t.Run(body, func(t *testing.T) {
			inTown(t, func(t *testing.T, w *town) {
				first := w.alert("firing", "srv-db-01")
				w.at(2 * time.Second)
				w.hears(alicesPhone, "SM1", body)
				w.hears(alicesPhone, "SM2", "11 FIN")
				w.expectState(first, "resolved")
				w.at(time.Minute)
				second := w.alert("firing", "srv-web-01", "alertname", "DiskFull")
				w.at(time.Minute + 2*time.Second)
				w.hears(alicesPhone, "SM1", body)
				if s := w.expectState(second, "open"); s.Step != 0 {
					t.Errorf("step %d\n%s", s.Step, timelineOf(s))
				}
				w.hears(alicesPhone, "SM3", "FIN")
				w.expectState(second, "resolved")
			})
		})
	}
}

// TestATextThatAskedBackTakesNothingLater: the text could be about either of
// two tickets.
func TestATextThatAskedBackTakesNothingLater(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		w.alert("firing", "srv-db-01")
		second := w.alert("firing", "srv-web-01", "alertname", "DiskFull")
		w.at(2 * time.Second)
		w.hears(alicesPhone, "SM1", "FIN")
		w.alert("resolved", "srv-db-01")
		w.at(4 * time.Second)
		w.hears(alicesPhone, "SM1", "FIN")
		w.expectState(second, "open")
	})
}

// TestATextThatFailedTakesNothingLater: the text was heard, but not acted on,
// before its only possible ticket existed.
func TestATextThatFailedTakesNothingLater(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		first := w.alert("firing", "srv-db-01")
		w.at(2 * time.Second)
		w.store.Fail(storetest.Once(storetest.FailBefore, "Commit"))
		w.hears(alicesPhone, "SM1", "11 FIN")
		w.store.Fail(storetest.Once(storetest.FailBefore, "Codes"))
		w.hears(alicesPhone, "SM2", "FIN")
		w.hears(alicesPhone, "SM3", "11 FIN")
		w.expectState(first, "resolved")
		w.at(4 * time.Second)
		second := w.alert("firing", "srv-web-01", "alertname", "DiskFull")
		w.at(6 * time.Second)
		w.hears(alicesPhone, "SM2", "FIN")
		w.expectState(second, "open")
	})
}

// TestUndoTakesBackOnce: the same text does not take back what was resolved before.
func TestUndoTakesBackOnce(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		first := w.alert("firing", "srv-db-01")
		second := w.alert("firing", "srv-web-01", "alertname", "DiskFull")
		w.at(2 * time.Second)
		w.hears(alicesPhone, "SM1", "11 FIN")
		w.at(4 * time.Second)
		w.hears(alicesPhone, "SM2", "12 FIN")
		w.at(6 * time.Second)
		w.hears(alicesPhone, "SM3", "UNDO")
		w.hears(alicesPhone, "SM3", "UNDO")
		states := map[string]bool{w.ticket(first).State: true, w.ticket(second).State: true}
		if !states["resolved"] || len(states) != 2 {
			t.Errorf("%v", states)
		}
	})
}

// TestAnIDThatNoRecordCanHave: whatever the provider calls it, a text is heard.
func TestAnIDThatNoRecordCanHave(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		number := w.alert("firing", "srv-db-01")
		w.at(2 * time.Second)
		w.hears(alicesPhone, "a\x00b\n\xff", "11 OK")
		w.expectState(number, "acknowledged")
	})
}
