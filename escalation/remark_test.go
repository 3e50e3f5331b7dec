package escalation_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/ticket"
)

func remarkOn(name string, status ticket.AlertStatus, kind ticket.RemarkKind, what string) ticket.Alert {
	a := alert(name, status)
	a.Remark = &ticket.Remark{Kind: kind, By: "nagiosadmin", What: what}
	return a
}

// TestRemarks: what a tool says besides reaches the ticket of its alert,
// whether that fires, is over or is unknown.
func TestRemarks(t *testing.T) {
	inHouse(t, func(h *house) {
		if got := h.post(remarkOn("a", ticket.Unsaid, ticket.RemarkTaken, "ACKNOWLEDGEMENT")); len(got) != 0 {
			t.Errorf("an acknowledgement of what nobody knows is of %v", got)
		}
		number := h.post(alert("a", ticket.Firing))[0]
		h.at(time.Minute)
		for _, a := range []ticket.Alert{
			remarkOn("a", ticket.Firing, ticket.RemarkNoted, "DOWNTIMESTART"), // a repeat
			remarkOn("a", ticket.Unsaid, ticket.RemarkTaken, "ACKNOWLEDGEMENT"),
		} {
			if got := h.post(a); len(got) != 1 || got[0] != number {
				t.Errorf("%s is of %v, want %s", a.Remark.What, got, number)
			}
		}
		v := h.view(number)
		if v.Ticket.State != ticket.Acknowledged || v.Ticket.AcknowledgedBy.Name != "nagiosadmin" || v.Ticket.Firing != 1 {
			t.Errorf("%s by %v, %d firing", v.Ticket.State, v.Ticket.AcknowledgedBy, v.Ticket.Firing)
		}
		if kept := v.Alerts[0]; kept.Remark != nil || kept.Count != 2 || !kept.LastAt.Equal(time.Now()) || kept.Status != ticket.Firing {
			t.Errorf("kept as %+v", kept)
		}
		h.at(2 * time.Minute)
		h.post(alert("a", ticket.Resolved))
		h.post(remarkOn("a", ticket.Unsaid, ticket.RemarkNoted, "FLAPPINGSTOP"))
		v = h.view(number)
		if last := v.Timeline[len(v.Timeline)-1]; v.Ticket.State != ticket.StateResolved || last.Kind != ticket.EntryTool || last.Args.Remark != "FLAPPINGSTOP" {
			t.Errorf("%s, last %+v", v.Ticket.State, last)
		}
		// What is not OK opens what is closed.
		h.at(3 * 24 * time.Hour)
		again := h.post(remarkOn("a", ticket.Firing, ticket.RemarkNoted, "DOWNTIMEEND"))
		if v := h.view(again[0]); again[0] == number || v.Ticket.State != ticket.Open || len(v.Pages) == 0 {
			t.Errorf("%s %s, %d pages", again[0], v.Ticket.State, len(v.Pages))
		}
	})
}

// TestARemarkWhileItsAlertEnds: another engine hears that the alert is over after the
// remark's alert was read, and before its ticket is.
func TestARemarkWhileItsAlertEnds(t *testing.T) {
	inHouse(t, func(h *house) {
		number := h.post(alert("a", ticket.Firing))[0]
		other := &house{Engine: newEngine(t, h.store), t: t, store: h.store, start: h.start}
		h.at(time.Minute)
		h.store.Fail(storetest.Once(storetest.Block, "Load"))
		done := make(chan struct{})
		go func() {
			defer close(done)
			h.post(remarkOn("a", ticket.Firing, ticket.RemarkNoted, "DOWNTIMESTART")) // a repeat
		}()
		synctest.Wait()
		other.post(alert("a", ticket.Resolved))
		h.store.Unblock()
		<-done
		if v := h.view(number); v.Alerts[0].Status != ticket.Firing || v.Ticket.Firing != 1 || v.Ticket.State != ticket.Open { // it was said last
			t.Errorf("the alert is %s, and the ticket %s with %d that fire", v.Alerts[0].Status, v.Ticket.State, v.Ticket.Firing)
		}
	})
}

// TestRemarksInOneRequest: in the order in which they were said.
func TestRemarksInOneRequest(t *testing.T) {
	inHouse(t, func(h *house) {
		numbers := h.post(
			alert("a", ticket.Firing), remarkOn("a", ticket.Unsaid, ticket.RemarkNoted, "one"),
			remarkOn("b", ticket.Firing, ticket.RemarkTaken, "taken"), alert("b", ticket.Firing),
			remarkOn("c", ticket.Unsaid, ticket.RemarkTaken, "of nothing"),
		)
		if len(numbers) != 1 {
			t.Fatalf("%v", numbers) // one group
		}
		v := h.view(numbers[0])
		if v.Ticket.Firing != 2 || v.Ticket.State != ticket.Acknowledged {
			t.Errorf("%d firing, %s", v.Ticket.Firing, v.Ticket.State)
		}
	})
}

// TestARemarkThatLandedTwice: the store failed and the change landed. The
// second try says nothing new.
func TestARemarkThatLandedTwice(t *testing.T) {
	inHouse(t, func(h *house) {
		number := h.post(alert("a", ticket.Firing))[0]
		h.at(time.Minute)
		b := ticket.Batch{Source: "prometheus", Alerts: []ticket.Alert{remarkOn("a", ticket.Unsaid, ticket.RemarkNoted, "CUSTOM")}}
		for range 2 {
			if _, err := h.Ingest(context.Background(), b); err != nil {
				t.Fatal(err)
			}
		}
		n := 0
		for _, e := range h.view(number).Timeline {
			if e.Kind == ticket.EntryTool {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%d lines", n)
		}
	})
}

// TestAWordThatIsLate: a sender tries again what was not answered, so the
// beginning of what is over may come after its end. It opens nothing again.
func TestAWordThatIsLate(t *testing.T) {
	for name, tt := range map[string]struct {
		again  ticket.Again
		starts time.Duration // of the word that comes after the end
		opens  bool
	}{
		"fires anew":                     {ticket.AgainAnew, 0, true},
		"of one occurrence":              {ticket.AgainNever, time.Hour, false},
		"began before that end":          {ticket.AgainLater, 0, false},
		"began after it":                 {ticket.AgainLater, time.Hour, true},
		"does not say when it began":     {ticket.AgainLater, -1, true},
		"began in the moment of the end": {ticket.AgainLater, 2 * time.Minute, true},
	} {
		t.Run(name, func(t *testing.T) {
			inHouse(t, func(h *house) {
				at := func(d time.Duration) time.Time {
					if d < 0 {
						return time.Time{}
					}
					return h.start.Add(d)
				}
				word := func(status ticket.AlertStatus, from, to time.Duration) ticket.Alert {
					a := alert("a", status)
					a.Again, a.StartsAt, a.EndsAt = tt.again, at(from), at(to)
					return a
				}
				number := h.post(word(ticket.Firing, 0, -1))[0]
				h.at(2 * time.Minute)
				h.post(word(ticket.Resolved, 0, 2*time.Minute))
				h.at(3 * time.Minute)
				h.post(word(ticket.Firing, tt.starts, -1))
				if open := h.view(number).Ticket.State == ticket.Open; open != tt.opens {
					t.Errorf("it is %s", h.view(number).Ticket.State)
				}
			})
		})
	}
}
