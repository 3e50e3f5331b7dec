package report

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/calendar"
	"github.com/astreinte/astreinte/internal/duty"
	"github.com/astreinte/astreinte/internal/ready"
)

// era is a version while it was in force, as far as it is looked at.
type era struct {
	*opened
	stretch
	final     *contacts.Directory // with replacements and who stayed on
	overrides []contacts.Override // of replacements
	clocks    map[*calendar.Calendar]*clock
}

// open makes the eras.
func (c *counter) open() error {
	in := c.in
	c.now = stretch{in.From.AddDays(-2).At(0, 0, time.UTC), earlier(in.To.AddDays(2).At(0, 0, time.UTC), in.Now)}
	made := calendars{}
	for i := range in.Versions {
		e := &era{stretch: stretch{in.Versions[i].At, c.now.to}, clocks: map[*calendar.Calendar]*clock{}}
		if i+1 < len(in.Versions) {
			e.to = earlier(e.to, in.Versions[i+1].At)
		}
		if e.from = later(e.from, c.now.from); !e.from.Before(e.to) {
			continue
		}
		var err error
		if e.opened, err = in.Versions[i].Roster.open(made); err == nil {
			err = e.replace(in)
		}
		if err != nil {
			return fmt.Errorf("report: what was in force from %s on: %w", in.Versions[i].At.Format(time.RFC3339), err)
		}
		c.eras = append(c.eras, e)
	}
	return nil
}

// replace adds whom calendars named that are kept elsewhere, the replacements of the era,
// and who stayed on beside somebody who had
// not confirmed.
func (e *era) replace(in *Input) error {
	if in.Shifts != nil {
		directory, err := e.directory.Import(in.Shifts(e.directory))
		if err != nil {
			return fmt.Errorf("report: %w", err)
		}
		e.directory = directory
	}
	var list []duty.Replacement
	for i := range in.Replacements {
		if in.Replacements[i].Meets(e.from, e.to) {
			list = append(list, in.Replacements[i])
		}
	}
	e.overrides, _ = duty.Overrides(list, e.directory)
	with, err := e.directory.With(e.overrides)
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	var handovers []ready.Handover
	for _, h := range in.Handovers {
		if h.At.After(e.from.Add(-2*ready.Stays)) && h.At.Before(e.to) {
			handovers = append(handovers, h)
		}
	}
	e.final, err = with.With(slices.Concat(e.overrides, ready.Overrides(with, handovers)))
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return nil
}

// eraAt is that of an instant, the nearest one if it is in none.
func (c *counter) eraAt(t time.Time) *era {
	var found *era
	for _, e := range c.eras {
		if found == nil || !t.Before(e.from) {
			found = e
		}
	}
	return found
}

// text names what a calendar is made of.
func (c *counter) text(spec *calendar.Spec) string {
	text, err := json.Marshal(spec)
	if err != nil {
		return spec.Name
	}
	return string(text)
}
