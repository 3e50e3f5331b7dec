package recheck

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Run sees to what was asked, here or at another daemon, until ctx ends.
func (c *Checks) Run(ctx context.Context) {
	hints := c.o.Records.Watch(ctx, Kind)
	for ctx.Err() == nil {
		n, err := c.claim(ctx)
		if n > 0 {
			continue
		}
		wait := lookEvery
		if err != nil {
			wait = backEvery // whoever needs the store says that it is away
		}
		timer, stop := c.o.Clock.NewTimer(wait)
		select {
		case <-timer:
		case <-hints:
		case <-c.soon:
		case <-ctx.Done():
		}
		stop()
	}
	c.working.Wait()
}

// claim takes what is due, as much as there are workers free.
func (c *Checks) claim(ctx context.Context) (int, error) {
	select {
	case c.slots <- struct{}{}:
	case <-ctx.Done():
		return 0, nil
	}
	limited, cancel := context.WithTimeout(ctx, storeLimit)
	defer cancel()
	now := c.o.Clock.Now()
	list, err := c.o.Records.Claim(limited, records.Claim{Kind: Kind, Owner: c.o.Owner, Now: now, Until: now.Add(storeLimit), Most: 1})
	if err != nil || len(list) == 0 {
		<-c.slots
		return 0, err //nolint:wrapcheck // nobody reads it
	}
	c.working.Go(func() {
		defer func() { <-c.slots }()
		c.work(ctx, list[0].Home, list[0].Key)
	})
	return 1, nil
}

// hand is one daemon's work on one re-check.
type hand struct {
	*Checks
	home, number string
	mine         string // names it in the record
}

// work brings a re-check as far as it gets. What it leaves is due when its lease ends.
func (c *Checks) work(ctx context.Context, home, number string) {
	h := &hand{Checks: c, home: home, number: number, mine: c.o.Owner + "/" + rand.Text()[:8]}
	limited, cancel := context.WithTimeout(ctx, storeLimit)
	defer cancel()
	item, err := c.book.get(limited, home, number)
	if err == nil && (item.Of.ID == "" || item.Of.over(c.o.Clock.Now())) {
		if err := c.book.forget(limited, &item); err != nil && ctx.Err() == nil {
			c.o.Log.Warn("a re-check that is over could not be forgotten", zap.String("ticket", number), zap.Error(err))
		}
		return
	}
	if err != nil {
		return // its claim runs out
	}
	a, err := h.change(limited, func(a *asking, due time.Time) error {
		if a.ID == "" || a.Holder != "" && due.After(c.o.Clock.Now()) {
			return errLeft // somebody else has it
		}
		a.Holder = h.mine
		return nil
	})
	if err == nil && a.Found == nil {
		a, err = h.find(ctx, &a)
	}
	if err == nil && !a.Noted {
		a, err = h.note(ctx, &a)
	}
	if err == nil {
		err = h.tell(ctx, &a)
	}
	if err != nil && !errors.Is(err, errLeft) && ctx.Err() == nil {
		c.o.Log.Warn("a re-check has to wait", zap.String("ticket", number), zap.Error(err))
	}
}

// over says whether the answer was there for long enough.
func (a *asking) over(now time.Time) bool {
	return a.Found != nil && a.Noted && a.untold() < 0 && !now.Before(a.FoundAt.Add(keptFor))
}

// change writes the record, and that this daemon has it for a lease more.
func (h *hand) change(ctx context.Context, edit func(a *asking, due time.Time) error) (asking, error) {
	return h.book.change(ctx, h.home, h.number, func(a *asking, due time.Time) (time.Time, error) {
		err := edit(a, due)
		return h.o.Clock.Now().Add(lease), err
	})
}

// held is change, unless somebody else has the re-check by now.
func (h *hand) held(ctx context.Context, edit func(a *asking)) (asking, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeLimit)
	defer cancel()
	return h.change(ctx, func(a *asking, _ time.Time) error {
		if a.Holder != h.mine {
			return errLeft
		}
		edit(a)
		return nil
	})
}

// find finds out, and writes that down. A daemon that stops gives back what it has not
// found out.
func (h *hand) find(ctx context.Context, a *asking) (asking, error) {
	found, err := h.check(ctx, a)
	if err != nil {
		_, _ = h.book.change(context.WithoutCancel(ctx), h.home, h.number, func(a *asking, due time.Time) (time.Time, error) {
			if a.Holder != h.mine {
				return due, errLeft
			}
			a.Holder = ""
			return h.o.Clock.Now(), nil
		})
		return *a, err
	}
	now := h.o.Clock.Now()
	h.metrics.done(found, now.Sub(a.At))
	return h.held(ctx, func(a *asking) { a.Found, a.FoundAt = found, now })
}

