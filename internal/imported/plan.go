package imported

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/icalendar"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Plan is what a calendar said: the turns that are over as they were in force, and those
// to come as it said last.
type Plan struct {
	Group string // whose
	At    time.Time
	Turns []icalendar.Turn // by their beginning
}

// planJSON is a plan as it is kept: each of whom events name once.
type planJSON struct {
	Group string          `json:"group"`
	At    time.Time       `json:"at"`
	Who   []icalendar.Who `json:"who"`
	Turns [][3]int64      `json:"turns"` // from and to in seconds, and the place in who
}

// MarshalJSON writes it short.
func (p Plan) MarshalJSON() ([]byte, error) {
	out := planJSON{Group: p.Group, At: p.At, Who: []icalendar.Who{}, Turns: make([][3]int64, len(p.Turns))}
	places := map[string]int{}
	for i := range p.Turns {
		t := &p.Turns[i]
		name, err := json.Marshal(t.Who)
		if err != nil {
			return nil, fmt.Errorf("imported: write a calendar: %w", err)
		}
		at, ok := places[string(name)]
		if !ok {
			at = len(out.Who)
			places[string(name)], out.Who = at, append(out.Who, t.Who)
		}
		out.Turns[i] = [3]int64{t.From.Unix(), t.To.Unix(), int64(at)}
	}
	return json.Marshal(out) //nolint:wrapcheck // the caller says what it wrote
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (p *Plan) UnmarshalJSON(text []byte) error {
	var in planJSON
	if err := json.Unmarshal(text, &in); err != nil {
		return err //nolint:wrapcheck // the caller says what it read
	}
	*p = Plan{Group: in.Group, At: in.At, Turns: make([]icalendar.Turn, len(in.Turns))}
	for i, t := range in.Turns {
		if t[2] < 0 || t[2] >= int64(len(in.Who)) || t[0] >= t[1] {
			return fmt.Errorf("imported: turn %d is none", i)
		}
		p.Turns[i] = icalendar.Turn{From: time.Unix(t[0], 0).UTC(), To: time.Unix(t[1], 0).UTC(), Who: in.Who[t[2]]}
	}
	return nil
}

// ahead says whether anybody who is known is on call by the plan after now.
func (p *Plan) ahead(now time.Time, names Names) bool {
	return slices.ContainsFunc(p.Turns, func(t icalendar.Turn) bool { return t.To.After(now) && len(names.Who(&t.Who)) > 0 })
}

// covers is for how long somebody who is known is on call by the plan, from one time to
// another.
func (p *Plan) covers(from, to time.Time, names Names) (whole time.Duration) {
	at := from
	for i := range p.Turns {
		t := &p.Turns[i]
		if !t.To.After(at) || !t.From.Before(to) || len(names.Who(&t.Who)) == 0 {
			continue
		}
		begins, ends := t.From, t.To
		if begins.Before(at) {
			begins = at
		}
		if ends.After(to) {
			ends = to
		}
		whole += ends.Sub(begins)
		at = ends
	}
	return whole
}

// follow is the plan with what the calendar says by now: what is over stays as it was.
// A plan that never was takes what the calendar says of the past too.
func (p *Plan) follow(turns []icalendar.Turn, now time.Time) Plan {
	next := Plan{Group: p.Group, At: now}
	oldest := now.AddDate(0, 0, -ticket.MaxCalendarDays)
	first := p.At.IsZero()
	for i := range p.Turns {
		t := p.Turns[i]
		if !t.From.Before(now) || !t.To.After(oldest) {
			continue
		}
		if t.To.After(now) {
			t.To = now
		}
		next.Turns = append(next.Turns, t)
	}
	for i := range turns {
		t := turns[i]
		if !first && t.From.Before(now) {
			if !t.To.After(now) {
				continue
			}
			t.From = now
		}
		if !first && t.From.Equal(now) { // it goes on, as before
			goesOn := slices.IndexFunc(next.Turns, func(o icalendar.Turn) bool { return o.To.Equal(now) && sameWho(&o.Who, &t.Who) })
			if goesOn >= 0 {
				next.Turns[goesOn].To = t.To
				continue
			}
		}
		next.Turns = append(next.Turns, t)
	}
	slices.SortStableFunc(next.Turns, func(a, b icalendar.Turn) int {
		if c := a.From.Compare(b.From); c != 0 {
			return c
		}
		return a.To.Compare(b.To)
	})
	if over := len(next.Turns) - ticket.MaxCalendarTurns; over > 0 { // those that are longest over
		next.Turns = next.Turns[over:]
	}
	return next
}

// says reports whether two plans say the same.
func (p *Plan) says(other *Plan) bool {
	return slices.EqualFunc(p.Turns, other.Turns, func(a, b icalendar.Turn) bool {
		return a.From.Equal(b.From) && a.To.Equal(b.To) && sameWho(&a.Who, &b.Who)
	})
}

func sameWho(a, b *icalendar.Who) bool {
	return a.Summary == b.Summary && slices.Equal(a.Attendees, b.Attendees)
}

// unknownAhead is how far ahead events are looked at that name nobody.
const (
	unknownAhead = 60 * 24 * time.Hour
	mostUnknown  = 5
)

// shifts are what a plan comes to for some people, and a few of the coming events that
// name nobody of them. Turns of one person that overlap are one shift: who is on call is
// asked for each page, and takes no longer however many events say the same.
func (p *Plan) shifts(names Names, now time.Time) (list []contacts.Shift, unknown []string) {
	known := map[string][]string{}
	last := map[string]int{} // of each person, in list
	for i := range p.Turns {
		t := &p.Turns[i]
		id := fmt.Sprint(t.Who)
		keys, asked := known[id]
		if !asked {
			keys = names.Who(&t.Who)
			known[id] = keys
		}
		for _, key := range keys {
			if was, ok := last[key]; ok && t.From.Before(list[was].To) {
				list[was].To = later(list[was].To, t.To)
				continue
			}
			last[key], list = len(list), append(list, contacts.Shift{Group: p.Group, Person: key, From: t.From, To: t.To})
		}
		if len(keys) == 0 && t.To.After(now) && t.From.Before(now.Add(unknownAhead)) {
			if name := called(&t.Who); len(unknown) < mostUnknown && !slices.Contains(unknown, name) {
				unknown = append(unknown, name)
			}
		}
	}
	return list, unknown
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// called is what an event calls itself, or whom it asks.
func called(w *icalendar.Who) string {
	if w.Summary != "" || len(w.Attendees) == 0 {
		return w.Summary
	}
	return cmp.Or(w.Attendees[0].Name, w.Attendees[0].Mail)
}
