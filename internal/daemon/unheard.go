package daemon

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"sync"
	"time"

	"github.com/prometheus/common/model"

	"github.com/astreinte/astreinte/config"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
)

// kindHeard is the kind of the records of when a source with silent_after was
// last heard of: one in the home of each. It is due when the source counts as
// silent.
const kindHeard = "heard"

const (
	heardKey     = "source"
	hearEvery    = 5 * time.Second
	hearClaimed  = time.Minute
	hearAtOnce   = 100
	heardWritten = 10 // times within silent_after, at most, that the record is written
)

// unheardAlert is the fingerprint and the name of the alert that says so.
const unheardAlert = "SourceSilent"

// heardRecord is the value of such a record.
type heardRecord struct {
	At     time.Time `json:"at"`
	Silent bool      `json:"silent,omitempty"` // an alert says so
}

// unheard is what this daemon has heard of its sources. The zero value is
// ready.
type unheard struct {
	now     func() time.Time
	mu      sync.Mutex
	last    map[string]time.Time
	written map[string]time.Time
}

// heard notes that a source was heard of now.
func (u *unheard) heard(source string) {
	at := u.now()
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.last == nil {
		u.last = map[string]time.Time{}
	}
	u.last[source] = at
}

// news is when a source was last heard of, if that is worth a write.
func (u *unheard) news(source string, after time.Duration) (at time.Time, worth bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	at = u.last[source]
	return at, !at.IsZero() && at.Sub(u.written[source]) >= after/heardWritten
}

func (u *unheard) wrote(source string, at time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.written == nil {
		u.written = map[string]time.Time{}
	}
	u.written[source] = at
}

// keepHearing has an alert say that a source was not heard of for as long as
// its silent_after, and ends it when it is heard of again. The deadline is a
// record. Only time counts in which daemons could hear: since the store answers
// without a break, and since the first start with that setting.
func (d *Daemon) keepHearing(ctx context.Context) {
	d.untilTimed(ctx)
	tick := time.NewTicker(hearEvery)
	defer tick.Stop()
	for {
		sources := d.repeating()
		for name := range sources {
			d.noteHeard(ctx, sources[name])
		}
		d.judgeHeard(ctx, sources)
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// repeating are the sources that have a silent_after.
func (d *Daemon) repeating() map[string]*config.Source {
	d.mu.Lock()
	defer d.mu.Unlock()
	of := map[string]*config.Source{}
	for i := range d.config.Sources {
		if s := &d.config.Sources[i]; s.SilentAfter > 0 {
			of[s.Name] = s
		}
	}
	return of
}

// noteHeard writes down when a source was last heard of. If an alert says that
// it is silent, that is over.
func (d *Daemon) noteHeard(ctx context.Context, s *config.Source) {
	at, worth := d.unheard.news(s.Name, s.SilentAfter)
	r, err := d.records.Get(ctx, s.Name, kindHeard, heardKey)
	switch {
	case errors.Is(err, records.ErrNotFound):
		r, at = records.Record{Home: s.Name}, d.clock.Now() // it counts from now
	case err != nil:
		return // the store is away, which others report
	case !worth:
		return
	}
	var was heardRecord
	_ = json.Unmarshal(r.Value, &was) // what cannot be read is begun anew
	if !at.After(was.At) || was.Silent && d.tellSilence(ctx, s, ticket.Resolved, was.At) != nil {
		return
	}
	if d.writeHeard(ctx, r, heardRecord{At: at}, at.Add(s.SilentAfter)) {
		d.unheard.wrote(s.Name, at)
	}
}

// judgeHeard looks at the sources whose time is up.
func (d *Daemon) judgeHeard(ctx context.Context, sources map[string]*config.Source) {
	now := d.clock.Now()
	due, err := d.records.Claim(ctx, records.Claim{Kind: kindHeard, Owner: d.pager.Owner(), Now: now, Until: now.Add(hearClaimed), Most: hearAtOnce})
	if err != nil {
		return
	}
	for _, r := range due {
		s := sources[r.Home]
		if s == nil { // it is watched no more
			_, _ = d.records.Write(ctx, r.Home, records.Write{Kind: r.Kind, Key: r.Key, Revision: r.Revision, Remove: true})
			continue
		}
		var was heardRecord
		_ = json.Unmarshal(r.Value, &was)
		from, last := was.At, was.At
		if at, _ := d.unheard.news(s.Name, s.SilentAfter); at.After(from) {
			from, last = at, at
		}
		if since := d.pager.Engine().Heard(); since.After(from) {
			from = since
		}
		if until := from.Add(s.SilentAfter); until.After(now) {
			d.writeHeard(ctx, r, heardRecord{At: last, Silent: was.Silent}, until)
			continue
		}
		if d.tellSilence(ctx, s, ticket.Firing, was.At) == nil {
			d.writeHeard(ctx, r, heardRecord{At: was.At, Silent: true}, now.Add(s.SilentAfter))
		}
	}
}

func (d *Daemon) writeHeard(ctx context.Context, was records.Record, now heardRecord, due time.Time) bool {
	value, err := json.Marshal(now)
	if err != nil {
		return false
	}
	_, err = d.records.Write(ctx, was.Home, records.Write{Kind: kindHeard, Key: heardKey, Revision: was.Revision, Value: value, Due: due, Vital: true})
	return err == nil
}

// tellSilence has an alert of the source say that it is silent, or that this is
// over. It goes the way of all its alerts: to its customer, by its policy.
func (d *Daemon) tellSilence(ctx context.Context, s *config.Source, status ticket.AlertStatus, last time.Time) error {
	a := ticket.Alert{
		Fingerprint: unheardAlert, Status: status, StartsAt: last,
		Labels: map[string]string{"alertname": unheardAlert, "source": s.Name, "severity": "error"},
		Annotations: map[string]string{
			"summary": lang.Fill(d.words().Title.Unheard, "source", s.Name, "for", model.Duration(s.SilentAfter).String()),
		},
	}
	for name, value := range s.Labels {
		if a.Labels[name] == "" {
			a.Labels[name] = value
		}
	}
	maps.DeleteFunc(a.Labels, func(_, v string) bool { return v == "" })
	if status == ticket.Resolved {
		a.EndsAt = d.clock.Now()
	}
	_, err := d.taker().Take(ctx, ticket.Batch{Source: s.Name, Alerts: []ticket.Alert{a}})
	return err //nolint:wrapcheck // nobody reads it
}
