package back

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/astreinte/astreinte/internal/records"
)

const (
	// strayLimit is how long an Alertmanager may take to say what is held back there.
	strayLimit = 5 * time.Second
	// strayAgain is after how long a silence is looked at anew that still holds back
	// another alert, and a tool is asked again that did not answer.
	strayAgain = time.Minute
)

// Spy finds what a silence of ours holds back besides its alert: Alertmanager.
type Spy interface {
	// Strays are the IDs of those of what is held that hold back another alert too.
	Strays(ctx context.Context, held []Held) (ids []string, err error)
}

// strays is when silences were found to hold back another alert, by ID, and when tools did
// not answer, by receiver.
type strays struct {
	mu sync.Mutex
	at map[string]time.Time
}

// lately says whether something was noted within strayAgain.
func (s *strays) lately(what string, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	at, noted := s.at[what]
	return noted && now.Sub(at) < strayAgain
}

// note notes it, and forgets what is older.
func (s *strays) note(what string, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.at == nil {
		s.at = map[string]time.Time{}
	}
	maps.DeleteFunc(s.at, func(_ string, at time.Time) bool { return now.Sub(at) >= strayAgain })
	s.at[what] = now
}

// Hurry has those entries looked at now whose silences hold back an alert that began
// later than they did. Each tool is asked once, all of them at once. One that does not
// answer is no error: the next look says so.
func (k *Keeper) Hurry(ctx context.Context) error {
	var asking sync.WaitGroup
	var mu sync.Mutex
	var errs []error
	for _, receiver := range k.Receivers() {
		spy, is := receiver.o.Tool.(Spy)
		if !is {
			continue
		}
		asking.Go(func() {
			if err := k.hurry(ctx, spy, receiver); err != nil {
				mu.Lock()
				defer mu.Unlock()
				errs = append(errs, err)
			}
		})
	}
	asking.Wait()
	return errors.Join(errs...)
}

func (k *Keeper) hurry(ctx context.Context, spy Spy, receiver *Receiver) error {
	now := k.Now()
	if k.strays.lately(receiver.book.to, now) {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, strayLimit)
	defer cancel()
	list, err := receiver.book.shelf().List(ctx)
	if err != nil {
		return fmt.Errorf("back: what %s was told: %w", receiver.book.to, err)
	}
	entries := map[string]*records.Item[entry]{} // by the ID of a silence
	var held []Held
	for i := range list {
		item := &list[i]
		if item.Of.To != receiver.book.to || !item.Due.After(now) || item.Owner != "" && item.Until.After(now) {
			continue // it is another's, or is looked at anyway
		}
		held = append(held, item.Of.Held...)
		for _, h := range item.Of.Held {
			entries[h.ID] = item
		}
	}
	if len(held) == 0 {
		return nil
	}
	ids, err := spy.Strays(ctx, held)
	if err != nil {
		k.strays.note(receiver.book.to, now)
		receiver.note(err)
		return nil
	}
	for _, id := range ids {
		item := entries[id]
		if k.strays.lately(id, now) {
			continue
		}
		k.strays.note(id, now)
		w, err := receiver.book.shelf().Put(item.Key, item.Revision, item.Of)
		if err != nil {
			return err
		}
		w.Due, w.Vital = now, true
		if err := k.write(ctx, item.Home, w); err != nil { // a conflict: somebody else is at it
			return err
		}
	}
	return nil
}

// Strays asks the Alertmanager which alerts with the names of those that are held are
// held back, and by what (Spy).
func (t Alertmanager) Strays(ctx context.Context, held []Held) (ids []string, err error) {
	own := map[string]string{} // the alert of a silence
	named := map[string]bool{}
	var names []string
	for _, h := range held {
		own[h.ID] = h.Alert
		if h.Name != "" && !named[h.Name] {
			named[h.Name] = true
			names = append(names, h.Name)
		}
	}
	found := map[string]bool{}
	for len(names) > 0 {
		some := names[:min(len(names), mostNames)]
		names = names[len(some):]
		list, err := t.API.Suppressed(ctx, "alertname", some)
		if err != nil {
			return nil, err
		}
		for _, a := range list {
			for _, id := range a.Status.SilencedBy {
				if alert, ours := own[id]; ours && alert != a.Fingerprint && !found[id] {
					found[id] = true
					ids = append(ids, id)
				}
			}
		}
	}
	return ids, nil
}
