package daemon

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/config"
	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/imported"
)

// calendars are the rotations that are kept elsewhere, as they were read last. d.mu
// guards them.
type calendars struct {
	book    *imported.Book
	sources []imported.Source             // of the configuration in force
	kept    *imported.Kept                // nil: they were never read
	seen    atomic.Pointer[imported.Kept] // kept, as the store had it
}

// buildCalendars makes what keeps them, before anything asks who is on call.
func (d *Daemon) buildCalendars() {
	d.calendars.book = imported.NewBook(d.store.Records())
	d.calendars.sources = calendarSources(d.config)
}

func calendarSources(c *config.Config) []imported.Source {
	list := make([]imported.Source, len(c.ICals))
	for i, o := range c.ICals {
		list[i] = imported.Source{
			Group: o.Group, URL: o.URL.Reveal(), Every: o.Every, Zone: o.Zone, User: o.User, Password: o.Password.Reveal(), Token: o.Token.Reveal(),
		}
	}
	return list
}

// runCalendars fetches them when they are due.
func (d *Daemon) runCalendars(ctx context.Context) {
	way := d.opts.Transport
	if way == nil {
		own := imported.Transport()
		defer own.CloseIdleConnections()
		way = own
	}
	d.untilTimed(ctx)
	keeper := &imported.Keeper{
		Book: d.calendars.book, HTTP: way, UserAgent: "astreinte/" + d.opts.Version, Owner: d.pager.Owner(), Now: d.clock.Now, Log: d.log.Named("calendars"),
		Sources: func() []imported.Source {
			d.mu.Lock()
			defer d.mu.Unlock()
			return d.calendars.sources
		},
		Names: func() imported.Names { return imported.NamesOf(d.pager.Rules().Directory) },
	}
	keeper.Run(ctx)
}

// keepCalendars has what the store says of them hold. d.mu is held, or nothing runs yet.
func (d *Daemon) keepCalendars(kept *imported.Kept) {
	d.calendars.kept = kept
	d.calendars.seen.Store(kept)
}

// keptCalendars are those that were read last.
func (d *Daemon) keptCalendars() *imported.Kept {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.calendars.kept
}

// imported is a directory with those whom calendars name. d.mu is held, or nothing runs
// yet.
func (d *Daemon) imported(directory *contacts.Directory) *contacts.Directory {
	shifts, _ := d.calendars.kept.Shifts(d.calendars.sources, directory, d.clock.Now())
	if len(shifts) == 0 {
		return directory
	}
	with, err := directory.Import(shifts)
	if err != nil {
		d.log.Error("calendars that are kept elsewhere cannot be put in force: the configuration alone says who is on call", zap.Error(err))
		return directory
	}
	return with
}

// Calendars are the rotations that are kept elsewhere, and how old what is known of them
// is.
func (d *Daemon) Calendars() []imported.Status {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.calendars.sources) == 0 {
		return nil
	}
	_, all := d.calendars.kept.Shifts(d.calendars.sources, d.config.Rules.Directory, d.clock.Now())
	return all
}

// calendarWarnings are what /readyz says of them.
func (d *Daemon) calendarWarnings() (lines []string) {
	now := d.clock.Now()
	for _, c := range d.Calendars() {
		say := func(format string, args ...any) {
			lines = append(lines, fmt.Sprintf("groups.%s.ical (%s): ", c.Group, c.Host)+fmt.Sprintf(format, args...))
		}
		switch {
		case c.At.IsZero() && c.Error != "":
			say("it was never read: %s", c.Error)
		case c.Old:
			say("it was read %s ago, and what it said then holds: %s", now.Sub(c.At).Round(time.Minute), c.Error)
		}
		if c.Other {
			say("what the address before this one said holds until this one names somebody")
		}
		if len(c.Unknown) > 0 {
			say("events that name nobody who is configured: %s", strings.Join(c.Unknown, "; "))
		}
		if len(c.Odd) > 0 {
			say("events that cannot be understood: %s", strings.Join(c.Odd, "; "))
		}
	}
	return lines
}
