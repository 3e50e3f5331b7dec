package plan

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Engine does what errands ask for (escalation.Engine).
type Engine interface {
	// Act does something to a ticket, and commits it.
	Act(ctx context.Context, number string, a escalation.Acted) (ticket.Ticket, error)
	// Now is the time that tickets are judged by.
	Now() time.Time
}

// Keeper carries out errands.
type Keeper struct {
	Book   *Book
	Store  records.Store
	Engine Engine
	Owner  string
	Log    *zap.Logger
}

const (
	claimedFor  = time.Minute
	mostErrands = 100
)

// Turn carries out the errands that are due, some at a time; more says that there may be
// others.
func (k *Keeper) Turn(ctx context.Context) (more bool, err error) {
	now := k.Engine.Now()
	due, err := k.Store.Claim(ctx, records.Claim{Kind: ticket.ErrandRecords, Owner: k.Owner, Now: now, Until: now.Add(claimedFor), Most: mostErrands})
	if err != nil {
		return false, fmt.Errorf("plan: errands that are due: %w", err)
	}
	var errs []error
	for i := range due {
		r := &due[i]
		err := k.carry(ctx, r)
		if err == nil {
			_, err = k.Store.Write(ctx, r.Home, records.Write{Kind: r.Kind, Key: r.Key, Revision: r.Revision, Remove: true})
		}
		if err != nil && !errors.Is(err, records.ErrConflict) { // somebody else has it by now
			errs = append(errs, fmt.Errorf("plan: the errand %s: %w", r.Key, err))
		}
	}
	return len(due) == mostErrands && len(errs) == 0, errors.Join(errs...)
}

// carry does one errand. An error says that it is to be tried again.
func (k *Keeper) carry(ctx context.Context, r *records.Record) error {
	e, err := ticket.ReadErrand(r.Value)
	if err != nil {
		k.Log.Error("an errand cannot be read, and is given up", zap.String("key", r.Key), zap.Error(err))
		return nil
	}
	switch {
	case e.Plan != nil:
		return k.Book.Put(ctx, e.Plan, e.At)
	case e.Link != nil:
		return k.link(ctx, &e)
	}
	return nil
}

// link ties the other ticket. Where that cannot be, the first one has the link alone.
func (k *Keeper) link(ctx context.Context, e *ticket.Errand) error {
	_, err := k.Engine.Act(ctx, e.Link.Other, escalation.Acted{
		Action: escalation.ActLink, Actor: e.By, Via: "rule", Work: &ticket.Work{Link: &ticket.Tying{Tie: e.Link.Link, Remove: e.Link.Remove, Told: true}},
	})
	var state *escalation.StateError
	var field *ticket.FieldError
	switch {
	case errors.As(err, &state), errors.As(err, &field), errors.Is(err, escalation.ErrNotFound), errors.Is(err, escalation.ErrManyParts), errors.Is(err, escalation.ErrNoPart), errors.Is(err, escalation.ErrSheetFull):
		k.Log.Info("a link is on one ticket alone", zap.String("ticket", e.Ticket), zap.String("other", e.Link.Other), zap.Error(err))
		return nil
	}
	return err //nolint:wrapcheck // it is named above
}
