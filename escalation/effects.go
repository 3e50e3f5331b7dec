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
	if lost, err := e.endLost(ctx, end.Home, &end); err != nil {
		return err
	} else if lost {
		return fmt.Errorf("escalation: end the effect %s: %w", end.Effect.Key(), ErrDone)
	}
	return e.do(ctx, end.Home, &job{
		number: end.Effect.Ticket, ends: &end,
		event: EffectEnded{Effect: end.Effect, Sent: end.Sent, Why: ticket.Cut(end.Why, ticket.MaxEffectError)},
	})
}

// endLost reads whether an effect is not to be ended by an end any more. One that
// is damaged is nobody's.
func (e *Engine) endLost(ctx context.Context, home string, end *ticket.EffectEnd) (bool, error) {
	r, err := e.records.Get(ctx, home, ticket.EffectRecords, end.Effect.Key())
	switch {
	case errors.Is(err, records.ErrNotFound), errors.Is(err, ErrDamaged):
		return true, nil
	case err != nil:
		return false, fmt.Errorf("escalation: the effect %s: %w", end.Effect.Key(), err)
	}
	return r.Revision != end.Revision, nil
}

// readEnds finds the jobs whose effect is not theirs to end any more, of those that
// met a conflict: so a claim that was lost keeps nothing else of its ticket from
// being committed. At the first try EndEffect has just looked.
func (b *batch) readEnds(ctx context.Context, jobs []*job) (err error) {
	for _, j := range jobs {
		if j.ends == nil {
			continue
		}
		if j.again {
			if j.lost, err = b.e.endLost(ctx, b.source, j.ends); err != nil {
				return err
			}
		}
		j.again = true
	}
	return nil
}

// stepEnd is step of an effect's end.
func (b *batch) stepEnd(j *job, w *work) error {
	key := j.ends.Effect.Key()
	once := "effect " + key // its caller may have given up, and ask again
	if j.lost || b.done[once] {
		b.touch(j, w)
		return fmt.Errorf("escalation: end the effect %s: %w", key, ErrDone)
	}
	b.done[once] = true
	if err := b.step(j, w, j.event); err != nil {
		return err
	}
	w.changed = true
	w.Records = append(w.Records, records.Write{
		Kind: ticket.EffectRecords, Key: key, Revision: j.ends.Revision, Remove: true,
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
