package feed

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	ics "github.com/arran4/golang-ical"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/calendar"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
)

func place(t testing.TB, name string) *time.Location {
	t.Helper()
	in, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func day(t testing.TB, text string) calendar.Date {
	t.Helper()
	d, err := calendar.ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// firm has alice, bruno and chloe in turns from Thursday to Thursday, bruno on his own
// in a group that changes each day, and dominique, who is always there.
func firm(t testing.TB, in *time.Location, overrides ...contacts.Override) *contacts.Directory {
	t.Helper()
	week := contacts.Rotation{
		Name: "week", People: [][]string{{"alice"}, {"bruno", "chloe"}}, Location: in,
		Handover: contacts.Handover{Day: time.Thursday, Hour: 9}, First: day(t, "2026-01-08"),
	}
	days := contacts.Rotation{
		Name: "days", People: contacts.InTurn("bruno"), Every: 24 * time.Hour, Location: in,
		Handover: contacts.Handover{Hour: 9}, First: day(t, "2026-11-02"), Until: day(t, "2026-11-05"),
	}
	d, err := contacts.NewDirectory([]contacts.Person{
		{Key: "alice", Name: "Alice Martin, \"Ali\"; L2"}, {Key: "bruno", Name: "Bruno\nPetit"}, {Key: "chloe"}, {Key: "dominique", Name: "Dominique"},
	}, []contacts.Group{
		{Key: "on-call", People: []string{"dominique"}, Rotations: []contacts.Rotation{week}},
		{Key: "second", Rotations: []contacts.Rotation{days}},
	}, overrides)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func told(turns []Turn, in *time.Location) string {
	var b strings.Builder
	for i := range turns {
		fmt.Fprintf(&b, "%s %s-%s %s\n", turns[i].Group, turns[i].From.In(in).Format("02 15:04"), turns[i].To.In(in).Format("02 15:04"), strings.Join(turns[i].People, "+"))
	}
	return b.String()
}

// TestTurns: a person's feed tells his turns in all groups, a group's everybody's, both
// with who stands in; nobody's who is always there.
func TestTurns(t *testing.T) {
	in := place(t, "Europe/Paris")
	at := func(d, h int) time.Time { return time.Date(2026, time.November, d, h, 0, 0, 0, in) }
	d := firm(t, in, contacts.Override{Group: "on-call", Person: "alice", Replaces: "chloe", From: at(7, 9), To: at(8, 9)})
	from, to := at(1, 0), at(13, 0)
	for _, c := range []struct{ person, group, want string }{
		{"bruno", "", "on-call 05 09:00-12 09:00 bruno\nsecond 02 09:00-05 09:00 bruno\n"},
		{"alice", "", "on-call 01 00:00-05 09:00 alice\non-call 07 09:00-08 09:00 alice\non-call 12 09:00-13 00:00 alice\n"},
		{"dominique", "", ""},
		{"dominique", "second", "second 02 09:00-05 09:00 bruno\n"},
		{"dominique", "on-call", "on-call 01 00:00-05 09:00 alice\non-call 05 09:00-07 09:00 bruno+chloe\non-call 07 09:00-08 09:00 bruno+alice\non-call 08 09:00-12 09:00 bruno+chloe\non-call 12 09:00-13 00:00 alice\n"},
	} {
		turns := Turns(d, &Feed{Person: c.person, Group: c.group}, from, to)
		if !slices.IsSortedFunc(turns, func(a, b Turn) int { return a.From.Compare(b.From) }) {
			t.Errorf("%s%s: not in order", c.person, c.group)
		}
		slices.SortStableFunc(turns, func(a, b Turn) int { return strings.Compare(a.Group, b.Group) })
		if got := told(turns, in); got != c.want {
			t.Errorf("%s %s:\n%swanted:\n%s", c.person, c.group, got, c.want)
		}
	}
}

// TestAFeedIsReadBack by another library, in zones whose clocks change in every way: each
// turn at its instants, under a name of its own that stays.
func TestAFeedIsReadBack(t *testing.T) {
	for _, name := range []string{"Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Cairo", "Pacific/Apia", "Africa/Casablanca", "UTC"} {
		in := place(t, name)
		d := firm(t, in)
		now := time.Date(2026, time.November, 26, 8, 0, 0, 5e8, time.UTC)
		from, to := Range(now, in)
		if !from.Before(now.AddDate(0, -1, 5)) || !to.After(now.AddDate(1, 0, 0)) {
			t.Fatalf("from %s until %s", from, to)
		}
		turns := Turns(d, &Feed{Person: "dominique", Group: "on-call"}, from, to)
		text := Text{Words: &lang.In("fr").Feed, Host: "astreinte.example.net", Page: "https://astreinte.example.net/oncall", In: in, Now: now, Whose: "on-call", OfGroup: true}
		raw, err := Write(turns, d, &text)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.SplitSeq(string(raw), "\r\n") {
			if len(line) > 75 || strings.ContainsAny(line, "\r\n") {
				t.Errorf("%s: a line of %d bytes: %q", name, len(line), line)
			}
		}
		c, err := ics.ParseCalendar(bytes.NewReader(raw))
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, raw)
		}
		events := c.Events()
		if len(events) != len(turns) || len(turns) < 50 {
			t.Fatalf("%s: %d events of %d turns", name, len(events), len(turns))
		}
		seen := map[string]bool{}
		for i, e := range events {
			begin, err1 := e.GetStartAt()
			end, err2 := e.GetEndAt()
			stamp, err3 := e.GetDtStampTime()
			if err := errors.Join(err1, err2, err3); err != nil || !begin.Equal(turns[i].From) || !end.Equal(turns[i].To) || !stamp.Equal(now.Truncate(time.Second)) {
				t.Errorf("%s: %s to %s, wanted %s to %s: %v", name, begin, end, turns[i].From, turns[i].To, err)
			}
			if seen[e.Id()] || !strings.HasSuffix(e.Id(), "@astreinte.example.net") {
				t.Errorf("%s: the name %s", name, e.Id())
			}
			seen[e.Id()] = true
		}
		if says := events[1].GetProperty(ics.ComponentPropertySummary).Value; !strings.HasPrefix(says, "on-call : ") {
			t.Errorf("%q", says)
		}
		text.Now = now.Add(26 * time.Hour)
		again, err := Write(turns, d, &text)
		if err != nil {
			t.Fatal(err)
		}
		c, err = ics.ParseCalendar(bytes.NewReader(again))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range c.Events() {
			if !seen[e.Id()] {
				t.Errorf("%s: a turn has another name a day later", name)
			}
		}
	}
}

// TestAZoneIsItsClock: whoever reads a feed by its VTIMEZONE alone has the offsets of
// the zone, at each hour of what it tells.
func TestAZoneIsItsClock(t *testing.T) {
	for _, name := range []string{"Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Cairo", "Pacific/Apia", "Africa/Casablanca", "UTC"} {
		in := place(t, name)
		from, to := Range(time.Date(2026, time.November, 26, 8, 0, 0, 0, time.UTC), in)
		zone := zoneOf(in, from, to)
		type clock struct {
			since  time.Time
			offset int
		}
		var clocks []clock
		for _, o := range zone.Children {
			var h, m, before, offset int
			for prop, into := range map[string]*int{"TZOFFSETFROM": &before, "TZOFFSETTO": &offset} {
				text := o.Props.Get(prop).Value
				if _, err := fmt.Sscanf(text[1:], "%02d%02d", &h, &m); err != nil {
					t.Fatal(err)
				}
				*into = h*3600 + m*60
				if text[0] == '-' {
					*into = -*into
				}
			}
			wall, err := time.Parse(wallForm, o.Props.Get("DTSTART").Value)
			if err != nil {
				t.Fatal(err)
			}
			clocks = append(clocks, clock{wall.Add(-time.Duration(before) * time.Second), offset})
		}
		for at := from; at.Before(to); at = at.Add(time.Hour) {
			offset := 99
			for _, c := range clocks {
				if !c.since.After(at) {
					offset = c.offset
				}
			}
			if _, want := at.Zone(); offset != want {
				t.Fatalf("%s at %s: %d, wanted %d", name, at, offset, want)
			}
		}
	}
}

// TestNamesStayInTheirLine: nothing that a name has in it becomes a line of its own.
func TestNamesStayInTheirLine(t *testing.T) {
	in := place(t, "Europe/Paris")
	d := firm(t, in)
	now := time.Date(2026, time.November, 26, 8, 0, 0, 0, time.UTC)
	from, to := Range(now, in)
	text := Text{Words: &lang.In("en").Feed, Host: "h", Page: "https://h/oncall", In: in, Now: now, Whose: "x\r\nBEGIN:VEVENT", OfGroup: true}
	raw, err := Write(Turns(d, &Feed{Group: "on-call"}, from, to), d, &text)
	if err != nil {
		t.Fatal(err)
	}
	c, err := ics.ParseCalendar(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	says := map[string]bool{}
	for _, e := range c.Events() {
		says[e.GetProperty(ics.ComponentPropertySummary).Value] = true
	}
	if want := `on-call: Alice Martin, "Ali"; L2`; !says[want] || !says["on-call: Bruno Petit, chloe"] || len(says) != 2 {
		t.Errorf("%v", says)
	}
	// Nobody on call leaves a calendar that can be read all the same.
	if raw, err = Write(nil, d, &text); err != nil || !strings.Contains(string(raw), "BEGIN:VTIMEZONE") {
		t.Errorf("%v %s", err, raw)
	}
}

// TestBook: a token leads to its feed until that is revoked, and is kept nowhere.
func TestBook(t *testing.T) {
	ctx, store := t.Context(), storetest.New()
	b := NewBook(store.Records())
	at := storetest.Began()
	token, made, err := b.Make(ctx, Feed{Person: "alice", By: "alice", At: at})
	if err != nil {
		t.Fatal(err)
	}
	other, _, err := b.Make(ctx, Feed{Person: "bruno", Group: "on-call", By: "ops", At: at})
	if err != nil {
		t.Fatal(err)
	}
	if f, err := b.Find(ctx, token); err != nil || f != made || f.Person != "alice" || len(token) != 26 {
		t.Errorf("%+v %v", f, err)
	}
	if _, err := b.Find(ctx, token[:25]+"0"); !errors.Is(err, ErrNotFound) {
		t.Errorf("a token that is none: %v", err)
	}
	if list, err := store.Records().List(ctx, records.House, Kind, "", 10); err != nil || len(list) != 2 {
		t.Errorf("%d records: %v", len(list), err)
	} else {
		for i := range list {
			if strings.Contains(fmt.Sprint(list[i]), token) {
				t.Error("a token is kept")
			}
		}
	}
	for range ticket.MaxFeeds - 1 {
		if _, _, err := b.Make(ctx, Feed{Person: "alice", At: at}); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := b.Make(ctx, Feed{Person: "alice", At: at}); !errors.Is(err, ErrTooMany) {
		t.Errorf("one too many: %v", err)
	}
	if n, err := b.Revoke(ctx, "bruno", made.ID); n != 0 || err != nil {
		t.Errorf("another's: %d %v", n, err)
	}
	if n, err := b.Revoke(ctx, "alice", made.ID); n != 1 || err != nil {
		t.Errorf("%d %v", n, err)
	}
	if _, err := b.Find(ctx, token); !errors.Is(err, ErrNotFound) {
		t.Errorf("a revoked one: %v", err)
	}
	if n, err := b.Revoke(ctx, "alice", ""); n != ticket.MaxFeeds-1 || err != nil {
		t.Errorf("all: %d %v", n, err)
	}
	if f, err := b.Find(ctx, other); err != nil || f.Person != "bruno" {
		t.Errorf("bruno's went too: %v", err)
	}
}

func BenchmarkTurns(b *testing.B) {
	in := place(b, "Europe/Paris")
	d := firm(b, in)
	from, to := Range(time.Date(2026, time.November, 26, 8, 0, 0, 0, time.UTC), in)
	for b.Loop() {
		Turns(d, &Feed{Person: "bruno"}, from, to)
	}
}
