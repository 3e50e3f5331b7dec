package duty

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/calendar"
)

// doubtful is a house with a layer that ends, and one of bruno's alone.
func doubtful(t *testing.T) *contacts.Directory {
	t.Helper()
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	weekly := func(until calendar.Date, people ...string) contacts.Rotation {
		return contacts.Rotation{
			People: contacts.InTurn(people...), Handover: contacts.Handover{Day: time.Thursday, Hour: 9},
			First: calendar.Date{Year: 2026, Month: 11, Day: 19}, Until: until, Location: paris,
		}
	}
	d, err := contacts.NewDirectory([]contacts.Person{
		{Key: "alice"}, {Key: "bruno"}, {Key: "chloe"}, {Key: "dominique", Role: contacts.RoleManager},
	}, []contacts.Group{
		{Key: "on-call", Rotations: []contacts.Rotation{weekly(calendar.Date{}, "alice", "bruno")}},
		{Key: "ends", Rotations: []contacts.Rotation{weekly(calendar.Date{Year: 2026, Month: 11, Day: 26}, "alice")}},
		{Key: "second", Rotations: []contacts.Rotation{weekly(calendar.Date{Year: 2026, Month: 11, Day: 26}, "chloe")}},
		{Key: "managers", People: []string{"dominique"}},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// told are doubts in hours from now.
func told(d *Doubts) string {
	hours := func(h Hours) string { return fmt.Sprintf("%g-%g", h.From.Sub(now).Hours(), h.To.Sub(now).Hours()) }
	var all []string
	for _, g := range d.Gaps {
		all = append(all, "gap "+g.Group+" "+hours(g.Hours))
	}
	for _, r := range d.Rests {
		all = append(all, fmt.Sprintf("rest %s week %t %s", r.Person, r.Week, hours(r.Hours)))
	}
	for _, w := range d.Twice {
		all = append(all, "twice "+w.Person+" "+w.Groups[0]+" "+w.Groups[1]+" "+hours(w.Hours))
	}
	return strings.Join(all, ", ")
}

// TestWhatAReplacementDoes: gaps, rest, and two places at once. Bruno's own week
// begins 126 hours from now.
func TestWhatAReplacementDoes(t *testing.T) {
	base := doubtful(t)
	of := func(group string, r Replacement) Replacement { r.Group = group; return r }
	swap := Replacement{Kind: Swap, Group: "on-call", Person: "alice", With: "bruno", Hours: Hours{in(6), in(30)}, Theirs: Hours{in(128), in(152)}}
	for name, c := range map[string]struct {
		r      Replacement
		others []Replacement
		want   string
	}{
		"nothing":                   {cover("dominique", "alice", 6, 12), nil, ""},
		"a weekend":                 {cover("bruno", "alice", 6, 36), nil, ""},
		"35 hours before his week":  {cover("bruno", "alice", 6, 91), nil, ""},
		"34 hours before his week":  {cover("bruno", "alice", 6, 92), nil, "rest bruno week true 6-294"},
		"11 hours before his week":  {cover("bruno", "alice", 114, 115), nil, "rest bruno week true 114-294"},
		"10 hours before his week":  {cover("bruno", "alice", 114, 116), nil, "rest bruno week true 114-294, rest bruno week false 116-126"},
		"up to his week":            {cover("bruno", "alice", 102, 126), nil, "rest bruno week true 102-294"},
		"beyond the layer's end":    {of("ends", cover("dominique", "alice", 100, 200)), nil, "gap ends 126-200"},
		"in everybody's place":      {of("ends", cover("dominique", "", 100, 200)), nil, ""},
		"in two groups":             {cover("chloe", "alice", 6, 12), nil, "twice chloe on-call second 6-12"},
		"in two, and it was so":     {of("ends", cover("alice", "", 6, 12)), nil, ""},
		"as well":                   {Replacement{Kind: Besides, Group: "second", Person: "bruno", Hours: Hours{in(130), in(140)}}, nil, "twice bruno on-call second 130-140"},
		"who stands behind a group": {cover("dominique", "alice", 6, 12), nil, ""},
		"beside another one":        {cover("dominique", "alice", 6, 12), []Replacement{{ID: "x", Kind: Cover, Group: "second", Person: "dominique", InsteadOf: "chloe", Hours: Hours{in(8), in(10)}, State: Planned}}, "twice dominique on-call second 8-10"},
		"a swap":                    {swap, nil, "rest alice week true -42-152, rest alice week false 126-128"}, // she has the group that ends, too
	} {
		t.Run(name, func(t *testing.T) {
			got, err := c.r.Doubt(base, c.others)
			if err != nil {
				t.Fatal(err)
			}
			if told(&got) != c.want {
				t.Errorf("%q, wanted %q", told(&got), c.want)
			}
		})
	}
}

// TestAPreviewKeepsNothing: it says what it would be, what it overlaps, and no more.
func TestAPreviewKeepsNothing(t *testing.T) {
	d := newDesk(t)
	first := d.made(cover("chloe", "alice", 6, 12), manager)
	p, err := d.book.Preview(t.Context(), cover("bruno", "alice", 110, 120), person("alice"), d.with(), now)
	if err != nil || p.Replacement.State != Offered || p.Replacement.Asks() != "bruno" || p.Overlap != nil || told(&p.Doubts) == "" {
		t.Errorf("%+v, %v", p, err)
	}
	p, err = d.book.Preview(t.Context(), cover("dominique", "alice", 8, 14), manager, d.with(), now)
	if err != nil || p.Replacement.State != Planned || p.Overlap == nil || p.Overlap.ID != first.ID {
		t.Errorf("%+v, %v", p, err)
	}
	if _, err = d.book.Preview(t.Context(), cover("dominique", "alice", 8, 14), person("chloe"), d.with(), now); err == nil {
		t.Error("somebody else's duty")
	}
	if all, err := d.book.All(t.Context()); err != nil || len(all) != 1 {
		t.Errorf("%v, %v", all, err)
	}
}

// TestWhatIsAskedAgainIsAskedOnce: under one id one is made, and what became of it
// stays.
func TestWhatIsAskedAgainIsAskedOnce(t *testing.T) {
	d := newDesk(t)
	r := cover("bruno", "", 0, 8)
	r.ID = Named("+33612345602 SM1")
	first := d.made(r, person("bruno"))
	if _, err := d.book.Drop(t.Context(), first.ID, person("bruno"), in(1)); err != nil {
		t.Fatal(err)
	}
	again, err := d.book.Make(t.Context(), r, person("bruno"), d.with(), in(2), true)
	if err != nil || again.State != Dropped || again.ID != first.ID {
		t.Errorf("%+v, %v", again, err)
	}
	d.expect("after it was asked for again", map[int]string{2: "alice"})
	if Named("") != "" || Named("a") == Named("b") {
		t.Error("names")
	}
}

func TestGroupsOf(t *testing.T) {
	d := doubtful(t)
	for person, want := range map[string]string{"alice": "[ends on-call]", "bruno": "[on-call]", "dominique": "[managers]", "zoe": "[]"} {
		if got := fmt.Sprint(GroupsOf(d, person)); got != want {
			t.Errorf("%s: %s, wanted %s", person, got, want)
		}
	}
}
