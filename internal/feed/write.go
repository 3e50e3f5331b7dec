package feed

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/emersion/go-ical"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/ticket"
)

// freshFor is how often a calendar is asked to read a feed again (RFC 7986, 5.7).
const freshFor = time.Hour

// Text is what a feed says beside its turns.
type Text struct {
	Words   *lang.Feed
	Host    string         // of public_url: names are unique below it
	Page    string         // where people change who is on call
	In      *time.Location // whose wall clock turns are written by
	Now     time.Time
	Whose   string // the person's name, or the group's
	OfGroup bool
	Visits  []ticket.Planned           // interventions of the person's
	Ticket  func(number string) string // the address of a ticket's page
}

// Write writes turns as a calendar (RFC 5545), with the time zone whose wall clock they
// are told by.
func Write(turns []Turn, d *contacts.Directory, t *Text) ([]byte, error) {
	c := ical.NewCalendar()
	c.Props.SetText(ical.PropVersion, "2.0")
	c.Props.SetText(ical.PropProductID, "-//Astreinte//on call//EN")
	c.Props.SetText(ical.PropCalendarScale, "GREGORIAN")
	name := lang.Fill(t.Words.Name, "who", plain(t.Whose))
	c.Props.SetText("NAME", name)
	c.Props.SetText("X-WR-CALNAME", name)
	c.Props.SetText("X-WR-TIMEZONE", t.In.String())
	again := ical.NewProp(ical.PropRefreshInterval)
	again.SetValueType(ical.ValueDuration)
	again.Value = fmt.Sprintf("PT%dH", freshFor/time.Hour)
	c.Props.Set(again)
	from, to := Range(t.Now, t.In)
	c.Children = append(c.Children, zoneOf(t.In, from, to))
	for i := range turns {
		c.Children = append(c.Children, t.event(&turns[i], d))
	}
	for i := range t.Visits {
		c.Children = append(c.Children, t.visit(&t.Visits[i]))
	}
	var out bytes.Buffer
	if err := ical.NewEncoder(&out).Encode(c); err != nil {
		return nil, fmt.Errorf("feed: %w", err)
	}
	return out.Bytes(), nil
}

func (t *Text) event(turn *Turn, d *contacts.Directory) *ical.Component {
	e := ical.NewComponent(ical.CompEvent)
	e.Props.SetText(ical.PropUID, t.uid(turn))
	e.Props.SetDateTime(ical.PropDateTimeStamp, t.Now.UTC().Truncate(time.Second))
	e.Props.Set(wallClock(ical.PropDateTimeStart, turn.From, t.In))
	e.Props.Set(wallClock(ical.PropDateTimeEnd, turn.To, t.In))
	says := lang.Fill(t.Words.Turn, "group", turn.Group)
	if t.OfGroup {
		names := make([]string, len(turn.People))
		for i, key := range turn.People {
			names[i] = key
			if p, ok := d.Person(key); ok && p.Name != "" {
				names[i] = plain(p.Name)
			}
		}
		says = lang.Fill(t.Words.TurnOf, "group", turn.Group, "who", strings.Join(names, ", "))
	}
	e.Props.SetText(ical.PropSummary, says)
	e.Props.SetText(ical.PropTransparency, "TRANSPARENT") // who is on call is not away
	if page, err := url.Parse(t.Page); err == nil {
		e.Props.SetURI(ical.PropURL, page)
	}
	return e
}

// visit is an intervention. Whoever goes on it is away meanwhile.
func (t *Text) visit(v *ticket.Planned) *ical.Component {
	e := ical.NewComponent(ical.CompEvent)
	sum := sha256.Sum256([]byte("intervention\x00" + v.Ticket + "\x00" + v.ID))
	e.Props.SetText(ical.PropUID, hex.EncodeToString(sum[:12])+"@"+t.Host)
	e.Props.SetDateTime(ical.PropDateTimeStamp, t.Now.UTC().Truncate(time.Second))
	e.Props.Set(wallClock(ical.PropDateTimeStart, v.From, t.In))
	e.Props.Set(wallClock(ical.PropDateTimeEnd, v.Until, t.In))
	e.Props.SetText(ical.PropSummary, lang.Fill(t.Words.Visit, "ticket", v.Ticket, "title", plain(v.Title)))
	if where := plain(cmp.Or(v.Place, v.Site)); where != "" {
		e.Props.SetText(ical.PropLocation, where)
	}
	if page, err := url.Parse(t.Ticket(v.Ticket)); err == nil {
		e.Props.SetURI(ical.PropURL, page)
	}
	return e
}

// uid names a turn, so that a calendar that reads it again knows it.
func (t *Text) uid(turn *Turn) string {
	sum := sha256.Sum256([]byte(turn.Group + "\x00" + strings.Join(turn.People, "\x00") + "\x00" + turn.From.UTC().Format(time.RFC3339)))
	return hex.EncodeToString(sum[:12]) + "@" + t.Host
}

// wallClock is an instant by the wall clock of a place, to the second.
func wallClock(name string, at time.Time, in *time.Location) *ical.Prop {
	p := ical.NewProp(name)
	p.Params.Set(ical.ParamTimezoneID, in.String())
	p.Value = at.In(in).Format(wallForm)
	return p
}

const wallForm = "20060102T150405"

// zoneOf is a place's clock from from until to (RFC 5545, 3.6.5), each change of it
// written out: rules that repeat would be ours to guess.
func zoneOf(in *time.Location, from, to time.Time) *ical.Component {
	zone := ical.NewComponent(ical.CompTimezone)
	zone.Props.SetText(ical.PropTimezoneID, in.String())
	for at := from.In(in); at.Before(to); {
		begins, ends := at.ZoneBounds()
		zone.Children = append(zone.Children, observance(at, begins))
		if ends.IsZero() {
			break
		}
		at = ends
	}
	return zone
}

// observance is the clock that holds at an instant, since begins; zero: ever since.
func observance(at, begins time.Time) *ical.Component {
	name, offset := at.Zone()
	before, since := offset, time.Date(1970, time.January, 1, 0, 0, 0, 0, time.UTC)
	if !begins.IsZero() {
		_, before = begins.Add(-time.Second).Zone()
		since = begins.UTC().Add(time.Duration(before) * time.Second)
	}
	kind := ical.CompTimezoneStandard
	if at.IsDST() {
		kind = ical.CompTimezoneDaylight
	}
	o := ical.NewComponent(kind)
	start := ical.NewProp(ical.PropDateTimeStart)
	start.Value = since.Format(wallForm)
	o.Props.Set(start)
	for prop, seconds := range map[string]int{ical.PropTimezoneOffsetFrom: before, ical.PropTimezoneOffsetTo: offset} {
		p := ical.NewProp(prop)
		p.Value = offsetText(seconds)
		o.Props.Set(p)
	}
	o.Props.SetText(ical.PropTimezoneName, name)
	return o
}

// offsetText is a UTC offset as +HHMM, with seconds if there are any.
func offsetText(seconds int) string {
	sign := "+"
	if seconds < 0 {
		sign, seconds = "-", -seconds
	}
	text := fmt.Sprintf("%s%02d%02d", sign, seconds/3600, seconds/60%60)
	if s := seconds % 60; s != 0 {
		text += fmt.Sprintf("%02d", s)
	}
	return text
}

// plain is a name without the characters that a line of a calendar may not have.
func plain(name string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, name)
}
