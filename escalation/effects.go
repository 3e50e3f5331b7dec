package escalation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
)

// EndEffect writes the end of an effect into its ticket's timeline and removes
// the effect, both in one commit. The error is ErrDone if the effect no longer
// has the end's revision: it has ended, or somebody else has claimed it. The
// error is ErrNotFound if the ticket is gone; the effect stays.
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

// endLost says whether an end comes too late for its effect. Nobody ends a
// damaged effect.
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

// readEnds looks at the jobs that met a conflict. It finds those that may no
// longer end their effect. A lost claim so keeps nothing else of its ticket
// from being committed. The first try needs no reading: EndEffect has just
// looked.
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

// stepEnd does step's work for an effect's end.
func (b *batch) stepEnd(j *job, w *work) error {
	key := j.ends.Effect.Key()
	once := "effect " + key // the caller may have given up, and ask again
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

// change is the commit of a ticket, with its sheet and the effects that leave
// beside its pages.
func (b *batch) change(w *work) (Change, error) {
	c := w.Change
	if w.sheet != nil && w.sheet.changed {
		write, err := w.sheet.write(c.Ticket.Number)
		if err != nil {
			return c, err
		}
		c.Records = append(slices.Clone(c.Records), write)
	}
	errands, err := errandWrites(w.errands, w.Revision, b.now)
	if err != nil {
		return c, err
	}
	c.Records = slices.Concat(c.Records, errands)
	if b.e.effects && slices.ContainsFunc(w.told, func(t ticket.Told) bool { return t.Event == ticket.ToldClosed }) {
		c.Records = append(slices.Clone(c.Records), ClosedWrite(w.Ticket.Number, b.now))
	}
	if !b.e.effects {
		return c, nil
	}
	effects := b.rules.Effects(&c.Ticket, w.Revision, w.told, b.now)
	if w.shown {
		effects = append(effects, RoomEffects(b.rules.Rooms, &w.Ticket, w.Revision, b.now)...)
	}
	if len(effects) == 0 {
		return c, nil
	}
	writes, err := EffectWrites(effects)
	c.Records = slices.Concat(c.Records, writes)
	return c, err
}

// ClosedWrite says in the commit that closes a ticket that it is to be counted. A full
// store takes it too: it goes with what ends something.
func ClosedWrite(number string, now time.Time) records.Write {
	return records.Write{Kind: ticket.ClosedRecords, Key: number, Revision: records.Any, Value: []byte("{}"), Due: now, Vital: true}
}