// check finds out within the time that is left. The error says that the daemon stops, or
// that another one has the re-check.
func (h *hand) check(ctx context.Context, a *asking) (*ticket.Found, error) {
	left := a.Until.Add(-answerRoom).Sub(h.o.Clock.Now())
	if left <= 0 {
		return unclear(ticket.ReasonTooLate, h.o.Clock.Now()), nil
	}
	work, done := context.WithTimeout(ctx, left)
	defer done()
	lost := make(chan struct{})
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		h.extend(work, done, lost)
	}()
	var found *ticket.Found
	view, err := h.view(work)
	switch {
	case err == nil:
		found = h.ask(work, &view)
	case errors.Is(err, escalation.ErrNotFound):
		found = unclear(ticket.ReasonNothing, h.o.Clock.Now())
	default:
		found = unclear(ticket.ReasonTooLate, h.o.Clock.Now())
	}
	done()
	<-stopped
	select {
	case <-lost:
		return nil, errLeft
	default:
	}
	if ctx.Err() != nil {
		return nil, fmt.Errorf("recheck: %w", ctx.Err())
	}
	return found, nil
}

// view reads the ticket, as often as it takes.
func (h *hand) view(ctx context.Context) (ticket.View, error) {
	for {
		view, err := h.o.Tickets.View(ctx, h.number)
		if err == nil || errors.Is(err, escalation.ErrNotFound) {
			return view, err //nolint:wrapcheck // it names itself
		}
		timer, stop := h.o.Clock.NewTimer(backEvery)
		select {
		case <-timer:
			stop()
		case <-ctx.Done():
			stop()
			return view, err //nolint:wrapcheck // likewise
		}
	}
}

// extend says again and again that this daemon is at work. If another one is by now, it
// ends the work and closes lost.
func (h *hand) extend(ctx context.Context, end func(), lost chan struct{}) {
	for {
		timer, stop := h.o.Clock.NewTimer(extendEvery)
		select {
		case <-timer:
			stop()
		case <-ctx.Done():
			stop()
			return
		}
		if _, err := h.held(ctx, func(*asking) {}); errors.Is(err, errLeft) {
			close(lost)
			end()
			return
		}
	}
}

// note puts the answer onto the ticket's timeline, once. A ticket that is gone or closed
// has none.
func (h *hand) note(ctx context.Context, a *asking) (asking, error) {
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeLimit)
	defer cancel()
	acted := escalation.Acted{
		Action: escalation.ActRecheck, Once: Kind + " " + a.ID,
		Said: ticket.Said{Detail: ticket.SaidFound, Args: ticket.Args{Found: a.Found}},
	}
	if len(a.Askers) > 0 {
		acted.Actor, acted.Via = a.Askers[0].Actor, a.Askers[0].Via
	}
	_, err := h.o.Engine.Act(limited, h.number, acted)
	var state *escalation.StateError
	if err != nil && !errors.Is(err, escalation.ErrDone) && !errors.Is(err, escalation.ErrNotFound) && !errors.As(err, &state) {
		return *a, fmt.Errorf("recheck: note what was found of %s: %w", h.number, err)
	}
	return h.held(ctx, func(a *asking) { a.Noted = true })
}

// tell answers each phone that asked, and gives the record up until it may be forgotten,
// or until those are told again whom nobody could tell.
func (h *hand) tell(ctx context.Context, a *asking) error {
	for i := range a.Askers {
		if !a.Askers[i].waits() {
			continue
		}
		if _, err := h.held(ctx, func(*asking) {}); err != nil { // a lease for the message
			return err
		}
		who, again := a.Askers[i].Asked, a.Askers[i].Tries > 0
		limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), lease)
		err := h.o.Tell(limited, who, h.number, a.Found, again)
		cancel()
		if err != nil {
			h.o.Log.Warn("the answer to a re-check was not taken", zap.String("ticket", h.number), zap.String("person", who.Actor.Name), zap.Error(err))
		}
		if _, err := h.held(ctx, func(a *asking) { a.told(who.Phone, err == nil, h.metrics) }); err != nil {
			return err
		}
	}
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeLimit)
	defer cancel()
	_, err := h.book.change(limited, h.home, h.number, func(a *asking, due time.Time) (time.Time, error) {
		if a.Holder != h.mine {
			return due, errLeft
		}
		a.Holder = ""
		if i := a.untold(); i >= 0 {
			return h.o.Clock.Now().Add(tellAgain * time.Duration(a.Askers[i].Tries)), nil
		}
		return a.FoundAt.Add(keptFor), nil
	})
	return err
}

// told notes what became of an answer to a phone.
func (a *asking) told(phone string, taken bool, m *metrics) {
	for i := range a.Askers {
		if one := &a.Askers[i]; one.Phone == phone && one.waits() {
			one.Told = taken
			if one.Tries++; !taken && one.Tries == tellTries {
				m.untold.Inc()
			}
		}
	}
}
