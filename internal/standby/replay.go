package standby

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/pager"
	"github.com/astreinte/astreinte/internal/spool"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Bounds of what a feeder hands over at once.
const (
	fedTogether = time.Second
	fedAlerts   = 1000
)

// feeder hands spooled records to a store, in order, as if it were the time at
// which each was accepted. Its engine keeps no deadlines: another engine on
// the same store does.
//
// It leaves out a record that the store knows already, or that is older than
// what the store has heard of its alert. So the same records may be fed again
// after a crash. What was kept here never overrules what the store heard
// later.
type feeder struct {
	store  escalation.Store
	engine *escalation.Engine
	clock  *recordClock
}

// recordClock stands still at the time of the record that is being fed.
type recordClock struct {
	escalation.Clock
	at atomic.Int64
}

// Now is the time of the record (escalation.Clock).
func (c *recordClock) Now() time.Time { return time.Unix(0, c.at.Load()).UTC() }

// newRecordClock makes a clock that stands at the present time. timers makes
// its timers.
func newRecordClock(timers escalation.Clock) *recordClock {
	c := &recordClock{Clock: timers}
	c.set(timers.Now())
	return c
}

func (c *recordClock) set(t time.Time) { c.at.Store(t.UnixNano()) }

// newFeeder makes a feeder for a pager's store. If counted is false, no metric
// counts what is fed.
func newFeeder(store escalation.Store, p *pager.Pager, counted bool) *feeder {
	clock := newRecordClock(p.Clock())
	return &feeder{store: store, engine: p.Past(clock, counted), clock: clock}
}

// feed hands records over. An error leaves some of them for the next time.
func (f *feeder) feed(ctx context.Context, records []spool.Record) error {
	for len(records) > 0 {
		n := together(records)
		if err := f.give(ctx, records[:n]); err != nil {
			return err
		}
		records = records[n:]
	}
	return nil
}

// together is how many of the first records can be one request. They are of
// one source and nearly one time, and none of them ends a group.
func together(records []spool.Record) int {
	first := &records[0]
	n, alerts := 1, len(first.Alerts)
	for ; n < len(records) && len(first.ResolveGroups) == 0; n++ {
		r := &records[n]
		alerts += len(r.Alerts)
		if r.Source != first.Source || r.At.Sub(first.At) > fedTogether || alerts > fedAlerts || len(r.ResolveGroups) > 0 {
			break
		}
	}
	return n
}

func (f *feeder) give(ctx context.Context, records []spool.Record) error {
	last := &records[len(records)-1]
	if last.Source == "" {
		return nil // it is a note
	}
	heard, err := f.heard(ctx, records)
	if err != nil {
		return err
	}
	var alerts []ticket.Alert
	for i := range records {
		for k := range records[i].Alerts {
			a := &records[i].Alerts[k]
			if at, known := heard[a.Fingerprint]; !known || at.Before(records[i].At) {
				alerts = append(alerts, *a)
			}
		}
	}
	over, err := f.over(ctx, last)
	if err != nil {
		return err
	}
	if alerts = append(alerts, over...); len(alerts) == 0 {
		return nil
	}
	f.clock.set(last.At)
	if _, err := f.engine.Ingest(ctx, ticket.Batch{Source: last.Source, Alerts: alerts}); err != nil {
		return fmt.Errorf("standby: merge alerts of %s: %w", last.Source, err)
	}
	return nil
}

// heard says when the store last heard of the records' alerts, for those that
// it knows.
func (f *feeder) heard(ctx context.Context, records []spool.Record) (map[string]time.Time, error) {
	var fingerprints []string
	asked := map[string]bool{}
	for i := range records {
		for k := range records[i].Alerts {
			if fp := records[i].Alerts[k].Fingerprint; !asked[fp] {
				asked[fp] = true
				fingerprints = append(fingerprints, fp)
			}
		}
	}
	heard := map[string]time.Time{}
	if len(fingerprints) == 0 {
		return heard, nil
	}
	known, err := f.store.Alerts(ctx, records[0].Source, fingerprints)
	if err != nil {
		return nil, fmt.Errorf("standby: what is known of alerts of %s: %w", records[0].Source, err)
	}
	for i := range known {
		heard[known[i].Fingerprint] = known[i].LastAt
	}
	return heard, nil
}

// over are the alerts that a record ends with the groups that it ends.
func (f *feeder) over(ctx context.Context, r *spool.Record) (alerts []ticket.Alert, err error) {
	for _, group := range r.ResolveGroups {
		fingerprints, err := f.store.Grouped(ctx, r.Source, group)
		if err != nil {
			return nil, fmt.Errorf("standby: alerts of a sender's group: %w", err)
		}
		known, err := f.store.Alerts(ctx, r.Source, fingerprints)
		if err != nil {
			return nil, fmt.Errorf("standby: alerts of a sender's group: %w", err)
		}
		for i := range known {
			if a := known[i].Alert; known[i].LastAt.Before(r.At) {
				a.Status, a.EndsAt, a.SilentAt = ticket.Resolved, r.At, time.Time{}
				alerts = append(alerts, a)
			}
		}
	}
	return alerts, nil
}
