package report

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/calendar"
)

// format is the newest format of a roster that this code writes and reads. A field
// that may be missing does not raise it.
const format = 1

// Rule says how hours are counted, as the configuration has it.
type Rule struct {
	// Hours are the working hours; their clock is that of all kinds of hours, and the
	// days on which they stay closed are the public holidays.
	Hours *calendar.Calendar
	// HoursOf are those of groups that have others.
	HoursOf map[string]*calendar.Calendar
	Rates   *Rates // nil: what hours give right to is not said
}

// Rates are what an hour gives right to, in hundredths of the currency's unit.
type Rates struct {
	Currency string         `json:"currency"`
	Cents    map[Kind]int64 `json:"cents"` // by the kind of hour, and of an hour of intervention
}

// Roster is what a configuration says of who is on call, and of how that is counted, as
// it is kept for years.
type Roster struct {
	Format    int                      `json:"format"`
	People    map[string]string        `json:"people"` // names, by key
	Groups    []keptGroup              `json:"groups"`
	Calendars []calendar.Spec          `json:"calendars,omitempty"` // that layers name
	Hours     calendar.Spec            `json:"hours"`
	HoursOf   map[string]calendar.Spec `json:"hours_of,omitempty"`
	Rates     *Rates                   `json:"rates,omitempty"`
}

type keptGroup struct {
	Key    string      `json:"key"`
	People []string    `json:"people,omitempty"` // who are always on call
	Layers []keptLayer `json:"layers,omitempty"`
	Ask    int64       `json:"ask,omitempty"` // seconds before a handover; 0: nobody is asked
	// Imported says that a calendar is kept elsewhere that names people as well.
	Imported bool `json:"imported,omitempty"`
}

type keptLayer struct {
	Name    string     `json:"name,omitempty"`
	People  [][]string `json:"people"`
	Every   int64      `json:"every,omitempty"` // seconds; 0: a month
	Day     int        `json:"day,omitempty"`   // of the week from Sunday, or of the month
	At      int        `json:"at,omitempty"`    // minutes since midnight
	First   string     `json:"first"`
	Until   string     `json:"until,omitempty"`
	Zone    string     `json:"zone"`
	During  string     `json:"during,omitempty"`
	Outside string     `json:"outside,omitempty"`
	Instead bool       `json:"instead,omitempty"`
}

// Of is the roster of a configuration: who is on call by d, without replacements.
func Of(d *contacts.Directory, rule *Rule) Roster {
	r := Roster{Format: format, People: map[string]string{}, Hours: rule.Hours.Spec(), Rates: rule.Rates}
	for _, p := range d.People() {
		r.People[p.Key] = p.Name
	}
	for group, c := range rule.HoursOf {
		if r.HoursOf == nil {
			r.HoursOf = map[string]calendar.Spec{}
		}
		r.HoursOf[group] = c.Spec()
	}
	named := map[string]*calendar.Calendar{}
	for _, key := range d.Groups() {
		g, _ := d.Group(key)
		kept := keptGroup{Key: key, People: g.People, Ask: int64(g.Readiness.Ask / time.Second), Imported: g.Imported}
		for i := range g.Rotations {
			kept.Layers = append(kept.Layers, keep(&g.Rotations[i], named))
		}
		r.Groups = append(r.Groups, kept)
	}
	for _, name := range slices.Sorted(maps.Keys(named)) {
		r.Calendars = append(r.Calendars, named[name].Spec())
	}
	return r
}

func keep(l *contacts.Rotation, named map[string]*calendar.Calendar) keptLayer {
	kept := keptLayer{
		Name: l.Name, People: l.People, Every: int64(l.Every / time.Second), Day: int(l.Handover.Day), At: l.Handover.Hour*60 + l.Handover.Minute,
		First: l.First.String(), Zone: l.Location.String(), Instead: l.Instead,
	}
	if l.Monthly {
		kept.Every, kept.Day = 0, l.Handover.MonthDay
	}
	if l.Until.Valid() {
		kept.Until = l.Until.String()
	}
	for of, into := range map[*calendar.Calendar]*string{l.During: &kept.During, l.Outside: &kept.Outside} {
		if of != nil {
			*into, named[of.Name()] = of.Name(), of
		}
	}
	return kept
}

