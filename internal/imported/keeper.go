package imported

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/internal/icalendar"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Keeper fetches calendars when they are due. Set its fields before it runs; they are
// all needed.
type Keeper struct {
	Book      *Book
	HTTP      http.RoundTripper
	UserAgent string
	Owner     string
	Now       func() time.Time
	Sources   func() []Source // of the configuration in force
	Names     func() Names    // of its people
	Log       *zap.Logger
}

const (
	lookEvery = 5 * time.Second
	// claimed is how long a fetch may take in all, with a little more.
	claimed = 2 * time.Minute
	atOnce  = 4
	// readTakes is how long a calendar may take to be understood.
	readTakes = 10 * time.Second
	// retryAfter is when a calendar is asked for again that did not come.
	retryAfter = time.Minute
	// strange is how soon a fetch is looked at again that this daemon's configuration
	// does not have: another's may.
	strange = 30 * time.Second
	// forgotten is how long what nobody has configured any more is kept.
	forgotten = 30 * 24 * time.Hour
)

// Run fetches until the context ends.
func (k *Keeper) Run(ctx context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		k.look(ctx)
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// look fetches what is due.
func (k *Keeper) look(ctx context.Context) {
	sources := map[string]Source{}
	for _, s := range k.Sources() {
		sources[s.key()] = s
	}
	k.plan(ctx, sources)
	due, err := k.Book.store.Claim(ctx, records.Claim{Kind: KindFetch, Owner: k.Owner, Now: k.Now(), Until: k.Now().Add(claimed), Most: atOnce})
	if err != nil {
		return // whoever needs the store says that it is away
	}
	var all sync.WaitGroup
	for i := range due {
		all.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, claimed)
			defer cancel()
			if err := k.see(ctx, &due[i], sources); err != nil && ctx.Err() == nil {
				k.Log.Warn("a calendar could not be seen to, and is asked for again", zap.String("calendar", due[i].Key), zap.Error(err))
			}
		})
	}
	all.Wait()
}

// plan writes down what is to be fetched and is not known yet.
func (k *Keeper) plan(ctx context.Context, sources map[string]Source) {
	for key, s := range sources {
		_, err := k.Book.fetches.Get(ctx, key)
		if errors.Is(err, records.ErrNotFound) {
			err = k.Book.begin(ctx, &s, k.Now())
		}
		if err != nil && !errors.Is(err, records.ErrUnreadable) {
			return // it is tried again
		}
	}
}

// see fetches one calendar that was claimed.
func (k *Keeper) see(ctx context.Context, claim *records.Record, sources map[string]Source) error {
	item := records.Item[Fetch]{Record: *claim}
	if got, err := k.Book.fetches.Get(ctx, claim.Key); err == nil {
		item.Of = got.Of
	} else if !errors.Is(err, records.ErrUnreadable) {
		return err //nolint:wrapcheck // it names itself
	}
	s, ours := sources[claim.Key]
	if !ours {
		return k.pass(ctx, &item)
	}
	kept, err := k.Book.Read(ctx, nil)
	if err != nil {
		return err
	}
	before, own, _ := kept.plan(&s)
	f := item.Of
	f.Group, f.Tried = s.Group, records.Instant(k.Now())
	next, odd, err := k.fetched(ctx, &s, &before)
	if err != nil {
		if f.Error != err.Error() {
			k.Log.Warn("a calendar could not be fetched: what it said before holds", zap.String("group", s.Group), zap.String("host", s.host()), zap.Error(err))
		}
		f.Error = err.Error()
		return k.Book.end(ctx, &item, f, nil, k.Now().Add(again(err, s.Every)))
	}
	f.At, f.Error, f.Odd = f.Tried, "", odd
	if own && next.says(&before) {
		return k.Book.end(ctx, &item, f, nil, k.Now().Add(s.Every))
	}
	f.Plan = next.At
	k.Log.Info("a calendar says something new", zap.String("group", s.Group), zap.String("host", s.host()), zap.Int("turns", len(next.Turns)), zap.Int("odd", len(odd)))
	return k.Book.end(ctx, &item, f, next, k.Now().Add(s.Every))
}

// again is how soon a calendar is asked for again that did not do. One that took too long
// to read comes no sooner than one that did: the processor is for others meanwhile.
func again(err error, every time.Duration) time.Duration {
	if errors.Is(err, icalendar.ErrTooLong) {
		return every
	}
	return min(retryAfter, every)
}

// pass leaves a fetch to another daemon, or forgets what nobody has asked for in a long
// time.
func (k *Keeper) pass(ctx context.Context, item *records.Item[Fetch]) error {
	last := item.Of.Tried
	if last.IsZero() {
		last = item.Of.Added
	}
	if k.Now().Sub(last) < forgotten {
		return k.Book.end(ctx, item, item.Of, nil, k.Now().Add(strange))
	}
	_, err := k.Book.store.Write(ctx, records.House,
		k.Book.fetches.Remove(item.Key, item.Revision), k.Book.plans.Remove(item.Key, records.Any))
	if errors.Is(err, records.ErrConflict) {
		return nil
	}
	return err //nolint:wrapcheck // it names itself
}

// fetched asks for a calendar and reads it. before is what holds: of an address that is
// new in the configuration it is what the one before it said. A calendar that names nobody from now on,
// though what is kept does, is not believed, nor one that leaves more than half of a
// week's hours without anybody: a server that lost its data, or renamed everybody, must
// not leave a group without anybody.
func (k *Keeper) fetched(ctx context.Context, s *Source, before *Plan) (next *Plan, odd []string, err error) {
	body, err := k.get(ctx, s)
	if err != nil {
		return nil, nil, err
	}
	reading, cancel := context.WithTimeout(ctx, readTakes)
	defer cancel()
	now := records.Instant(k.Now()).Truncate(time.Second)
	c, err := icalendar.Read(reading, body, icalendar.Options{
		Zone: s.Zone, From: now.AddDate(0, 0, -ticket.MaxCalendarDays), To: now.AddDate(0, 0, ticket.MaxCalendarDays),
	})
	if err != nil {
		return nil, nil, err //nolint:wrapcheck // it is shown as it is
	}
	plan := before.follow(c.Turns, now)
	plan.Group = s.Group
	names := k.Names()
	if before.ahead(now, names) && !plan.ahead(now, names) {
		return nil, nil, errEmpty
	}
	if week := now.Add(7 * 24 * time.Hour); plan.covers(now, week, names) < before.covers(now, week, names)/2 {
		return nil, nil, errThin
	}
	if err := plan.fit(now); err != nil {
		return nil, nil, err
	}
	for _, d := range c.Doubts {
		if line := d.Summary + " (" + d.Why + ")"; len(odd) < mostUnknown && !slices.Contains(odd, line) {
			odd = append(odd, line)
		}
	}
	return &plan, odd, nil
}
