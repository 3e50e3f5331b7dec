package daemon

import (
	"context"
	"fmt"
	"slices"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/config"
	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/calendar"
	"github.com/astreinte/astreinte/internal/duty/report"
)

// counting is what duty is counted by afterwards. d.mu guards unwritten.
type counting struct {
	rosters *report.Rosters
	pasts   *report.Pasts
	// unwritten are the rosters that came into force and are not in the store yet.
	unwritten []report.Version
}

// mostUnwritten bounds how many are kept while the store is away.
const mostUnwritten = 100

// gatherCalls bounds how often closed tickets are counted at once, some at a time.
const gatherCalls = 40

func (d *Daemon) buildCounting() {
	d.rosters, d.pasts = report.NewRosters(d.store.Records()), report.NewPasts(d.store.Records(), d.store)
	d.unwritten = []report.Version{{Roster: rosterOf(d.config)}} // its time is known once the time is
}

// ruleOf is how a configuration has hours counted.
func ruleOf(c *config.DutyReport) *report.Rule {
	rule := &report.Rule{Hours: c.Hours, HoursOf: c.HoursOf}
	if c.Cents != nil {
		rule.Rates = &report.Rates{Currency: c.Currency, Cents: map[report.Kind]int64{}}
		for kind, cents := range c.Cents {
			rule.Rates.Cents[report.Kind(kind)] = cents
		}
	}
	return rule
}

func rosterOf(c *config.Config) report.Roster {
	return report.Of(c.Rules.Directory, ruleOf(&c.DutyReport))
}

// cameIntoForce notes a configuration's roster, to be written down. d.mu is held.
func (d *Daemon) cameIntoForce(c *config.Config) {
	d.unwritten = append(d.unwritten, report.Version{At: d.clock.Now(), Roster: rosterOf(c)})
	if over := len(d.unwritten) - mostUnwritten; over > 0 {
		d.unwritten = slices.Delete(d.unwritten, 0, over)
	}
}

// writeRosters writes down the rosters that came into force, in order.
func (d *Daemon) writeRosters(ctx context.Context) error {
	for {
		d.mu.Lock()
		if len(d.unwritten) == 0 {
			d.mu.Unlock()
			return nil
		}
		v := d.unwritten[0]
		d.mu.Unlock()
		if v.At.IsZero() {
			v.At = d.clock.Now()
		}
		if _, err := d.rosters.Keep(ctx, v.Roster, v.At); err != nil {
			return fmt.Errorf("daemon: %w", err)
		}
		d.mu.Lock()
		d.unwritten = d.unwritten[1:]
		d.mu.Unlock()
	}
}

// gatherPasts keeps what is counted of the tickets that were closed; false if that did
// not work, or is not all.
func (d *Daemon) gatherPasts(ctx context.Context, now time.Time) bool {
	more := true
	for n := 0; more && n < gatherCalls; n++ {
		var err error
		if more, err = d.pasts.Gather(ctx, d.pager.Owner(), now); err != nil {
			d.log.Warn("what is counted of closed tickets could not be kept; it will be tried again", zap.Error(err))
			return false
		}
	}
	return !more
}

// DutyReport counts what people did on call, on days. Person is one alone; empty:
// everybody.
func (d *Daemon) DutyReport(ctx context.Context, from, to calendar.Date, person string) (*report.Report, error) {
	now := d.clock.Now()
	in := report.Input{From: from, To: to, Now: now, Person: person}
	begin, end := from.At(0, 0, time.UTC), to.At(0, 0, time.UTC)
	var err error
	if in.Versions, err = d.rosters.Between(ctx, begin.Add(-report.Around), end.Add(report.Around)); err != nil {
		return nil, fmt.Errorf("daemon: %w", err)
	}
	if in.Replacements, err = d.onCall.book.All(ctx); err != nil {
		return nil, fmt.Errorf("daemon: %w", err)
	}
	if in.Handovers, err = d.ready.Handovers.All(ctx); err != nil {
		return nil, fmt.Errorf("daemon: %w", err)
	}
	if in.Pasts, err = d.pasts.Between(ctx, d.pager.Owner(), begin.Add(-report.Around), end.Add(report.Around), now); err != nil {
		return nil, fmt.Errorf("daemon: %w", err)
	}
	in.Shifts = d.shifts(now)
	counted, err := report.Count(&in)
	if err != nil {
		return nil, fmt.Errorf("daemon: %w", err)
	}
	return counted, nil
}

// employer is who the monthly document is from.
func (d *Daemon) employer() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.config.DutyReport.Employer
}

// shifts are whom calendars named that are kept elsewhere: what is over stays as it was
// in force (docs/adr/0046-duty-from-a-calendar.md).
func (d *Daemon) shifts(now time.Time) func(*contacts.Directory) []contacts.Shift {
	d.mu.Lock()
	kept, sources := d.calendars.kept, d.calendars.sources
	d.mu.Unlock()
	if kept == nil || len(sources) == 0 {
		return nil
	}
	return func(directory *contacts.Directory) []contacts.Shift {
		list, _ := kept.Shifts(sources, directory, now)
		return list
	}
}
