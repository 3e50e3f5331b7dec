package silence

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/prometheus/alertmanager/pkg/labels"
	"github.com/prometheus/common/model"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
)

const (
	// claimedFor is how long whoever looks over the tickets may take. If that daemon
	// ends meanwhile, another one does it all again.
	claimedFor = 2 * time.Minute
	// atOnce is how many tickets are listed together.
	atOnce = 500
	// looks is how often a ticket is looked at that changes meanwhile.
	looks = 5
)

// Tickets is what a Keeper needs of the store.
type Tickets interface {
	// Tickets lists those that a query selects, and the cursor of the next ones.
	Tickets(ctx context.Context, q ticket.Query) (list []ticket.Ticket, next string, err error)
	// View reads everything of one ticket; escalation.ErrNotFound if there is none.
	View(ctx context.Context, number string) (ticket.View, error)
}

// Engine is what a Keeper needs of escalation.Engine.
type Engine interface {
	// Tell brings an event to a ticket. One that is gone is no error.
	Tell(ctx context.Context, source, number string, event escalation.Event) error
	// Rules are those in force.
	Rules() *escalation.Rules
	// Now is the time that tickets are judged by.
	Now() time.Time
}

// Keeper looks over the tickets that are open when a silence begins or ends.
type Keeper struct {
	Book    *Book
	Tickets Tickets
	Engine  Engine
	Owner   string // of claims
	// Plain is the store of the Book without its log of who did what: that a silence is
	// over is nobody's doing.
	Plain records.Store
	// Learn puts the silences of the Book in force here. Those that were claimed are
	// among them after it.
	Learn func(context.Context) error
}

// Turn does what is due: each silence that begins or ends now, whichever daemon made it.
// It says how many there were.
func (k *Keeper) Turn(ctx context.Context) (n int, err error) {
	due, err := k.Book.claim(ctx, k.Owner, k.Engine.Now())
	if err != nil || len(due) == 0 {
		return 0, err
	}
	if err := k.Learn(ctx); err != nil {
		return 0, err
	}
	if err := k.lookOver(ctx, due); err != nil {
		return 0, err // the claims run out, and it is done again
	}
	for i := range due {
		if err := k.Book.done(ctx, k.Plain, &due[i], k.Engine.Now()); err != nil {
			return i, err
		}
	}
	return len(due), k.Book.trim(ctx, k.Plain)
}

// lookOver judges every active ticket that the silences may concern.
func (k *Keeper) lookOver(ctx context.Context, due []records.Item[Silence]) error {
	judged := make([]turning, len(due))
	for i := range due {
		judged[i].Silence = &due[i].Of
		judged[i].matchers, _ = parseMatchers(due[i].Of.Matchers) // what cannot be read holds nothing back
		judged[i].costs = Costs(judged[i].matchers)
	}
	q := ticket.Query{Scope: ticket.Everything(), States: []ticket.State{ticket.Open, ticket.Acknowledged, ticket.InProgress}, Limit: atOnce}
	for {
		list, next, err := k.Tickets.Tickets(ctx, q)
		if err != nil {
			return fmt.Errorf("silence: list tickets: %w", err)
		}
		for i := range list {
			if !concerned(&list[i], judged) {
				continue
			}
			if err := k.judge(ctx, list[i].Number); err != nil {
				return err
			}
		}
		if next == "" {
			return nil
		}
		q.Cursor = next
	}
}

// turning is a silence that begins or ends.
type turning struct {
	*Silence
	matchers labels.Matchers
	costs    []int
}

// fits says whether its matchers may match an alert that has these labels at least. What
// costs more than is left of the effort for one ticket may.
func (s *turning) fits(shared model.LabelSet, left *int) bool {
	for i, m := range s.matchers {
		value, has := shared[model.LabelName(m.Name)]
		effort := s.costs[i] * len(value)
		if !has || effort > *left {
			continue
		}
		if *left -= effort; !m.Matches(string(value)) {
			return false
		}
	}
	return true
}

// concerned says whether one of the silences may hold back an alert of the ticket, or did.
// What a ticket groups by all of its alerts have, so most tickets need not be read.
func concerned(t *ticket.Ticket, due []turning) bool {
	shared, left := escalation.Shared(t), escalation.MostEffort
	for i := range due {
		s := &due[i]
		if slices.Contains(escalation.Muted(t.Progress.Mute), s.ID) ||
			slices.ContainsFunc(t.Progress.Held, func(h ticket.Held) bool { return slices.Contains(escalation.Muted(h.Mute), s.ID) }) {
			return true
		}
		if s.Source != "" && s.Source != t.Source || s.Customer != "" && s.Customer != t.Customer {
			continue
		}
		if s.fits(shared, &left) {
			return true
		}
	}
	return false
}

// judge tells a ticket what silences make of it. A ticket that changes while it is
// looked at is looked at again.
func (k *Keeper) judge(ctx context.Context, number string) error {
	for range looks {
		view, err := k.Tickets.View(ctx, number)
		if errors.Is(err, escalation.ErrNotFound) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("silence: look at ticket %s: %w", number, err)
		}
		event, tells := Judge(&view, k.Engine.Rules(), k.Engine.Now())
		if !tells {
			return nil
		}
		if err := k.Engine.Tell(ctx, view.Ticket.Source, number, event); err != nil {
			return fmt.Errorf("silence: tell ticket %s: %w", number, err)
		}
	}
	return fmt.Errorf("silence: ticket %s changes all the time", number)
}

// Judge says what silences make of a ticket; false if that is what it is already. A
// ticket with more alerts than a view shows is judged by the labels that they share:
// what is not known to be held back is not held back.
func Judge(v *ticket.View, r *escalation.Rules, now time.Time) (event escalation.Silenced, tells bool) {
	t := &v.Ticket
	if !t.State.Active() || t.Firing == 0 {
		return event, false
	}
	event.Read = t.UpdatedAt
	muted, held, seen := t.Progress.Mute.Holds(now), ticket.Mute{}, 0
	free := false
	for i := range v.Alerts {
		a := &v.Alerts[i]
		if a.Status == ticket.Resolved {
			continue
		}
		seen++
		m := r.Mute(&a.Alert, now)
		if i := t.Progress.HeldAt(a.Fingerprint); i >= 0 && !t.Progress.Held[i].Over && t.Progress.Held[i].Mute != m {
			if event.Held == nil {
				event.Held = map[string]ticket.Mute{}
			}
			event.Held[a.Fingerprint] = m
		}
		switch {
		case !m.Holds(now):
			free, event.Urgency = true, max(event.Urgency, a.Urgency)
		case held.Until.IsZero(), m.Until.Before(held.Until):
			held = m
		}
	}
	if !free && seen < t.Firing {
		switch held = r.MuteAll(t, now); {
		case held.Holds(now):
		case muted && r.Holding(t.Progress.Mute, now):
			event.Mute = t.Progress.Mute // it holds back what cannot be seen here, as far as is known
			return event, len(event.Held) > 0
		default:
			free = true
		}
	}
	if free {
		return event, muted || event.Urgency > t.Urgency || len(event.Held) > 0
	}
	event.Mute = held
	return event, held.Holds(now) && held != t.Progress.Mute || len(event.Held) > 0
}
