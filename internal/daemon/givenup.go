package daemon

import (
	"context"
	"slices"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

const (
	// givenUpGather is for how many looks tickets are collected at most.
	givenUpGather = 3
	// givenUpEvery is how often one daemon has the managers paged at most.
	givenUpEvery = 10 * time.Minute
	// givenUpLease is how long another daemon waits for the one that collects.
	givenUpLease = 5 * time.Minute
)

// lostTickets tells the managers of tickets that were given up
// (docs/adr/0019). Such a ticket pages nobody any more, and its sender may not
// repeat it for hours. lostTickets collects them for a moment, so that many
// tickets page a manager once.
type lostTickets struct {
	d  *Daemon
	of damager

	found  []ticket.Ref // people were not told of them yet, or that is not noted yet
	looks  int          // since the first of them was found
	opened bool         // the ticket that names them is open
	last   time.Time    // when such a ticket was last opened
	// mine are the tickets that name others. If one of them is damaged itself,
	// nobody is told: its page has gone out.
	mine map[string]bool
}

// tell looks once for tickets that were given up.
func (l *lostTickets) tell(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, refusedTimeout)
	defer cancel()
	now := l.d.clock.Now()
	if !l.d.timed.Load() || len(l.found) == 0 && !l.last.IsZero() && now.Sub(l.last) < givenUpEvery {
		return
	}
	if !l.opened {
		if l.look(ctx, now) && l.looks < givenUpGather {
			return // more of them may come
		}
		if len(l.found) == 0 || !l.open(ctx) {
			return
		}
		l.opened, l.last = true, now
	}
	if err := l.of.ToldGivenUp(ctx, l.found); err != nil {
		l.d.log.Warn("the managers were told of damaged tickets, which could not be noted: they may be told again", zap.Error(err))
		return
	}
	l.found, l.looks, l.opened = nil, 0, false
}

// look reports whether there is something new.
func (l *lostTickets) look(ctx context.Context, now time.Time) (fresh bool) {
	refs, err := l.of.GivenUp(ctx, now, now.Add(givenUpLease))
	if err != nil {
		return false // whoever needs the store says that it is away
	}
	var mine []ticket.Ref
	for _, ref := range refs {
		switch {
		case l.mine[ref.Number]:
			mine = append(mine, ref)
		case !slices.Contains(l.found, ref):
			l.found, fresh = append(l.found, ref), true
		}
	}
	if len(mine) > 0 {
		_ = l.of.ToldGivenUp(ctx, mine) // if this fails, it is passed over again
	}
	if len(l.found) > 0 {
		l.looks++
	}
	return fresh
}

// open opens the ticket that pages the managers.
func (l *lostTickets) open(ctx context.Context) bool {
	numbers := make([]string, len(l.found))
	for i, ref := range l.found {
		numbers[i] = ref.Number
	}
	t, err := l.d.pager.Engine().OpenByHand(ctx, escalation.Draft{
		Kind: ticket.Incident, Title: l.d.words().Damaged(numbers),
		Urgency: ticket.Critical, Managers: true,
		Actor: ticket.Actor{Kind: ticket.ActorSystem, Name: "store"}, Via: "rule",
		Said: ticket.Said{Detail: ticket.SaidDamaged},
	})
	if err != nil {
		l.d.log.Error("the managers could not be told that damaged tickets page nobody any more", zap.Int("tickets", len(l.found)), zap.Error(err))
		return false
	}
	l.mine[t.Number] = true
	l.d.log.Error("damaged tickets page nobody any more: the managers are told", zap.Int("tickets", len(l.found)), zap.String("ticket", t.Number))
	return true
}
