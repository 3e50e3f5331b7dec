package ready

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/calendar"
)

func paris(t testing.TB) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

var people = []contacts.Person{
	{Key: "alice", Name: "Alice Martin", Phones: []string{"+33612345601"}},
	{Key: "bruno", Phones: []string{"+33612345602"}},
	{Key: "chloe", Phones: []string{"+33612345603"}},
	{Key: "dominique", Role: contacts.RoleManager},
}

// weekly is alice, bruno and chloe by turns, from Thursday on at an hour.
func weekly(t testing.TB, hour int, overrides ...contacts.Override) *contacts.Directory {
	t.Helper()
	d, err := contacts.NewDirectory(people, []contacts.Group{{
		Key: "on-call", Readiness: contacts.Readiness{Ask: 24 * time.Hour, Remind: 30 * time.Minute, Location: paris(t)},
		Rotations: []contacts.Rotation{{
			People: contacts.InTurn("alice", "bruno", "chloe"), Handover: contacts.Handover{Day: time.Thursday, Hour: hour},
			First: calendar.Date{Year: 2026, Month: 11, Day: 19}, Location: paris(t),
		}},
	}}, overrides)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// local is a time in Paris, in winter.
func local(text string) time.Time {
	at, err := time.Parse("2006-01-02 15:04", text)
	if err != nil {
		panic(err)
	}
	return at.Add(-time.Hour)
}

// TestUpcoming: who comes on call, a day before; who is back after a night is not asked.
func TestUpcoming(t *testing.T) {
	cover := func(person, from, to string) contacts.Override {
		return contacts.Override{Group: "on-call", Person: person, From: local(from), To: local(to)}
	}
	for _, c := range []struct {
		name, now, want string
		overrides       []contacts.Override
	}{
		{"nothing for days", "2026-11-21 12:00", "", nil},
		{"a day before", "2026-11-25 09:00", "bruno 11-26 09:00", nil},
		{"just over", "2026-11-26 09:09", "bruno 11-26 09:00", nil},
		{"over", "2026-11-26 09:11", "", nil},
		{"a night of somebody else's", "2026-11-21 20:00", "chloe 11-21 22:00", []contacts.Override{cover("chloe", "2026-11-21 22:00", "2026-11-22 06:00")}},
		{"two days of somebody else's", "2026-11-23 12:00", "alice 11-23 22:00", []contacts.Override{cover("chloe", "2026-11-21 22:00", "2026-11-23 22:00")}},
	} {
		var got []string
		for _, h := range Upcoming(weekly(t, 9, c.overrides...), local(c.now)) {
			got = append(got, h.Person+" "+h.At.In(paris(t)).Format("01-02 15:04"))
		}
		if said := strings.Join(got, ", "); said != c.want {
			t.Errorf("%s: %q, not %q", c.name, said, c.want)
		}
	}
	d, err := contacts.NewDirectory(people, []contacts.Group{{Key: "on-call", People: []string{"alice"}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := Upcoming(d, local("2026-11-25 09:00")); len(got) != 0 {
		t.Errorf("%+v", got)
	}
}

// TestWhenPeopleAreAsked: a day and half an hour before, and at it; nobody is woken for
// it, unless the handover is at night.
func TestWhenPeopleAreAsked(t *testing.T) {
	for _, c := range []struct{ at, ask, remind string }{
		{"2026-11-26 09:00", "2026-11-25 09:00", "2026-11-26 08:30"},
		{"2026-11-26 23:00", "2026-11-26 07:00", "2026-11-26 22:30"},
		{"2026-11-26 02:00", "2026-11-25 07:00", "2026-11-26 01:30"},
		{"2026-11-26 07:00", "2026-11-25 07:00", "never"},
		{"2026-11-26 07:30", "2026-11-25 07:30", "2026-11-26 07:00"},
	} {
		h := Handover{At: local(c.at)}
		r := contacts.Readiness{Ask: 24 * time.Hour, Remind: 30 * time.Minute, Location: paris(t)}
		for stage, want := range map[Stage]string{Ask: c.ask, Remind: c.remind, Begin: c.at, Tell: c.at, Sum: c.at} {
			got := "never"
			if at, ok := h.When(stage, r); ok {
				got = at.In(paris(t)).Format("2006-01-02 15:04")
			}
			if got != want {
				t.Errorf("a handover at %s: %s at %s, not at %s", c.at, stage, got, want)
			}
		}
	}
}

// TestTurns: what is overtaken is left out, and whoever has confirmed is asked no more.
func TestTurns(t *testing.T) {
	r := contacts.Readiness{Ask: 24 * time.Hour, Remind: 30 * time.Minute, Location: paris(t)}
	for _, c := range []struct {
		stage     Stage
		now       string
		confirmed bool
		want      Stage
	}{
		{Ask, "2026-11-25 08:00", false, Ask},
		{Ask, "2026-11-25 09:00", false, Ask},
		{Ask, "2026-11-26 08:29", false, Ask},
		{Ask, "2026-11-26 08:30", false, Remind},
		{Ask, "2026-11-26 09:00", false, Begin},
		{Remind, "2026-11-26 08:00", false, Remind},
		{Remind, "2026-11-26 09:01", false, Begin},
		{Remind, "2026-11-26 08:30", true, Sum},
		{Ask, "2026-11-25 09:00", true, Sum},
		{Tell, "2026-11-26 09:00", true, Sum},
		{Tell, "2026-11-26 09:00", false, Tell},
		{End, "2026-11-27 09:00", false, End},
		{Forget, "2026-11-27 09:00", false, Forget},
	} {
		h := Handover{At: local("2026-11-26 09:00"), Stage: c.stage}
		if c.confirmed {
			h.Confirmed = local("2026-11-25 09:10")
		}
		if got := h.Turn(r, local(c.now)); got != c.want {
			t.Errorf("%s at %s, confirmed %t: %s, not %s", c.stage, c.now, c.confirmed, got, c.want)
		}
	}
}

// spans is a group's schedule in words.
func spans(t *testing.T, d *contacts.Directory, from, to string) string {
	t.Helper()
	var said []string
	for _, s := range d.Schedule("on-call", local(from), local(to)) {
		text := s.From.In(paris(t)).Format("02 15:04")
		for _, a := range s.People {
			text += " " + a.Person
			if strings.HasPrefix(a.Why, "stays") {
				text += " (" + a.Why + ")"
			}
		}
		said = append(said, text)
	}
	return strings.Join(said, "; ")
}

// TestWhoStaysOn: beside who has not confirmed, until then, a day at most, on through
// somebody else who has not.
func TestWhoStaysOn(t *testing.T) {
	on := func(person, at, confirmed string) Handover {
		h := Handover{Group: "on-call", Person: person, At: local(at)}
		if confirmed != "" {
			h.Confirmed = local(confirmed)
		}
		return h
	}
	chloe := contacts.Override{Group: "on-call", Person: "chloe", Replaces: "bruno", From: local("2026-11-26 15:00"), To: local("2026-11-28 15:00"), Name: "replacement x"}
	for _, c := range []struct {
		name      string
		list      []Handover
		overrides []contacts.Override
		want      string
	}{
		{"confirmed before", []Handover{on("bruno", "2026-11-26 09:00", "2026-11-25 10:00")}, nil, "26 08:00 alice; 26 09:00 bruno"},
		{
			"not confirmed",
			[]Handover{on("bruno", "2026-11-26 09:00", "")},
			nil,
			"26 08:00 alice; 26 09:00 bruno alice (stays until bruno confirms); 27 09:00 bruno",
		},
		{
			"confirmed after",
			[]Handover{on("bruno", "2026-11-26 09:00", "2026-11-26 09:40")},
			nil,
			"26 08:00 alice; 26 09:00 bruno alice (stays until bruno confirms); 26 09:40 bruno",
		},
		{
			"another stands in, who confirms",
			[]Handover{on("bruno", "2026-11-26 09:00", ""), on("chloe", "2026-11-26 15:00", "2026-11-26 15:00")},
			[]contacts.Override{chloe},
			"26 08:00 alice; 26 09:00 bruno alice (stays until bruno confirms); 26 15:00 chloe",
		},
		{
			"another stands in, who does not",
			[]Handover{on("bruno", "2026-11-26 09:00", ""), on("chloe", "2026-11-26 15:00", "")},
			[]contacts.Override{chloe},
			"26 08:00 alice; 26 09:00 bruno alice (stays until bruno confirms); 26 15:00 chloe bruno (stays until chloe confirms) alice (stays until chloe confirms); " +
				"27 09:00 chloe bruno (stays until chloe confirms); 27 15:00 chloe",
		},
		{"it is not so any more", []Handover{on("chloe", "2026-11-26 09:00", "")}, nil, "26 08:00 alice; 26 09:00 bruno"},
		{"of nobody we know", []Handover{{Group: "x", Person: "y", At: local("2026-11-26 09:00")}}, nil, "26 08:00 alice; 26 09:00 bruno"},
	} {
		t.Run(c.name, func(t *testing.T) {
			base := weekly(t, 9, c.overrides...)
			d, err := base.With(append(slices.Clone(c.overrides), Overrides(base, c.list)...))
			if err != nil {
				t.Fatal(err)
			}
			if got := spans(t, d, "2026-11-26 08:00", "2026-11-27 20:00"); got != c.want {
				t.Errorf("%s\nnot %s", got, c.want)
			}
		})
	}
}

// TestNobodyIsOffCallByIt: whatever is known of handovers, whoever is on call by the
// rotations and the replacements is, and nobody stays longer than a day.
func TestNobodyIsOffCallByIt(t *testing.T) {
	keys := []string{"alice", "bruno", "chloe"}
	rapid.Check(t, func(rt *rapid.T) {
		start := local("2026-11-24 00:00")
		instant := func(name string) time.Time {
			return start.Add(time.Duration(rapid.IntRange(0, 6*24).Draw(rt, name)) * time.Hour)
		}
		var overrides []contacts.Override
		for i := range rapid.IntRange(0, 3).Draw(rt, "replacements") {
			from := instant(fmt.Sprint("from", i))
			overrides = append(overrides, contacts.Override{
				Group: "on-call", Person: rapid.SampledFrom(keys).Draw(rt, "person"), Replaces: rapid.SampledFrom(append([]string{""}, keys...)).Draw(rt, "of"),
				From: from, To: from.Add(time.Duration(rapid.IntRange(1, 60).Draw(rt, "hours")) * time.Hour),
			})
		}
		base := weekly(t, 9, overrides...)
		var list []Handover
		for at := start; at.Before(start.AddDate(0, 0, 6)); at = at.Add(10 * time.Minute) {
			for _, h := range Upcoming(base, at) {
				if !slices.ContainsFunc(list, func(o Handover) bool { return o.Key() == h.Key() }) {
					if rapid.Bool().Draw(rt, "confirmed") {
						h.Confirmed = h.At.Add(time.Duration(rapid.IntRange(-20, 30).Draw(rt, "when")) * time.Hour)
					}
					list = append(list, h)
				}
			}
		}
		stays := Overrides(base, list)
		d, err := base.With(append(slices.Clone(overrides), stays...))
		if err != nil {
			rt.Fatal(err)
		}
		for at := start; at.Before(start.AddDate(0, 0, 8)); at = at.Add(time.Hour) {
			was, _ := base.On("on-call", at)
			is, _ := d.On("on-call", at)
			for i := range was {
				if i >= len(is) || is[i].Key != was[i].Key {
					rt.Fatalf("at %s %v are on call, and were %v", at, is, was)
				}
			}
		}
		for _, o := range stays {
			if !o.Besides || o.To.Sub(o.From) > Stays || !o.From.Before(o.To) {
				rt.Fatalf("%+v", o)
			}
		}
		for i := range list { // the unconfirmed have somebody beside them who was on call before
			h := &list[i]
			before, _ := base.On("on-call", h.At.Add(-1))
			if !h.Confirmed.IsZero() || len(before) == 0 {
				continue
			}
			now, _ := d.On("on-call", h.At)
			if len(now) < 2 {
				rt.Fatalf("at %s %s is alone, and has not confirmed", h.At, h.Person)
			}
		}
	})
}
