package contacts

import (
	"slices"
	"strings"
	"testing"
	"time"

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

// at reads "2026-11-26 09:00" or "2026-11-26 08:59:59" as local time of Paris.
func at(t testing.TB, s string) time.Time {
	t.Helper()
	instant, err := time.ParseInLocation("2006-01-02 15:04:05"[:len(s)], s, paris(t))
	if err != nil {
		t.Fatal(err)
	}
	return instant
}

// date reads "2026-11-19".
func date(t testing.TB, s string) calendar.Date {
	t.Helper()
	d, err := calendar.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

var team = []Person{
	{Key: "chloe", Name: "Chloé Durand", Phones: []string{"+33612345603", "+33612345600"}},
	{Key: "alice", Name: "Alice Martin", Phones: []string{"+33612345601", "+33612345601"}, Language: "fr", Skill: "confirmed"},
	{Key: "bruno", Name: "Bruno Petit", Phones: []string{"+33612345602", "+33612345600"}, Role: RoleTechnician},
	{Key: "dominique", Name: "Dominique Roy", Phones: []string{"+33612345699"}, Role: RoleManager},
	{Key: "arthur", Name: "Arthur Blanc", Role: RoleManager},
}

// thursdays is the rotation of the reference configuration.
func thursdays(t testing.TB) Rotation {
	t.Helper()
	return Rotation{
		People:   InTurn("alice", "bruno", "chloe"),
		Handover: Handover{Day: time.Thursday, Hour: 9},
		First:    date(t, "2026-11-19"),
		Location: paris(t),
	}
}

func directory(t testing.TB, groups []Group, overrides ...Override) *Directory {
	t.Helper()
	d, err := NewDirectory(team, groups, overrides)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func onCall(t testing.TB, overrides ...Override) *Directory {
	t.Helper()
	return directory(t, []Group{{Key: "on-call", Rotations: []Rotation{thursdays(t)}}}, overrides...)
}

// on is the keys of those on duty in the group on-call, as one string.
func on(t testing.TB, d *Directory, when time.Time) string {
	t.Helper()
	people, ok := d.On("on-call", when)
	if !ok {
		t.Fatal("no group on-call")
	}
	return keys(people)
}

func keys(people []Person) string {
	var list []string
	for _, p := range people {
		list = append(list, p.Key)
	}
	return strings.Join(list, " ")
}

func TestDirectoryFindsPeople(t *testing.T) {
	d := onCall(t)
	if got := keys(d.People()); got != "alice arthur bruno chloe dominique" {
		t.Errorf("people: %s", got)
	}
	if got := keys(d.Managers()); got != "arthur dominique" {
		t.Errorf("managers: %s", got)
	}
	if p, ok := d.Person("alice"); !ok || p.Name != "Alice Martin" || p.Role != RoleTechnician || p.Skill != "confirmed" {
		t.Errorf("alice is %+v, %v", p, ok)
	}
	if p, ok := d.Person("eve"); ok {
		t.Errorf("eve is %+v", p)
	}
	for number, want := range map[string]string{
		"+33612345601": "alice",
		"+33612345600": "bruno chloe", // the shared phone
		"0612345601":   "",
	} {
		if got := keys(d.ByPhone(number)); got != want {
			t.Errorf("%s is of %q, want %q", number, got, want)
		}
	}
}

func TestDirectoryFindsGroups(t *testing.T) {
	d := directory(t, []Group{
		{Key: "on-call", Rotations: []Rotation{thursdays(t)}},
		{Key: "empty"},
		{Key: "managers", People: []string{"dominique", "arthur", "dominique"}},
	})
	if got := d.Groups(); !slices.Equal(got, []string{"empty", "managers", "on-call"}) {
		t.Errorf("groups: %v", got)
	}
	if g, ok := d.Group("on-call"); !ok || g.Rotations[0].Every != week || g.Rotations[0].First != date(t, "2026-11-19") {
		t.Errorf("on-call is %+v, %v", g, ok)
	}
	now := at(t, "2026-11-20 03:00")
	if people, ok := d.On("managers", now); !ok || keys(people) != "dominique arthur" {
		t.Errorf("managers on duty: %s, %v", keys(people), ok)
	}
	if people, ok := d.On("empty", now); !ok || len(people) != 0 {
		t.Errorf("on duty in an empty group: %s, %v", keys(people), ok)
	}
	if _, ok := d.Group("gone"); ok {
		t.Error("a group that is gone was found")
	}
	if _, ok := d.On("gone", now); ok {
		t.Error("somebody is on duty in a group that is gone")
	}
	if _, ok := d.Duty("gone", now); ok {
		t.Error("a group that is gone has duty")
	}
	if got := d.Changes("gone", now, now.AddDate(1, 0, 0)); got != nil {
		t.Errorf("a group that is gone changes at %v", got)
	}
}

func TestDirectoryIsItsOwn(t *testing.T) {
	people := []Person{{Key: "alice", Phones: []string{"+33612345601"}}, {Key: "bruno"}}
	groups := []Group{{Key: "on-call", People: []string{"alice"}}}
	d, err := NewDirectory(people, groups, nil)
	if err != nil {
		t.Fatal(err)
	}
	people[0].Phones[0], groups[0].People[0] = "+33600000000", "bruno"
	if p, _ := d.Person("alice"); p.Phones[0] != "+33612345601" {
		t.Errorf("alice's number changed to %s", p.Phones[0])
	}
	if got := on(t, d, time.Date(2026, 11, 21, 3, 12, 0, 0, time.UTC)); got != "alice" {
		t.Errorf("the group changed to %s", got)
	}
}

func TestNewDirectoryReportsEveryError(t *testing.T) {
	bad := thursdays(t)
	bad.People = InTurn("alice", "bob")
	bad.Handover = Handover{Day: 7, Hour: 24}
	bad.Every = 5 * time.Minute
	bad.First = calendar.Date{}
	bad.Location = nil
	now := at(t, "2026-11-20 03:00")
	_, err := NewDirectory(
		append([]Person{{Key: "alice"}, {Name: "Nobody"}, {Key: "eve", Role: "boss"}}, team...),
		[]Group{
			{Key: "on-call", Rotations: []Rotation{{}, bad}},
			{Key: "managers", People: []string{"domenic"}},
			{Key: "managers"},
			{},
		},
		[]Override{
			{Group: "night", Person: "alice"},
			{Group: "on-call", Person: "carol", Replaces: "dave", From: now, To: now},
		},
	)
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		`two people have the key "alice"`,
		`person "Nobody" has no key`,
		`person "eve": no role "boss"`,
		`group "on-call": rotation 2: no person named "bob"`,
		`group "on-call": rotation 1: nobody is in it`,
		`group "on-call": rotation 2: a turn of 5m0s: it lasts from 1h to 520w`,
		`7 is no day of the week`,
		`24:00 is no time of day`,
		`its first day, 0000-00-00, does not exist`,
		`it has no time zone`,
		`group "managers": no person named "domenic"`,
		`two groups have the key "managers"`,
		`a group has no key`,
		`override 1 of group "night": no such group`,
		`override 2 of group "on-call": no person named "carol"`,
		`no person named "dave" to stand in for`,
		`it ends before it begins`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing in: %v", want, err)
		}
	}
}

func BenchmarkOn(b *testing.B) {
	d, now := onCall(b), at(b, "2046-11-20 03:00")
	b.ReportAllocs()
	for b.Loop() {
		if people, _ := d.On("on-call", now); len(people) != 1 {
			b.Fatal("nobody")
		}
	}
}

// TestRoles: admins are paged as managers are, if there is no manager.
func TestRoles(t *testing.T) {
	for _, tt := range []struct {
		roles []Role
		want  []string
	}{
		{[]Role{RoleTechnician, RoleReader}, nil},
		{[]Role{RoleAdmin, RoleReader, RoleAdmin}, []string{"a", "c"}},
		{[]Role{RoleAdmin, RoleManager, ""}, []string{"b"}},
	} {
		var people []Person
		for i, role := range tt.roles {
			people = append(people, Person{Key: string(rune('a' + i)), Role: role})
		}
		d, err := NewDirectory(people, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, p := range d.Managers() {
			got = append(got, p.Key)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%v: %v, want %v", tt.roles, got, tt.want)
		}
	}
}
