package escalation

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
)

// EndEffect puts the end of an effect onto its ticket's timeline and removes the
// effect, both in one commit. The error is ErrDone where the effect is not what it
// was by the end's revision: it has ended, or somebody else has claimed it. It is
// ErrNotFound where the ticket is gone: the effect is there then.
func (e *Engine) EndEffect(ctx context.Context, end ticket.EffectEnd) error {
	return e.do(ctx, end.Home, &job{
		number: end.Effect.Ticket, ends: &end,
		event: EffectEnded{Effect: end.Effect, Sent: end.Sent, Why: ticket.Cut(end.Why, ticket.MaxEffectError)},
	})
}

// readEnds finds the jobs whose effect is not theirs to end any more. So a claim
// that was lost keeps nothing else of its ticket from being committed.
func (b *batch) readEnds(ctx context.Context, jobs []*job) error {
	for _, j := range jobs {
		if j.ends == nil {
			continue
		}
		r, err := b.e.records.Get(ctx, b.source, ticket.EffectRecords, j.ends.Effect.Key())
		switch {
		case errors.Is(err, records.ErrNotFound), err == nil && r.Revision != j.ends.Revision:
			j.lost = true
		case err != nil:
			return fmt.Errorf("escalation: the effect %s: %w", j.ends.Effect.Key(), err)
		}
	}
	return nil
}

// stepEnd is step of an effect's end.
func (b *batch) stepEnd(j *job, w *work) error {
	if j.lost {
		return fmt.Errorf("escalation: end the effect %s: %w", j.ends.Effect.Key(), ErrDone)
	}
	if err := b.step(j, w, j.event); err != nil {
		return err
	}
	w.changed = true
	w.Records = append(w.Records, records.Write{
		Kind: ticket.EffectRecords, Key: j.ends.Effect.Key(), Revision: j.ends.Revision, Remove: true,
	})
	return nil
}

// change is what is committed of a ticket, with what leaves beside its pages.
func (b *batch) change(w *work) (Change, error) {
	c := w.Change
	if !b.e.effects || len(w.told) == 0 || len(b.rules.Webhooks) == 0 {
		return c, nil
	}
	writes, err := EffectWrites(Effects(b.rules.Webhooks, &w.Ticket, w.Revision, w.told, b.now))
	c.Records = slices.Concat(c.Records, writes)
	return c, err
}
