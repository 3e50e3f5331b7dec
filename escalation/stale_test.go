package escalation_test

import (
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// occurrence is an alert from since to over, in seconds before now. If over is
// 0, it fires.
func (h *house) occurrence(since, over int) ticket.Alert {
	a := alert("srv-db-01", ticket.Firing)
	now := time.Now()
	a.StartsAt = now.Add(-time.Duration(since) * time.Second)
	if over > 0 {
		a.Status, a.EndsAt = ticket.Resolved, now.Add(-time.Duration(over)*time.Second)
	}
	return a
}

func TestAStaleResolveEndsNothing(t *testing.T) {
	tests := []struct {
		name  string
		posts func(h *house) [][]ticket.Alert
		state ticket.State
	}{
		{"two bodies", func(h *house) [][]ticket.Alert {
			return [][]ticket.Alert{{h.occurrence(30, 0)}, {h.occurrence(600, 300)}}
		}, ticket.Open},
		{"one body", func(h *house) [][]ticket.Alert {
			return [][]ticket.Alert{{h.occurrence(30, 0), h.occurrence(600, 300)}}
		}, ticket.Open},
		{"one body, the other way round", func(h *house) [][]ticket.Alert {
			return [][]ticket.Alert{{h.occurrence(600, 300), h.occurrence(30, 0)}}
		}, ticket.Open},
		{"one body with both, of what fires", func(h *house) [][]ticket.Alert {
			return [][]ticket.Alert{{h.occurrence(30, 0)}, {h.occurrence(600, 300), h.occurrence(30, 0), h.occurrence(600, 300)}}
		}, ticket.Open},
		{"the earlier one was known", func(h *house) [][]ticket.Alert {
			return [][]ticket.Alert{{h.occurrence(600, 0)}, {h.occurrence(30, 0)}, {h.occurrence(600, 300)}}
		}, ticket.Open},
		{"the earlier one was known, in one body", func(h *house) [][]ticket.Alert {
			return [][]ticket.Alert{{h.occurrence(600, 0)}, {h.occurrence(30, 0), h.occurrence(600, 300)}}
		}, ticket.Open},
		{"it is repeated once more by who lags behind", func(h *house) [][]ticket.Alert {
			return [][]ticket.Alert{{h.occurrence(600, 0)}, {h.occurrence(30, 0)}, {h.occurrence(600, 0)}, {h.occurrence(600, 300)}}
		}, ticket.Open},
		{"it is more urgent to who lags behind", func(h *house) [][]ticket.Alert {
			major := h.occurrence(30, 0)
			major.Labels["severity"] = "error"
			return [][]ticket.Alert{{major}, {h.occurrence(600, 0)}, {h.occurrence(600, 300)}}
		}, ticket.Open},
		{"the same begin", func(h *house) [][]ticket.Alert {
			return [][]ticket.Alert{{h.occurrence(30, 0)}, {h.occurrence(30, 1)}}
		}, ticket.StateResolved},
		{"an end after the present begin", func(h *house) [][]ticket.Alert {
			return [][]ticket.Alert{{h.occurrence(30, 0)}, {h.occurrence(600, 1)}}
		}, ticket.StateResolved},
		{"stale, then its own", func(h *house) [][]ticket.Alert {
			return [][]ticket.Alert{{h.occurrence(30, 0)}, {h.occurrence(600, 300), h.occurrence(30, 1)}}
		}, ticket.StateResolved},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inHouse(t, func(h *house) {
				h.at(20 * time.Minute)
				posts := tt.posts(h)
				h.duty()
				number := ""
				for i, alerts := range posts {
					if tickets := h.post(alerts...); len(tickets) > 0 {
						number = tickets[0]
					}
					h.at(20*time.Minute + time.Duration(i+1)*time.Second)
				}
				v := h.view(number)
				if v.Ticket.State != tt.state {
					t.Fatalf("the ticket is %s, want %s: %v", v.Ticket.State, tt.state, v.Timeline)
				}
				paged := len(v.Pages)
				h.at(30 * time.Minute)
				if more := len(h.view(number).Pages) > paged; more != (tt.state == ticket.Open) {
					t.Errorf("it pages on: %v", more)
				}
			})
		})
	}
}

// A later beginning of an alert that fires already is noted, and wakes nobody.
func TestALaterBeginIsARepeat(t *testing.T) {
	inHouse(t, func(h *house) {
		h.at(20 * time.Minute)
		number := h.post(h.occurrence(600, 0))[0]
		act(t, h, number, "acknowledge", "alice")
		h.at(21 * time.Minute)
		was := h.view(number)
		later := h.occurrence(30, 0)
		if tickets := h.post(later); len(tickets) != 1 || tickets[0] != number {
			t.Fatalf("tickets %v", tickets)
		}
		v := h.view(number)
		if v.Ticket.State != ticket.Acknowledged || len(v.Timeline) != len(was.Timeline) || len(v.Pages) != len(was.Pages) {
			t.Errorf("%s, timeline %v, pages %v", v.Ticket.State, v.Timeline, v.Pages)
		}
		if a := v.Alerts[0]; !a.StartsAt.Equal(later.StartsAt) || a.Count != 2 {
			t.Errorf("since %s, heard %d times", a.StartsAt, a.Count)
		}
	})
}
