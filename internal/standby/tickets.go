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

// ErrElsewhere says that only the store knows, and that it is away. Whether
// there is such a ticket is not known, and nothing was done.
var ErrElsewhere = errors.New("standby: that is in the store, which is away")

// Tickets are the tickets that are paged from the spool. They are engine,
// store and phonebook of the web.Server that Standby.Lead leads people to
// meanwhile. People can read them and act on them, but open none. For any
// other ticket the error is ErrElsewhere.
type Tickets struct{ s *Standby }

// Tickets returns the tickets that are paged from the spool.
func (s *Standby) Tickets() Tickets { return Tickets{s} }

// Stands reports whether tickets are paged from the spool. If so, people are
// shown those.
func (s *Standby) Stands() bool { return s.paging() }

// Away says since when the store is away, and how many requests are kept.
// since is zero while the store is there.
func (s *Standby) Away() (since time.Time, kept int) {
	if since, _ = s.away(); since.IsZero() {
		return since, 0
	}
	return since, s.file.Stats().Records
}

// Lead leads people to what is paged from the spool. If nothing is, it leads
// them to the daemon's own pages.
func (s *Standby) Lead(own, away http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.Stands() {
			away.ServeHTTP(w, r)
			return
		}
		own.ServeHTTP(w, r)
	})
}

// with runs f on the second core. It keeps the core no longer than that: a
// slow peer holds nobody up.
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
	_ = t.with(func(e *secondCore) error { // if the core is gone, nobody
		people = e.pager.Engine().WouldPage(of)
		return nil
	})
	return people
}

// Rules implements web.Engine.
func (t Tickets) Rules() *escalation.Rules { return t.s.main.Pager.Rules() }

// Now implements web.Engine.
func (t Tickets) Now() time.Time { return t.s.main.Pager.Engine().Now() }

// Book returns the phonebook of the second core. It reads links, and writes
// nothing.
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
