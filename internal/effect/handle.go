package effect

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
)

const (
	// goneAfter is how old an effect must be before it is given up because nobody
	// here has its receiver: until then another daemon may have it, which has read
	// its configuration already.
	goneAfter = 5 * time.Minute
	goneEvery = 30 * time.Second
	// behindLeast is how soon an effect is looked at again that waits for the one
	// before it. The end of that one makes it due sooner.
	behindLeast = time.Minute
	wakeTries   = 5
	// mostScatter is by how much those differ that wait for one receiver.
	mostScatter = 10 * time.Second
)

// handle does one effect that is claimed.
func (q *Queue) handle(ctx context.Context, r *records.Record) {
	e, err := ticket.ReadEffect(r.Value)
	if err != nil {
		q.drop(ctx, r, err)
		return
	}
	log := q.o.Log.With(zap.String("ticket", e.Ticket), zap.String("to", e.To), zap.String("event", e.Event))
	now := q.o.Clock.Now()
	switch first, err := q.first(ctx, r.Home, e.Lane()); {
	case err != nil:
		log.Warn("an effect has to wait: its turn could not be read", zap.Error(err))
		return // its claim runs out
	case first != nil && first.Key < r.Key:
		q.stayBehind(ctx, r, &e, first)
		return
	}
	receiver := (*q.receivers.Load())[e.To]
	if receiver == nil {
		if now.Sub(e.Queued) < goneAfter {
			q.putBack(ctx, r, now.Add(goneEvery))
			return
		}
		q.end(ctx, r, &e, verdict{ended: true, why: "it is in the configuration no more"}, log)
		return
	}
	if paced, ok := receiver.(Paced); ok {
		if when := paced.Turn(r.Key, now); when.After(now) {
			q.putBack(ctx, r, when)
			return
		}
	}
	if when, ok := q.rests.enter(e.To, now); !ok {
		q.putBack(ctx, r, when.Add(time.Duration(q.o.Chance()*float64(min(when.Sub(now), mostScatter)))))
		return
	}
	result, tried := q.try(ctx, r, &e, receiver)
	if !tried {
		q.write(context.WithoutCancel(ctx), r, now.Add(backEvery))
		return
	}
	q.settle(ctx, r, &e, result, log)
}

// try hands an effect to its receiver, once; false if the claim may be over, or
// the daemon stops: then nothing is begun.
func (q *Queue) try(ctx context.Context, r *records.Record, e *ticket.Effect, receiver Receiver) (result Result, tried bool) {
	failed := false
	defer func() { q.rests.leave(e.To, failed, q.o.Clock.Now(), q.o.Chance()) }()
	if r.Until.Sub(q.o.Clock.Now()) < sendRoom || ctx.Err() != nil {
		return result, false
	}
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendLimit)
	defer cancel()
	result = receiver.Send(limited, e)
	failed = result.Class == Again && !result.Alone
	return result, true
}

// settle records what became of a try.
func (q *Queue) settle(ctx context.Context, r *records.Record, e *ticket.Effect, result Result, log *zap.Logger) {
	ctx = context.WithoutCancel(ctx)
	now := q.o.Clock.Now()
	v := decide(e, result, now, q.o.Patience, q.o.Chance())
	if v.ended {
		q.end(ctx, r, e, v, log)
		return
	}
	e.Tries, e.Error = e.Tries+1, v.why
	if e.Tries == 1 {
		log.Warn("an effect was not taken: it is tried again", zap.String("error", v.why))
	}
	q.o.Metrics.again.WithLabelValues(e.To).Inc()
	value, err := e.Value()
	if err != nil {
		log.Error("an effect cannot be written", zap.Error(err))
		return
	}
	r.Value = value
	q.write(ctx, r, v.again)
}

// end puts the end of an effect onto its ticket, and lets the next one go. While
// the store does not answer it tries again, for as long as it has the claim.
func (q *Queue) end(ctx context.Context, r *records.Record, e *ticket.Effect, v verdict, log *zap.Logger) {
	ctx = context.WithoutCancel(ctx)
	end := ticket.EffectEnd{Home: r.Home, Revision: r.Revision, Effect: *e, Sent: v.sent, Why: v.why}
	for {
		limited, cancel := context.WithTimeout(ctx, storeLimit)
		err := q.o.Tickets.EndEffect(limited, end)
		if err != nil && q.o.Gone(err) { // there is nowhere to tell it
			_, err = q.o.Records.Write(limited, r.Home, records.Write{Kind: r.Kind, Key: r.Key, Revision: r.Revision, Remove: true})
		}
		cancel()
		switch {
		case err == nil:
			q.ended(e, v, log)
			q.wakeNext(ctx, r.Home, e.Lane())
			return
		case q.o.Over(err), errors.Is(err, records.ErrConflict):
			q.wakeNext(ctx, r.Home, e.Lane()) // it may have ended by a call that said it had failed
			return
		case !q.o.Clock.Now().Add(backEvery).Before(r.Until):
			log.Warn("what became of an effect could not be recorded: it is sent again", zap.Error(err))
			return
		}
		q.wait(ctx, backEvery)
	}
}

