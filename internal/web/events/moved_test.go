package events

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

var theDay = time.Date(2026, 11, 21, 3, 12, 0, 0, time.UTC)

// drawer is where tickets are read.
type drawer struct {
	mu    sync.Mutex
	looks int
	err   error
}

func (d *drawer) Load(_ context.Context, source string, numbers []string) (list []ticket.Record, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.looks++
	for _, number := range numbers {
		if source == "prometheus" && number != "I9" {
			list = append(list, ticket.Record{Ticket: *changed(number, ticket.Open, theDay)})
		}
	}
	return list, d.err
}

// TestWhatMovesBesideATicketIsTold as the ticket is by then, at once, here and at the
// other daemon; a ticket that is not there is not told of.
func TestWhatMovesBesideATicketIsTold(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		d := &drawer{}
		for range 3 {
			h.one.Moved(d, "prometheus", "I1")
		}
		h.one.Moved(d, "prometheus", "I9")
		time.Sleep(2 * Pace)
		for i, r := range h.hears {
			if hints := told(t, r); len(hints) == 0 || len(hints) > 2 || hints[0].Number != "I1" || hints[0].State != ticket.Open {
				t.Errorf("daemon %d: %+v", i+1, hints)
			}
		}
	})
}

// TestWhatChangedNeedsNoLook: a ticket that was committed too is told as it was
// committed.
func TestWhatChangedNeedsNoLook(t *testing.T) {
	c := NewChanges(NewHub(), &air{})
	d := &drawer{}
	c.Moved(d, "prometheus", "I1")
	c.Changed(changed("I1", ticket.Acknowledged, theDay))
	if m := c.take(t.Context()); len(m.Tickets) != 1 || m.Tickets[0].State != ticket.Acknowledged || d.looks != 0 {
		t.Errorf("%+v after %d looks", m, d.looks)
	}
	if m := c.take(t.Context()); len(m.Tickets) != 0 || m.Resync {
		t.Errorf("told again: %+v", m)
	}
}

// TestTooMuchToLookAt is told as a resync, and none of it is looked at.
func TestTooMuchToLookAt(t *testing.T) {
	c := NewChanges(NewHub(), &air{}) // nobody takes of it meanwhile
	d := &drawer{}
	for i := range lookAtOnce + 1 {
		c.Moved(d, "prometheus", fmt.Sprintf("I%d", i))
	}
	if m := c.take(t.Context()); !m.Resync || len(m.Tickets) != 0 || d.looks != 0 {
		t.Errorf("%+v after %d looks", m, d.looks)
	}
}

// TestWhatCannotBeLookedAt, or is anything, is told as a resync.
func TestWhatCannotBeLookedAt(t *testing.T) {
	for name, do := range map[string]func(c *Changes, d *drawer){
		"the store is away": func(c *Changes, d *drawer) {
			d.err = errors.New("away")
			c.Moved(d, "prometheus", "I1")
		},
		"anything": func(c *Changes, _ *drawer) {
			c.Changed(changed("I1", ticket.Open, theDay))
			c.Anything()
		},
	} {
		inHouse(t, func(t *testing.T, h *house) {
			do(h.one, &drawer{})
			synctest.Wait()
			for i, r := range h.hears {
				if heard := names(r.all()); len(heard) == 0 || heard[len(heard)-1] != Resync {
					t.Errorf("%s: daemon %d: %v", name, i+1, heard)
				}
			}
		})
	}
}

// TestNobodyListens: where nobody hears, nothing is read.
func TestNobodyListens(t *testing.T) {
	c := NewChanges(NewHub(), nil)
	d := &drawer{}
	c.Moved(d, "prometheus", "I1")
	if m := c.take(t.Context()); len(m.Tickets) != 0 || d.looks != 0 {
		t.Errorf("%+v after %d looks", m, d.looks)
	}
}
