package daemon

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/ready"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// handing does one stage of a handover.
type handing struct {
	d    *Daemon
	base *contacts.Directory
	item *records.Item[ready.Handover]
	now  time.Time
}

// step does the stage that is due, and writes down what comes next. Who loses the
// handover to another daemon meanwhile does nothing more.
func (h *handing) step(ctx context.Context) error {
	of, book := &h.item.Of, h.d.ready.Handovers
	group, _ := h.base.Group(of.Group)
	r := group.Readiness
	if of.Stage == ready.Forget || of.Stage != ready.End && !of.Stands(h.base) {
		return book.Drop(ctx, h.item) //nolint:wrapcheck // it names itself
	}
	if of.Stage == ready.End {
		if of.Confirmed.IsZero() || of.Confirmed.After(of.At) {
			return book.Keep(ctx, h.item, r) //nolint:wrapcheck // it names itself
		}
		return book.Drop(ctx, h.item) //nolint:wrapcheck // it names itself
	}
	stage := of.Turn(r, h.now)
	asks := stage == ready.Ask || stage == ready.Remind || stage == ready.Begin
	if at, _ := of.When(stage, r); at.After(h.now) {
		return book.Skip(ctx, h.item, stage, r) //nolint:wrapcheck // it names itself
	}
	if err := book.Begins(ctx, h.item, asks, h.now); err != nil {
		if errors.Is(err, records.ErrConflict) {
			return nil
		}
		return err //nolint:wrapcheck // it names itself
	}
	reached, err := h.say(ctx, stage, r)
	if err != nil {
		return err
	}
	return book.Done(ctx, *of, stage, reached, r, h.d.clock.Now()) //nolint:wrapcheck // it names itself
}

// say sends the messages of a stage; reached is false where they may be tried again.
func (h *handing) say(ctx context.Context, stage ready.Stage, r contacts.Readiness) (reached bool, err error) {
	of := &h.item.Of
	rules := h.d.pager.Rules()
	person, known := rules.Directory.Person(of.Person)
	switch stage {
	case ready.Ask, ready.Remind, ready.Begin:
		if !known {
			return true, nil
		}
		n := of.Note(stage, h.base, person, paging.Language(person, rules))
		return h.d.note(ctx, person, r.Channels, h.d.answerable(ctx, person, n)), nil
	case ready.Tell:
		for _, m := range rules.Directory.ManagersOf(of.Group) {
			n := of.Note(stage, h.base, m, paging.Language(m, rules))
			reached = h.d.noteOnce(ctx, m, lastMail(rules.Channels), n) || reached
		}
		return reached, nil
	case ready.Sum:
		open, week, err := h.open(ctx)
		if err != nil {
			return false, err
		}
		if n, some := of.Summary(open, week, person, paging.Language(person, rules)); some && known {
			if public := h.d.pager.Ways().PublicURL; public != "" {
				n.Link = func(string, string) (string, error) { return public + "/now", nil }
			}
			return h.d.noteOnce(ctx, person, rules.Channels, n), nil
		}
	case ready.End, ready.Forget:
	}
	return true, nil
}

// mostSummed is how many tickets are counted for a summary, at most.
const mostSummed = 500

// open lists the group's tickets that somebody has to see to, and how many of the group
// were opened in the last seven days.
func (h *handing) open(ctx context.Context) (open []ready.Open, week int, err error) {
	rules := h.d.pager.Rules()
	of := func(t *ticket.Ticket) bool {
		return slices.ContainsFunc(t.Policy.Steps, func(s ticket.Step) bool { return s.Group == h.item.Of.Group })
	}
	read := func(q ticket.Query, each func(t *ticket.Ticket)) error {
		for seen := 0; seen < mostSummed; {
			q.Limit = 100
			list, next, err := h.d.store.Tickets(ctx, q)
			if err != nil {
				return fmt.Errorf("daemon: tickets of a handover: %w", err)
			}
			for i := range list {
				if of(&list[i]) {
					each(&list[i])
				}
			}
			if seen += len(list); next == "" || len(list) == 0 {
				return nil
			}
			q.Cursor = next
		}
		return nil
	}
	err = read(ticket.Query{Scope: ticket.Everything(), States: toSeeTo}, func(t *ticket.Ticket) {
		f := paging.TicketFacts(t, rules, h.now)
		open = append(open, ready.Open{Title: f.Title, Taker: f.Taker})
	})
	if err == nil {
		err = read(ticket.Query{Scope: ticket.Everything(), Since: h.now.Add(-7 * 24 * time.Hour)}, func(*ticket.Ticket) { week++ })
	}
	return open, week, err
}