func (q *Queue) ended(e *ticket.Effect, v verdict, log *zap.Logger) {
	if v.sent {
		q.o.Metrics.sent.WithLabelValues(e.To).Inc()
		return
	}
	q.o.Metrics.failed.WithLabelValues(e.To).Inc()
	log.Error("an effect was given up", zap.Int("tries", e.Tries+1), zap.String("error", v.why))
}

// stayBehind puts an effect back until the one before it has ended. That one may
// have ended just now, by somebody who could not wake what was claimed.
func (q *Queue) stayBehind(ctx context.Context, r *records.Record, e *ticket.Effect, before *records.Record) {
	q.write(ctx, r, later(q.o.Clock.Now(), before.Due).Add(behindLeast))
	if first, err := q.first(ctx, r.Home, e.Lane()); err == nil && first != nil && first.Key == r.Key {
		q.wakeNext(ctx, r.Home, e.Lane())
	}
	q.wait(ctx, backPause)
}

// first is the first effect of a lane, nil if there is none.
func (q *Queue) first(ctx context.Context, home, lane string) (*records.Record, error) {
	limited, cancel := context.WithTimeout(ctx, storeLimit)
	defer cancel()
	list, err := q.o.Records.List(limited, home, q.o.Kind, lane, 1)
	if err != nil {
		return nil, fmt.Errorf("effect: the first of %q: %w", lane, err)
	}
	if len(list) == 0 || len(list[0].Key) <= len(lane) || list[0].Key[:len(lane)] != lane {
		return nil, nil
	}
	return &list[0], nil
}

// wakeNext makes the next effect of a lane due, if nobody has it. If that
// fails it is looked at in a while all the same.
func (q *Queue) wakeNext(ctx context.Context, home, lane string) {
	for range wakeTries {
		next, err := q.first(ctx, home, lane)
		now := q.o.Clock.Now()
		if err != nil || next == nil || !next.Due.After(now) || next.Owner != "" && next.Until.After(now) {
			break
		}
		limited, cancel := context.WithTimeout(ctx, storeLimit)
		_, err = q.o.Records.Write(limited, home, records.Write{
			Kind: next.Kind, Key: next.Key, Revision: next.Revision, Value: next.Value, Due: now, Vital: true,
		})
		cancel()
		if !errors.Is(err, records.ErrConflict) {
			break
		}
	}
	q.wake()
}

// putBack gives up a claim of which nothing was tried. The worker rests a moment,
// so that a queue that waits costs little.
func (q *Queue) putBack(ctx context.Context, r *records.Record, due time.Time) {
	q.write(ctx, r, due)
	q.wait(ctx, backPause)
}

// write ends a claim and sets when the effect is due again. If it fails the
// claim runs out.
func (q *Queue) write(ctx context.Context, r *records.Record, due time.Time) {
	limited, cancel := context.WithTimeout(ctx, storeLimit)
	defer cancel()
	_, err := q.o.Records.Write(limited, r.Home, records.Write{
		Kind: r.Kind, Key: r.Key, Revision: r.Revision, Value: r.Value, Due: due, Vital: true,
	})
	if err != nil {
		if !errors.Is(err, records.ErrConflict) && ctx.Err() == nil {
			q.o.Log.Warn("an effect could not be put back: its claim runs out", zap.Error(err))
		}
		due = r.Until
	}
	q.note(due)
	q.wake()
}

// drop removes what is no effect.
func (q *Queue) drop(ctx context.Context, r *records.Record, why error) {
	q.o.Log.Error("a record that should be an effect is none: it is removed", zap.String("home", r.Home), zap.String("key", ticket.Logged(r.Key)), zap.Error(why))
	limited, cancel := context.WithTimeout(ctx, storeLimit)
	defer cancel()
	_, err := q.o.Records.Write(limited, r.Home, records.Write{Kind: r.Kind, Key: r.Key, Revision: r.Revision, Remove: true})
	if err != nil {
		q.o.Log.Warn("it could not be removed", zap.Error(err))
	}
}

func (q *Queue) wait(ctx context.Context, d time.Duration) {
	timer, stop := q.o.Clock.NewTimer(d)
	defer stop()
	select {
	case <-timer:
	case <-ctx.Done():
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
