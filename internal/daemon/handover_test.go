package daemon

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/paging/phonetest"
)

// beside expects so many messages of a phone that are no pages and no replies.
func (w *town) beside(p *phonetest.Phone, want int, word string) {
	w.t.Helper()
	got := 0
	for _, m := range p.Messages() {
		if strings.Contains(m.Body, word) {
			got++
		}
	}
	if got != want {
		w.t.Errorf("%s has had %d of %q, not %d: %v", p.Name(), got, word, want, p.Messages())
	}
}

// untilParis passes the time to an instant of Paris, in winter.
func (w *town) untilParis(text string) {
	w.t.Helper()
	at, err := time.Parse("2006-01-02 15:04", text)
	if err != nil {
		w.t.Fatal(err)
	}
	time.Sleep(time.Until(at.Add(-time.Hour)))
	synctest.Wait()
}

// TestAHandoverThatIsConfirmed: asked a day before, confirmed by OK, and nothing more.
func TestAHandoverThatIsConfirmed(t *testing.T) {
	if daysPassBeside(t) {
		return
	}
	inTownFrom(t, "2026-11-25 08:30", func(t *testing.T, w *town) {
		w.untilParis("2026-11-25 08:59")
		w.beside(w.bruno, 0, "ASTREINTE on-call")
		w.untilParis("2026-11-25 09:01")
		w.beside(w.bruno, 1, "ASTREINTE on-call")
		m := w.bruno.ExpectSMS(t, "ASTREINTE on-call")
		if !strings.Contains(m.Body, "jeu. 26 09:00") || !strings.Contains(m.Body, publicURL+"/r/") {
			t.Errorf("%q", m.Body)
		}
		m.Reply(t, "OK")
		synctest.Wait()
		w.beside(w.bruno, 1, "Merci, vous etes pret")
		w.expectProofs("bruno", "sms +33612345602 answer")
		w.untilParis("2026-11-26 09:31")
		w.beside(w.bruno, 1, "ASTREINTE on-call")
		w.beside(w.dominique, 0, "pas confirm")
		if got := onDuty(w.daemon.Load()); got != "bruno" {
			t.Errorf("%s are on call", got)
		}
	})
}

// TestAHandoverThatNobodyConfirms: asked three times, over a restart and by one of two
// daemons; the manager is told, and the one before stays on, until the other answers.
func TestAHandoverThatNobodyConfirms(t *testing.T) {
	if daysPassBeside(t) {
		return
	}
	inTownFrom(t, "2026-11-25 08:30", func(t *testing.T, w *town) {
		w.untilParis("2026-11-25 09:01")
		w.beside(w.bruno, 1, "ASTREINTE on-call")
		first := w.daemon.Load()
		stopOther := w.run(exampleConfig(t, w.world)) // and a second daemon
		w.untilParis("2026-11-25 10:00")
		stopOther()
		w.untilParis("2026-11-26 08:00")
		defer w.run(exampleConfig(t, w.world))() // and a third
		w.untilParis("2026-11-26 08:29")
		w.beside(w.bruno, 1, "ASTREINTE on-call")
		w.untilParis("2026-11-26 08:31")
		w.beside(w.bruno, 2, "ASTREINTE on-call")
		w.beside(w.dominique, 0, "pas confirm")
		w.untilParis("2026-11-26 09:01")
		w.beside(w.bruno, 3, "ASTREINTE on-call")
		w.beside(w.dominique, 1, "pas confirm")
		w.dominique.ExpectSMS(t, "n'a pas confirm")
		for _, d := range []*Daemon{first, w.daemon.Load()} {
			if got := onDuty(d); got != "bruno alice" {
				t.Errorf("%s are on call", got)
			}
		}
		if _, answer := w.call(http.MethodGet, "/api/v1/groups/on-call", apiToken, nil); !strings.Contains(string(answer), `{"person":"alice","why":"stays until bruno confirms","until":"2026-11-27T08:00:00Z"}`) {
			t.Errorf("%s", answer)
		}
		for _, query := range []string{"", "?at=2026-11-26T20:00:00Z"} {
			if _, answer := w.call(http.MethodGet, "/api/v1/oncall"+query, apiToken, nil); !strings.Contains(string(answer), `"why":[{"person":"bruno","why":"week"},{"person":"alice","why":"stays until bruno confirms","until":"2026-11-27T08:00:00Z"}]`) {
				t.Errorf("%s", answer)
			}
		}
		w.signsIn("dominique").get("/oncall", http.StatusOK, "Alice Martin stays on call in on-call until Bruno Petit confirms, until ", " at most.")
		w.alert("firing", "srv-db-01")
		time.Sleep(10 * time.Second)
		w.expectCount(w.alice, 1)
		w.expectCount(w.bruno, 1)
		w.bruno.ExpectSMS(t, "HostDown").Reply(t, "11 OK")
		synctest.Wait()
		for _, d := range []*Daemon{first, w.daemon.Load()} {
			time.Sleep(time.Second)
			if got := onDuty(d); got != "bruno" {
				t.Errorf("%s are on call", got)
			}
		}
	})
}

