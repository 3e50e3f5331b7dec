package escalation

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
)

// KindOnce is the kind of the records of actions that are done once. A record
// is in the home of the ticket's source, and is written in the commit that
// acts. It is due when it may be deleted.
const KindOnce = "once"

// OnceFor is how long an action is remembered (Acted.Once).
const OnceFor = 7 * 24 * time.Hour

// ErrDone says that the same action was done before: nothing has changed.
var ErrDone = errors.New("it was done before")

// onceKey is the key of the record of an action on one ticket.
func onceKey(once, number string) string { return number + " " + ticket.Cut(once, ticket.MaxOnce) }

// once names what a job does once; empty if it does nothing once.
func (b *batch) once(j *job) string {
	a, ok := j.event.(Acted)
	if !ok || a.Once == "" || b.e.records == nil {
		return ""
	}
	return onceKey(a.Once, j.number)
}

// readOnce reads which of the jobs were done before.
func (b *batch) readOnce(ctx context.Context, jobs []*job) error {
	for _, j := range jobs {
		key := b.once(j)
		if key == "" {
			continue
		}
		_, err := b.e.records.Get(ctx, b.source, KindOnce, key)
		switch {
		case errors.Is(err, records.ErrNotFound):
		case err == nil, errors.Is(err, ErrDamaged): // it was written
			b.done[key] = true
		default:
			return fmt.Errorf("escalation: was it done before: %w", err)
		}
	}
	return nil
}

// stepOnce does step's work for what is done once: it notes that in the
// ticket's change. A job that was done before waits for the commit all the
// same. Two such jobs may have come at once, and the commit may be that of the
// first.
func (b *batch) stepOnce(key string, j *job, w *work) error {
	if b.done[key] {
		b.touch(j, w)
		return ErrDone
	}
	if err := b.step(j, w, j.event); err != nil {
		return err
	}
	b.done[key], w.changed = true, true
	w.Records = append(w.Records, records.Write{Kind: KindOnce, Key: key, Due: b.now.Add(OnceFor)})
	return nil
}
