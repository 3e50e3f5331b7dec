package daemon

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/duty"
)

// offered has alice offer hours of hers to bruno.
func (w *town) offered(from time.Time, length time.Duration) string {
	w.t.Helper()
	r, err := dutyDesk{w.daemon.Load()}.Replace(w.t.Context(), duty.Replacement{
		Kind: duty.Cover, Group: "on-call", Person: "bruno", InsteadOf: "alice", Hours: duty.Hours{From: from, To: from.Add(length)},
	}, duty.Actor{Name: "alice", Person: "alice"}, false)
	if err != nil || r.State != duty.Offered {
		w.t.Fatalf("%+v %v", r, err)
	}
	return r.ID
}

// TestAnOfferThatNobodyAccepts is over when its first hour begins, by one of two daemons
// and over a restart: whose hours they stay is told at once, at night too, and who was
// asked in the morning; the audit log has it once.
func TestAnOfferThatNobodyAccepts(t *testing.T) {
	if daysPassBeside(t) {
		return
	}
	inTownFrom(t, "2026-11-23 20:00", func(t *testing.T, w *town) {
		stopOther := w.run(exampleConfig(t, w.world))
		id := w.offered(time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC), 4*time.Hour)
		w.untilParis("2026-11-24 01:59")
		w.beside(w.alice, 0, "PAS ACCEPTE")
		w.untilParis("2026-11-24 02:01")
		w.beside(w.alice, 1, "PAS ACCEPTE")
		m := w.alice.ExpectSMS(t, "Bruno Petit n'a PAS ACCEPTE")
		if !strings.Contains(m.Body, "on-call, mar. 24 02:00 - mar. 24 06:00") {
			t.Errorf("%q", m.Body)
		}
		w.beside(w.bruno, 0, "termin")
		stopOther()
		defer w.run(exampleConfig(t, w.world))()
		w.untilParis("2026-11-24 06:59")
		w.beside(w.bruno, 0, "termin")
		w.untilParis("2026-11-24 07:01")
		w.bruno.ExpectSMS(t, "La demande de Alice Martin, on-call")
		w.untilParis("2026-11-24 08:00")
		w.beside(w.alice, 1, "PAS ACCEPTE")
		w.beside(w.bruno, 1, "termin")
		if got := onDuty(w.daemon.Load()); got != "alice" {
			t.Errorf("%s are on call", got)
		}
		code, answer := w.call(http.MethodGet, "/api/v1/audit?about=duty&of=on-call", apiToken, nil)
		if code != http.StatusOK || strings.Count(string(answer), `"lapsed"`) != 1 || !strings.Contains(string(answer), `"who":"","about":"duty","of":"on-call","what":"changed"`) {
			t.Errorf("%d %s", code, answer)
		}
		if _, answer = w.call(http.MethodGet, "/api/v1/replacements", apiToken, nil); !strings.Contains(string(answer), `"id":"`+id) || !strings.Contains(string(answer), `"state":"lapsed"`) {
			t.Errorf("%s", answer)
		}
	})
}

// TestAnOfferThatLapsesWhileTheStoreIsAway is told once it is back.
func TestAnOfferThatLapsesWhileTheStoreIsAway(t *testing.T) {
	inTownFrom(t, "2026-11-24 08:30", func(t *testing.T, w *town) {
		w.offered(time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC), 4*time.Hour)
		w.untilParis("2026-11-24 09:59")
		w.store.Fail(storetest.On(storetest.FailBefore))
		w.untilParis("2026-11-24 10:20")
		w.beside(w.alice, 0, "PAS ACCEPTE")
		w.store.Fail(nil)
		w.untilParis("2026-11-24 10:21")
		w.beside(w.alice, 1, "PAS ACCEPTE")
		w.beside(w.bruno, 1, "termin")
	})
}

// TestAnOfferIsToldByWhoeverIsLeft: a daemon that dies once it has ended the offer leaves
// telling it to another one.
func TestAnOfferIsToldByWhoeverIsLeft(t *testing.T) {
	inTownFrom(t, "2026-11-24 08:30", func(t *testing.T, w *town) {
		from := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
		w.offered(from, 4*time.Hour)
		w.untilParis("2026-11-24 09:59")
		book := duty.NewBook(w.store.Records(), nil)
		if lapsed, err := book.Lapse(context.Background(), "another daemon", from); err != nil || len(lapsed) != 1 {
			t.Fatal(lapsed, err)
		}
		w.untilParis("2026-11-24 10:01")
		w.beside(w.alice, 0, "PAS ACCEPTE")
		w.untilParis("2026-11-24 10:03")
		w.beside(w.alice, 1, "PAS ACCEPTE")
		w.beside(w.bruno, 1, "termin")
	})
}