// TestWhoStaysOnStays: a day at most, over a restart, and while the store is away.
func TestWhoStaysOnStays(t *testing.T) {
	if daysPassBeside(t) {
		return
	}
	inTownFrom(t, "2026-11-25 08:30", func(t *testing.T, w *town) {
		w.untilParis("2026-11-26 09:01")
		w.store.Fail(storetest.On(storetest.FailBefore))
		w.untilParis("2026-11-26 10:00")
		if got := onDuty(w.daemon.Load()); got != "bruno alice" {
			t.Errorf("%s are on call while the store is away", got)
		}
		w.store.Fail(nil)
		w.untilParis("2026-11-27 08:30")
		stopOther := w.run(exampleConfig(t, w.world))
		defer func() { stopOther() }()
		w.untilParis("2026-11-27 08:59")
		if got := onDuty(w.daemon.Load()); got != "bruno alice" {
			t.Errorf("%s are on call, by a daemon that has just started", got)
		}
		w.untilParis("2026-11-27 09:00")
		if got := onDuty(w.daemon.Load()); got != "bruno" {
			t.Errorf("%s are on call a day later", got)
		}
	})
}

// TestAHandoverBringsWhatIsOpen: by SMS where there is no push, and nothing where
// nothing is open.
func TestAHandoverBringsWhatIsOpen(t *testing.T) {
	if daysPassBeside(t) {
		return
	}
	inTownFrom(t, "2026-11-25 08:30", func(t *testing.T, w *town) {
		number := w.alert("firing", "srv-db-01")
		w.at(10 * time.Second)
		w.alice.ExpectSMS(t, "HostDown").Reply(t, "11 GO")
		w.untilParis("2026-11-25 09:01")
		w.bruno.ExpectSMS(t, "ASTREINTE on-call").Reply(t, "OK")
		w.untilParis("2026-11-26 09:01")
		w.expectState(number, "in_progress")
		m := w.bruno.ExpectSMS(t, "Ouverts: 1")
		if !strings.Contains(m.Body, "1 par Alice Martin") || !strings.Contains(m.Body, "cette semaine: 1") || !strings.Contains(m.Body, "HostDown") {
			t.Errorf("%q", m.Body)
		}
	})
}

// TestADrill: everybody of the group is asked, by every channel; who answers is told by
// what; it opens no ticket.
func TestADrill(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		code, answer := w.call(http.MethodPost, "/api/v1/drills", apiToken, map[string]string{"group": "on-call"})
		if code != http.StatusCreated {
			t.Fatalf("%d %s", code, answer)
		}
		_, id, _ := strings.Cut(string(answer), `"id":"`)
		id, _, _ = strings.Cut(id, `"`)
		w.at(2 * time.Second)
		w.alice.ExpectSMS(t, "EXERCICE").Reply(t, "OK")
		m := w.bruno.ExpectSMS(t, "EXERCICE")
		_, link, _ := strings.Cut(m.Body, publicURL+"/r/")
		if code := w.pressed("/r/"+link, "").Code; code != http.StatusSeeOther {
			t.Errorf("%d", code)
		}
		if code, answer := w.call(http.MethodPost, "/api/v1/drills", apiToken, map[string]string{"group": "on-call"}); code != http.StatusConflict {
			t.Errorf("%d %s", code, answer)
		}
		w.at(70 * time.Second)
		_, answer = w.call(http.MethodGet, "/api/v1/drills/"+id, apiToken, nil)
		for _, want := range []string{
			`"running":false`, `{"person":"alice","answered_at":"2026-11-21T02:12:0`, `"how":"answer","channel":"sms","address":"+33612345601"`,
			`"how":"link","channel":"sms","address":"+33612345602"`, `{"person":"chloe","messages":[{"channel":"sms"`,
		} {
			if !strings.Contains(string(answer), want) {
				t.Errorf("%s is not in %s", want, answer)
			}
		}
		w.expectProofs("alice", "sms +33612345601 drill")
		if _, answer := w.call(http.MethodGet, "/api/v1/tickets", apiToken, nil); !strings.Contains(string(answer), `"tickets":[]`) {
			t.Errorf("%s", answer)
		}
	})
}