// opened is a roster to ask.
type opened struct {
	*Roster
	directory *contacts.Directory
	hours     *calendar.Calendar
	hoursOf   map[string]*calendar.Calendar
}

// hoursIn are the working hours that a group's duty is counted by.
func (o *opened) hoursIn(group string) *calendar.Calendar {
	if c := o.hoursOf[group]; c != nil {
		return c
	}
	return o.hours
}

// calendars are those that were made of specs, each once: a table of holidays takes
// longer than all else.
type calendars map[calendarKey]*calendar.Calendar

type calendarKey string

func (c calendars) of(spec *calendar.Spec) (*calendar.Calendar, error) {
	text, err := json.Marshal(spec)
	if err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	key := calendarKey(text)
	if c[key] == nil {
		if c[key], err = spec.Calendar(time.LoadLocation); err != nil {
			delete(c, key)
			return nil, fmt.Errorf("report: %w", err)
		}
	}
	return c[key], nil
}

// open makes of a roster what it was made of.
func (r *Roster) open(made calendars) (*opened, error) {
	if r.Format > format {
		return nil, fmt.Errorf("report: a roster of format %d, which is newer than this version of Astreinte", r.Format)
	}
	o := &opened{Roster: r, hoursOf: map[string]*calendar.Calendar{}}
	var err error
	if o.hours, err = made.of(&r.Hours); err != nil {
		return nil, err
	}
	for group, spec := range r.HoursOf {
		if o.hoursOf[group], err = made.of(&spec); err != nil {
			return nil, err
		}
	}
	named := map[string]*calendar.Calendar{}
	for i := range r.Calendars {
		if named[r.Calendars[i].Name], err = made.of(&r.Calendars[i]); err != nil {
			return nil, err
		}
	}
	people := make([]contacts.Person, 0, len(r.People))
	for key, name := range r.People {
		people = append(people, contacts.Person{Key: key, Name: name})
	}
	groups := make([]contacts.Group, len(r.Groups))
	for i := range r.Groups {
		if groups[i], err = r.Groups[i].group(named); err != nil {
			return nil, err
		}
	}
	if o.directory, err = contacts.NewDirectory(people, groups, nil); err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	return o, nil
}

func (g *keptGroup) group(named map[string]*calendar.Calendar) (contacts.Group, error) {
	group := contacts.Group{Key: g.Key, People: g.People, Imported: g.Imported, Readiness: contacts.Readiness{Ask: time.Duration(g.Ask) * time.Second}}
	for i := range g.Layers {
		l := &g.Layers[i]
		zone, err := time.LoadLocation(l.Zone)
		if err != nil {
			return group, fmt.Errorf("report: group %q: %w", g.Key, err)
		}
		r := contacts.Rotation{
			Name: l.Name, People: l.People, Every: time.Duration(l.Every) * time.Second, Monthly: l.Every == 0, Location: zone,
			Handover: contacts.Handover{Hour: l.At / 60, Minute: l.At % 60}, During: named[l.During], Outside: named[l.Outside], Instead: l.Instead,
		}
		if r.Monthly {
			r.Handover.MonthDay = l.Day
		} else {
			r.Handover.Day = time.Weekday(l.Day)
		}
		if r.First, err = calendar.ParseDate(l.First); err == nil && l.Until != "" {
			r.Until, err = calendar.ParseDate(l.Until)
		}
		if err != nil {
			return group, fmt.Errorf("report: group %q: %w", g.Key, err)
		}
		group.Rotations = append(group.Rotations, r)
	}
	return group, nil
}

// text is the roster as it is kept; equal ones have equal texts.
func (r *Roster) text() ([]byte, error) {
	text, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	return text, nil
}
