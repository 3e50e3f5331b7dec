package daemon

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/pager"
	"github.com/astreinte/astreinte/internal/web/events"
)

const (
	tellEvery  = time.Second     // how often to look for changes that nobody reports
	checkEvery = 5 * time.Second // … of the store
)

// buildEvents makes what tells screens of changes: of all daemons, if the
// store carries messages between them.
func (d *Daemon) buildEvents() {
	d.events = events.NewHub()
	wire, _ := d.store.(events.Wire)
	d.changes = events.NewChanges(d.events, wire)
}

// moved notes that a page of a ticket has moved, by the store that has it.
func (d *Daemon) moved(from pager.Store, source, number string) {
	d.changes.Moved(from, source, number)
}

// keepTelling tells listeners when somebody else is on call, and when the
// daemon's health changes. While nobody listens, it looks at nothing.
func (d *Daemon) keepTelling(ctx context.Context) {
	defer d.events.Close()
	tick := time.NewTicker(tellEvery)
	defer tick.Stop()
	var seen telling
	for {
		if d.events.Readers() == 0 {
			select {
			case <-d.events.Joined():
			case <-ctx.Done():
				return
			}
		}
		d.tell(ctx, &seen)
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// telling is what was found when it last looked.
type telling struct {
	begun     bool
	directory *contacts.Directory
	duty      string
	health    string
	store     string
	checked   time.Time
}

// tell looks once, and tells what has changed.
func (d *Daemon) tell(ctx context.Context, seen *telling) {
	now := *seen
	now.begun = true
	now.directory = d.pager.Rules().Directory
	now.duty = dutyOf(now.directory, d.clock.Now())
	if time.Since(seen.checked) >= checkEvery {
		now.store, now.checked = d.troubleOfStore(ctx), time.Now()
	}
	now.health = now.store + "\n" + d.condition()
	if seen.begun && (now.duty != seen.duty || now.directory != seen.directory) {
		d.events.Publish(events.OnCall, []byte("{}"))
	}
	if seen.begun && now.health != seen.health {
		d.events.Publish(events.Health, []byte("{}"))
	}
	*seen = now
}

// dutyOf says who is on call in each group.
func dutyOf(directory *contacts.Directory, at time.Time) string {
	var all strings.Builder
	for _, group := range directory.Groups() {
		people, _ := directory.On(group, at)
		all.WriteString(group)
		for i := range people {
			all.WriteString(" " + people[i].Key)
		}
		all.WriteByte('\n')
	}
	return all.String()
}

func (d *Daemon) troubleOfStore(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	if err := d.Check(ctx); err != nil && !errors.Is(err, context.Canceled) {
		return err.Error()
	}
	return ""
}

// condition says what the daemon warns of, without asking anybody.
func (d *Daemon) condition() string {
	all := d.warnings()
	if doubts := d.checked.Load(); doubts != nil {
		all = append(all, *doubts...)
	}
	for _, p := range d.pager.Outbox().Doing() {
		all = append(all, fmt.Sprintf("%s %s %t", p.Channel, p.Name, p.Failing))
	}
	return strings.Join(all, "\n")
}

// Hasten has the screens that are open look anew: time passes at another speed.
func (d *Daemon) Hasten() { d.changes.Resync() }
