package standby

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// ErrElsewhere is of what the store has, which is away: whether there is such a
// ticket is not known, and nothing was done.
var ErrElsewhere = errors.New("standby: that is in the store, which is away")

// Tickets are those that are paged from the spool, as engine, store and phonebook of
// a web.Server that people are led to meanwhile (Standby.Lead). They can be read and
// acted on, none can be opened, and what is not among them is ErrElsewhere.
type Tickets struct{ s *Standby }

// Tickets are those that are paged from the spool.
func (s *Standby) Tickets() Tickets { return Tickets{s} }

// Stands reports whether tickets are paged from the spool: then people are to be
// shown those.
func (s *Standby) Stands() bool { return s.paging() }

// Away is since when the store is away, and how many requests are kept; zero: it is
// there.
func (s *Standby) Away() (since time.Time, kept int) {
	if since, _ = s.away(); since.IsZero() {
		return since, 0
	}
	return since, s.file.Stats().Records
}

// Lead leads people to what is paged from the spool, and to the daemon's own pages
// where nothing is.
func (s *Standby) Lead(own, away http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.Stands() {
			away.ServeHTTP(w, r)
			return
		}
		own.ServeHTTP(w, r)
	})
}

// with runs f on the second core. It is held no longer than that: a peer that is slow
// holds nobody up.
func (t Tickets) with(f func(e *secondCore) error) error {
	t.s.core.RLock()
	defer t.s.core.RUnlock()
	if t.s.second == nil || !t.s.second.runs() {
		return ErrElsewhere // it was merged just now, or is being merged
	}
	err := f(t.s.second)
	if errors.Is(err, escalation.ErrNotFound) {
		return ErrElsewhere
	}
	return err
}

// Tickets implements web.Store.
func (t Tickets) Tickets(ctx context.Context, q ticket.Query) (list []ticket.Ticket, next string, err error) {
	err = t.with(func(e *secondCore) (err error) {
		list, next, err = e.store.Tickets(ctx, q)
		return err
	})
	return list, next, err
}

// View implements web.Store.
func (t Tickets) View(ctx context.Context, number string) (view ticket.View, err error) {
	err = t.with(func(e *secondCore) (err error) {
		view, err = e.store.View(ctx, number)
		return err
	})
	return view, err
}

// Load implements web.Store.
func (t Tickets) Load(ctx context.Context, source string, numbers []string) (list []ticket.Record, err error) {
	err = t.with(func(e *secondCore) (err error) {
		list, err = e.store.Load(ctx, source, numbers)
		return err
	})
	return list, err
}

// Stats implements console.Store.
func (t Tickets) Stats(ctx context.Context) (stats ticket.Stats, err error) {
	err = t.with(func(e *secondCore) (err error) {
		stats, err = e.store.Stats(ctx)
		return err
	})
	return stats, err
}

// Act implements web.Engine.
func (t Tickets) Act(ctx context.Context, number string, a escalation.Acted) (now ticket.Ticket, err error) {
	err = t.with(func(e *secondCore) (err error) {
		now, err = e.pager.Engine().Act(ctx, number, a)
		return err
	})
	return now, err
}

// OpenByHand implements web.Engine: none can be opened.
func (Tickets) OpenByHand(context.Context, escalation.Draft) (ticket.Ticket, error) {
	return ticket.Ticket{}, ErrElsewhere
}

// WouldPage implements web.Engine.
func (t Tickets) WouldPage(of ticket.Ticket) (people []string) {
	_ = t.with(func(e *secondCore) error { // where it is gone, nobody
		people = e.pager.Engine().WouldPage(of)
		return nil
	})
	return people
}

// Rules implements web.Engine.
func (t Tickets) Rules() *escalation.Rules { return t.s.main.Pager.Rules() }

// Now implements web.Engine.
func (t Tickets) Now() time.Time { return t.s.main.Pager.Engine().Now() }

// Book is the phonebook of the second core: its links can be read, and nothing can be
// written.
func (t Tickets) Book() paging.Phonebook { return secondBook{t} }

type secondBook struct{ t Tickets }

var _ paging.Phonebook = secondBook{}

// Link implements paging.Phonebook.
func (b secondBook) Link(ctx context.Context, hash string) (link paging.Link, err error) {
	err = b.t.with(func(e *secondCore) (err error) {
		link, err = e.store.Link(ctx, hash)
		return err
	})
	return link, err
}

// Reserve implements paging.Phonebook.
func (secondBook) Reserve(context.Context, paging.Reservation) (int, error) { return 0, ErrElsewhere }

// Release implements paging.Phonebook.
func (secondBook) Release(context.Context, string, string, time.Time) error { return ErrElsewhere }

// Codes implements paging.Phonebook.
func (secondBook) Codes(context.Context, string) ([]paging.Code, error) { return nil, ErrElsewhere }

// Devices implements paging.Phonebook.
func (secondBook) Devices(context.Context, string) ([]paging.Device, error) {
	return nil, ErrElsewhere
}

// PutDevice implements paging.Phonebook.
func (secondBook) PutDevice(context.Context, paging.Device) (paging.Device, error) {
	return paging.Device{}, ErrElsewhere
}

// DropDevice implements paging.Phonebook.
func (secondBook) DropDevice(context.Context, string, string) error { return ErrElsewhere }

// DeviceShown implements paging.Phonebook.
func (secondBook) DeviceShown(context.Context, string, string, time.Time) error { return ErrElsewhere }
