package daemon

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/lookahead"
	"github.com/astreinte/astreinte/paging/phonetest"
)

// nightly are the messages about the night's tickets that a phone has had.
func nightly(p *phonetest.Phone) (list []string) {
	for _, m := range p.Messages() {
		if m.Data["kind"] == lookahead.KindNightNote {
			list = append(list, m.Title+"\n"+m.Body)
		}
	}
	return list
}

// TestTheNightsTickets go to the customer's referent when business opens, each once by one
// of two daemons, in one message; who took one by day keeps it, and nobody is paged.
func TestTheNightsTickets(t *testing.T) {
	if daysPassBeside(t) {
		return
	}
	inTownFrom(t, "2026-11-24 01:30", func(t *testing.T, w *town) {
		w.registered(w.bruno)
		alone := w.daemon.Load()
		stopOther := w.run(exampleConfig(t, w.world))
		w.untilParis("2026-11-24 02:00")
		first := w.alert("firing", "srv-db-01")
		w.at(time.Since(w.start) + 5*time.Second)
		w.alice.ExpectSMS(t, "srv-db-01").Reply(t, "OK GO")
		second := w.alert("firing", "srv-db-02", "alertname", "DiskFull")
		w.at(time.Since(w.start) + 5*time.Second)
		if code, answer := w.call(http.MethodPost, "/api/v1/tickets/"+second+"/pickup", apiToken, map[string]any{"person": "alice"}); code != http.StatusOK {
			t.Fatalf("%d %s", code, answer)
		}
		if code, answer := w.call(http.MethodPost, "/api/v1/tickets/"+first+"/pickup", apiToken, map[string]any{"person": "alice"}); code != http.StatusOK {
			t.Fatalf("%d %s", code, answer)
		}
		w.untilParis("2026-11-24 08:29")
		if got := nightly(w.bruno); len(got) != 0 {
			t.Errorf("%q", got)
		}
		pages := len(w.bruno.Messages())
		w.untilParis("2026-11-24 08:31")
		got := nightly(w.bruno)
		if len(got) != 1 || !strings.HasPrefix(got[0], "Les tickets de la nuit : 2\n") || !strings.Contains(got[0], first+" srv-db-01 HostDown (Alice Martin l'avait)") {
			t.Fatalf("%q", got)
		}
		if n := len(w.bruno.Messages()); n != pages+1 {
			t.Errorf("%d messages", n-pages)
		}
		for _, number := range []string{first, second} {
			s := w.expectState(number, "in_progress")
			told := 0
			for _, e := range s.Timeline {
				if e.Kind == "assigned" && strings.Contains(e.Text, "of the night, alice → bruno") {
					told++
				}
			}
			if told != 1 {
				t.Errorf("%s", timelineOf(s))
			}
		}
		w.untilParis("2026-11-24 10:00")
		third := w.alert("firing", "srv-db-03", "alertname", "Swap")
		w.at(time.Since(w.start) + 5*time.Second)
		if code, answer := w.call(http.MethodPost, "/api/v1/tickets/"+third+"/pickup", apiToken, map[string]any{"person": "alice"}); code != http.StatusOK {
			t.Fatalf("%d %s", code, answer)
		}
		stopOther()
		w.daemon.Store(alone)
		w.untilParis("2026-11-25 08:00")
		defer w.run(exampleConfig(t, w.world))()
		w.untilParis("2026-11-25 08:31")
		if got := nightly(w.bruno); len(got) != 1 {
			t.Errorf("%q", got)
		}
	})
}

// TestWhoIsOnCallByDayKeepsIt: without a referent the night's tickets stay with whoever is
// on duty by day.
func TestWhoIsOnCallByDayKeepsIt(t *testing.T) {
	inTownFrom(t, "2026-11-24 01:30", func(t *testing.T, w *town) {
		w.untilParis("2026-11-24 02:00")
		number := w.alert("firing", "srv-db-01")
		if code, answer := w.call(http.MethodPost, "/api/v1/tickets/"+number+"/pickup", apiToken, map[string]any{"person": "alice"}); code != http.StatusOK {
			t.Fatalf("%d %s", code, answer)
		}
		w.untilParis("2026-11-24 08:31")
		for _, e := range w.ticket(number).Timeline {
			if e.Kind == "assigned" {
				t.Errorf("%+v", e)
			}
		}
	}, replaced("    referent: bruno\n", ""))
}

// TestWhoHasATicketHandsItOver to anybody, by hand; nobody else does who is no manager.
func TestWhoHasATicketHandsItOver(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		number := w.alert("firing", "srv-db-01")
		w.at(5 * time.Second)
		w.alice.ExpectSMS(t, "srv-db-01").Reply(t, "11 GO")
		alice, bruno := w.signsIn("alice"), w.signsIn("bruno")
		form := url.Values{"action": {"assign"}, "person": {"chloe"}}
		bruno.asks(http.MethodPost, "/tickets/"+number, form)
		for _, e := range w.ticket(number).Timeline {
			if e.Kind == "assigned" {
				t.Errorf("by who has not got it: %+v", e)
			}
		}
		if code, page, _ := alice.asks(http.MethodPost, "/tickets/"+number, form); code != http.StatusSeeOther {
			t.Errorf("%d %s", code, page)
		}
		if s := w.ticket(number); !strings.Contains(timelineOf(s), "assigned: → chloe") {
			t.Errorf("%s", timelineOf(s))
		}
	})
}
