package duty

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/calendar"
)

// now is a Saturday, 2026-11-21 03:00 in Paris: alice is on call until Thursday, then
// bruno.
var now = time.Date(2026, time.November, 21, 2, 0, 0, 0, time.UTC)

func in(hours int) time.Time { return now.Add(time.Duration(hours) * time.Hour) }

func house(t testing.TB) *contacts.Directory {
	t.Helper()
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	d, err := contacts.NewDirectory([]contacts.Person{
		{Key: "alice"}, {Key: "bruno"}, {Key: "chloe"}, {Key: "dominique", Role: contacts.RoleManager},
	}, []contacts.Group{
		{Key: "on-call", Rotations: []contacts.Rotation{{
			People: [][]string{{"alice"}, {"bruno"}}, Handover: contacts.Handover{Day: time.Thursday, Hour: 9},
			First: calendar.Date{Year: 2026, Month: 11, Day: 19}, Location: paris,
		}}},
		{Key: "nobody"},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// desk is a book, and who is on call by it.
type desk struct {
	t    *testing.T
	base *contacts.Directory
	book *Book
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	return &desk{t: t, base: house(t), book: NewBook(storetest.New().Records(), nil)}
}

// with is who is on call with all that stands.
func (d *desk) with() *contacts.Directory {
	d.t.Helper()
	all, err := d.book.All(d.t.Context())
	if err != nil {
		d.t.Fatal(err)
	}
	overrides, _ := Overrides(all, d.base)
	with, err := d.base.With(overrides)
	if err != nil {
		d.t.Fatal(err)
	}
	return with
}

// on is who is on call so many hours from now.
func (d *desk) on(hours int) string {
	d.t.Helper()
	people, _ := d.with().On("on-call", in(hours))
	keys := make([]string, len(people))
	for i := range people {
		keys[i] = people[i].Key
	}
	return strings.Join(keys, " ")
}

func (d *desk) expect(what string, byHour map[int]string) {
	d.t.Helper()
	for hour, want := range byHour {
		if got := d.on(hour); got != want {
			d.t.Errorf("%s: %d hours from now %q is on call, wanted %q", what, hour, got, want)
		}
	}
}

func (d *desk) make(r Replacement, by Actor) (Replacement, error) {
	return d.book.Make(d.t.Context(), r, by, d.with(), now, false)
}

func (d *desk) made(r Replacement, by Actor) Replacement {
	d.t.Helper()
	r, err := d.make(r, by)
	if err != nil {
		d.t.Fatalf("%+v: %v", r, err)
	}
	return r
}

func cover(person, insteadOf string, from, to int) Replacement {
	return Replacement{Kind: Cover, Group: "on-call", Person: person, InsteadOf: insteadOf, Hours: Hours{in(from), in(to)}}
}

func person(key string) Actor { return Actor{Name: key, Person: key} }

var manager = Actor{Name: "dominique", Person: "dominique", Manager: true}

func TestCoverBesidesAndDrop(t *testing.T) {
	d := newDesk(t)
	first := d.made(cover("bruno", "alice", 6, 12), person("bruno"))
	d.made(Replacement{Kind: Besides, Group: "on-call", Person: "chloe", Hours: Hours{in(10), in(20)}}, person("chloe"))
	d.made(cover("dominique", "", 30, 40), manager)
	d.expect("all three", map[int]string{0: "alice", 5: "alice", 6: "bruno", 10: "bruno chloe", 12: "alice chloe", 19: "alice chloe", 20: "alice", 30: "dominique", 40: "alice"})

	if _, err := d.book.Drop(t.Context(), first.ID, person("chloe"), in(8)); !errors.Is(err, ErrForbidden) {
		t.Errorf("chloe drops bruno's: %v", err)
	}
	dropped, err := d.book.Drop(t.Context(), first.ID, person("alice"), in(8))
	if err != nil || dropped.State != Dropped {
		t.Fatalf("%+v, %v", dropped, err)
	}
	d.expect("what was dropped held until then", map[int]string{7: "bruno", 8: "alice", 11: "alice chloe"})
	if _, err := d.book.Drop(t.Context(), first.ID, manager, in(9)); !errors.Is(err, ErrOver) {
		t.Errorf("dropped twice: %v", err)
	}
	if _, err := d.book.Drop(t.Context(), "none", manager, in(9)); !errors.Is(err, ErrNotFound) {
		t.Errorf("none: %v", err)
	}
}

func TestSwap(t *testing.T) {
	d := newDesk(t)
	week := 7 * 24
	swap := Replacement{Kind: Swap, Group: "on-call", Person: "alice", Hours: Hours{in(10), in(20)}, With: "bruno", Theirs: Hours{in(week + 10), in(week + 20)}}
	offer := d.made(swap, person("alice"))
	if offer.State != Offered || offer.Asks() != "bruno" {
		t.Errorf("%+v", offer)
	}
	d.expect("before it is accepted", map[int]string{10: "alice", week + 10: "bruno"})
	for who, want := range map[Actor]error{person("alice"): ErrForbidden, manager: ErrForbidden} {
		if _, err := d.book.Answer(t.Context(), offer.ID, true, who, in(1)); !errors.Is(err, want) {
			t.Errorf("%s accepts it: %v", who.Name, err)
		}
	}
	if r, err := d.book.Answer(t.Context(), offer.ID, true, person("bruno"), in(1)); err != nil || r.State != Planned {
		t.Fatalf("%+v, %v", r, err)
	}
	d.expect("accepted", map[int]string{9: "alice", 10: "bruno", 20: "alice", week + 10: "alice", week + 20: "bruno"})
	if _, err := d.book.Answer(t.Context(), offer.ID, false, person("bruno"), in(2)); !errors.Is(err, ErrOver) {
		t.Errorf("declined after that: %v", err)
	}
}

func TestWhatNobodyAcceptsLapses(t *testing.T) {
	d := newDesk(t)
	given := d.made(cover("bruno", "alice", 6, 12), person("alice"))
	kept := d.made(cover("bruno", "alice", 20, 30), person("alice"))
	if given.State != Offered || given.Asks() != "bruno" {
		t.Errorf("%+v", given)
	}
	if _, err := d.book.Answer(t.Context(), kept.ID, true, person("bruno"), in(1)); err != nil {
		t.Fatal(err)
	}
	if lapsed, err := d.book.Lapse(t.Context(), "one", in(5)); err != nil || len(lapsed) != 0 {
		t.Errorf("too early: %v, %v", lapsed, err)
	}
	lapsed, err := d.book.Lapse(t.Context(), "one", in(6))
	if err != nil || len(lapsed) != 1 || lapsed[0].Of.ID != given.ID || lapsed[0].Of.State != Lapsed {
		t.Fatalf("%v, %v", lapsed, err)
	}
	if other, err := d.book.Lapse(t.Context(), "two", in(6)); err != nil || len(other) != 0 {
		t.Errorf("by another one while the first tells both: %v, %v", other, err)
	}
	other, err := d.book.Lapse(t.Context(), "two", in(6).Add(telling)) // the first one died
	if err != nil || len(other) != 1 || other[0].Of.Told != [2]Word{} {
		t.Fatalf("%v, %v", other, err)
	}
	lapsed[0].Of.Told[1].Done = true
	if err := d.book.Heard(t.Context(), &lapsed[0], time.Time{}); err != nil {
		t.Errorf("by who has lost the claim: %v", err)
	}
	other[0].Of.Told[0].Done = true
	if err := d.book.Heard(t.Context(), &other[0], in(7)); err != nil {
		t.Fatal(err)
	}
	last, err := d.book.Lapse(t.Context(), "one", in(7))
	if err != nil || len(last) != 1 || last[0].Of.Told != [2]Word{{Done: true}, {}} {
		t.Fatalf("who was not told is told later: %v, %v", last, err)
	}
	last[0].Of.Told[1].Done = true
	if err := d.book.Heard(t.Context(), &last[0], time.Time{}); err != nil {
		t.Fatal(err)
	}
	if lapsed, err := d.book.Lapse(t.Context(), "one", in(21)); err != nil || len(lapsed) != 0 {
		t.Errorf("again, and one that was accepted: %v, %v", lapsed, err)
	}
	if _, err := d.book.Answer(t.Context(), given.ID, true, person("bruno"), in(7)); !errors.Is(err, ErrOver) {
		t.Errorf("accepted too late: %v", err)
	}
	d.expect("what was accepted", map[int]string{6: "alice", 20: "bruno"})
}

func TestOverlaps(t *testing.T) {
	d := newDesk(t)
	first := d.made(cover("bruno", "alice", 6, 12), manager)
	var overlap *OverlapError
	if _, err := d.make(cover("chloe", "alice", 11, 13), manager); !errors.As(err, &overlap) || overlap.With.ID != first.ID {
		t.Errorf("%v", err)
	}
	d.made(cover("chloe", "alice", 12, 13), manager) // one ends where the other begins
	d.made(cover("chloe", "bruno", 7, 8), manager)   // in the place of who stands in
	d.made(Replacement{Kind: Besides, Group: "on-call", Person: "dominique", Hours: Hours{in(6), in(12)}}, manager)
	if _, err := d.make(Replacement{Kind: Besides, Group: "on-call", Person: "dominique", Hours: Hours{in(7), in(8)}}, manager); !errors.As(err, &overlap) {
		t.Errorf("besides twice: %v", err)
	}
	d.expect("all", map[int]string{6: "bruno dominique", 7: "chloe dominique", 8: "bruno dominique", 12: "chloe"})

	won, err := d.book.Make(t.Context(), cover("dominique", "alice", 10, 11), manager, d.with(), now, true)
	if err != nil {
		t.Fatal(err)
	}
	d.expect("the later one wins", map[int]string{9: "bruno dominique", 10: "dominique", 11: "bruno dominique"})
	if _, err := d.book.Drop(t.Context(), won.ID, manager, now); err != nil {
		t.Fatal(err)
	}
	d.expect("and is taken back", map[int]string{10: "bruno dominique"})
}

func TestWhatIsRefused(t *testing.T) {
	d := newDesk(t)
	for name, c := range map[string]struct {
		r    Replacement
		by   Actor
		want string
	}{
		"no such group":      {Replacement{Kind: Cover, Group: "x", Person: "bruno", Hours: Hours{To: in(1)}}, manager, "group"},
		"no such person":     {cover("zoe", "alice", 0, 1), manager, "person"},
		"nobody":             {cover("", "alice", 0, 1), manager, "person"},
		"nobody's place":     {cover("bruno", "zoe", 0, 1), manager, "instead_of"},
		"one's own place":    {cover("alice", "alice", 0, 1), manager, "instead_of"},
		"over before it is":  {cover("bruno", "alice", 5, 5), manager, "to"},
		"in the past":        {cover("bruno", "alice", -5, -1), manager, "to"},
		"without an end":     {Replacement{Kind: Cover, Group: "on-call", Person: "bruno", InsteadOf: "alice"}, manager, "to"},
		"for years":          {cover("bruno", "alice", 0, 24*400), manager, "to"},
		"in years":           {cover("bruno", "alice", 24*800, 24*801), manager, "from"},
		"of no kind":         {Replacement{Kind: "gift", Group: "on-call", Person: "bruno", Hours: Hours{To: in(1)}}, manager, "kind"},
		"a swap with nobody": {Replacement{Kind: Swap, Group: "on-call", Person: "bruno", Hours: Hours{in(1), in(2)}}, manager, "with"},
		"with oneself":       {Replacement{Kind: Swap, Group: "on-call", Person: "bruno", With: "bruno", Hours: Hours{in(1), in(2)}, Theirs: Hours{in(1), in(2)}}, manager, "with"},
		"theirs are over":    {Replacement{Kind: Swap, Group: "on-call", Person: "alice", With: "bruno", Hours: Hours{in(1), in(2)}, Theirs: Hours{in(2), in(1)}}, manager, "their_to"},
		"besides instead":    {Replacement{Kind: Besides, Group: "on-call", Person: "bruno", InsteadOf: "alice", Hours: Hours{To: in(1)}}, manager, "instead_of"},
	} {
		var wrong *FieldError
		if _, err := d.make(c.r, c.by); !errors.As(err, &wrong) || wrong.Field != c.want {
			t.Errorf("%s: %v, wanted %s", name, err, c.want)
		}
	}
	for name, c := range map[string]struct {
		r    Replacement
		by   Actor
		want error
	}{
		"nobody's duty":         {cover("chloe", "bruno", 0, 10), manager, ErrNothing},
		"a swap of no duty":     {Replacement{Kind: Swap, Group: "on-call", Person: "alice", With: "bruno", Hours: Hours{in(1), in(2)}, Theirs: Hours{in(1), in(2)}}, manager, ErrNothing},
		"others' duty":          {cover("chloe", "alice", 0, 10), person("bruno"), ErrForbidden},
		"a token of nobody's":   {cover("chloe", "alice", 0, 10), Actor{Name: "desk"}, ErrForbidden},
		"somebody else besides": {Replacement{Kind: Besides, Group: "on-call", Person: "bruno", Hours: Hours{To: in(1)}}, person("chloe"), ErrForbidden},
		"somebody else's swap":  {Replacement{Kind: Swap, Group: "on-call", Person: "alice", With: "bruno", Hours: Hours{in(1), in(2)}, Theirs: Hours{in(200), in(201)}}, person("chloe"), ErrForbidden},
	} {
		if _, err := d.make(c.r, c.by); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, wanted %v", name, err, c.want)
		}
	}
	if all, err := d.book.All(t.Context()); err != nil || len(all) != 0 {
		t.Errorf("%v, %v", all, err)
	}
}

// TestTwoAtOnce: of two that overlap and are made at once, one is made.
func TestTwoAtOnce(t *testing.T) {
	d := newDesk(t)
	var (
		mu   sync.Mutex
		made []string
		work sync.WaitGroup
	)
	for _, key := range []string{"bruno", "chloe", "dominique"} {
		work.Go(func() {
			r, err := d.book.Make(context.WithoutCancel(t.Context()), cover(key, "alice", 6, 12), manager, d.base, now, false)
			var overlap *OverlapError
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				made = append(made, r.Person)
			case !errors.As(err, &overlap):
				t.Error(err)
			}
		})
	}
	work.Wait()
	if len(made) != 1 || d.on(6) != made[0] {
		t.Errorf("%v were made, %s is on call", made, d.on(6))
	}
}

// TestWhoIsGone: what names somebody who is not there any more is void.
func TestWhoIsGone(t *testing.T) {
	d := newDesk(t)
	d.made(cover("chloe", "alice", 6, 12), manager)
	all, err := d.book.All(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	smaller, err := contacts.NewDirectory([]contacts.Person{{Key: "alice"}}, []contacts.Group{{Key: "on-call", People: []string{"alice"}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	overrides, void := Overrides(all, smaller)
	if len(overrides) != 0 || len(void) != 1 || void[0].Person != "chloe" {
		t.Errorf("%v, %v", overrides, void)
	}
}

// BenchmarkOnCall is who is on call now, with five thousand replacements of the last
// years, and with those of one.
func BenchmarkOnCall(b *testing.B) {
	base := house(b)
	for _, n := range []int{50, 5000} {
		var all []Replacement
		for i := range n {
			from := -24 * (i + 1) // they do not overlap
			all = append(all, Replacement{ID: fmt.Sprint(i), Kind: Cover, Group: "on-call", Person: "chloe", InsteadOf: "alice", Hours: Hours{in(from), in(from + 8)}, State: Planned, At: in(from - 1)})
		}
		overrides, _ := Overrides(slices.Clip(all), base)
		d, err := base.With(overrides)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				d.On("on-call", now)
			}
		})
	}
}

// crowd is 200 people in 20 groups of two layers each, and five thousand replacements
// that ended before now, or begin after it.
func crowd(b *testing.B, ago time.Duration) *contacts.Directory {
	b.Helper()
	var people []contacts.Person
	for i := range 200 {
		people = append(people, contacts.Person{Key: fmt.Sprintf("p%03d", i)})
	}
	var groups []contacts.Group
	for g := range 20 {
		group := contacts.Group{Key: fmt.Sprintf("g%02d", g)}
		for l := range 2 {
			r := contacts.Rotation{Name: fmt.Sprint("layer", l), Handover: contacts.Handover{Day: time.Thursday, Hour: 9}, First: calendar.Date{Year: 2020, Month: 1, Day: 2}, Location: time.UTC}
			for i := range 5 {
				r.People = append(r.People, []string{people[(g*10+l*5+i)%200].Key})
			}
			group.Rotations = append(group.Rotations, r)
		}
		groups = append(groups, group)
	}
	base, err := contacts.NewDirectory(people, groups, nil)
	if err != nil {
		b.Fatal(err)
	}
	var all []Replacement
	for i := range 5000 {
		g := i % 20
		from := now.Add(-ago).Add(time.Duration(i/20) * 9 * time.Hour)
		all = append(all, Replacement{ID: fmt.Sprint(i), Turn: int64(i), Kind: Cover, Group: groups[g].Key, Person: people[(i*7)%200].Key, Hours: Hours{from, from.Add(8 * time.Hour)}, State: Planned, At: from})
	}
	d, err := with(base, all)
	if err != nil {
		b.Fatal(err)
	}
	return d
}

// BenchmarkCrowd is who is on call now, and a month of a group, with 200 people, 40
// layers and five thousand replacements of lately, or of ten years ago.
func BenchmarkCrowd(b *testing.B) {
	for name, ago := range map[string]time.Duration{"lately": 45 * 24 * time.Hour, "ten years ago": 10 * 365 * 24 * time.Hour} {
		d := crowd(b, ago)
		b.Run("now, of "+name, func(b *testing.B) {
			for b.Loop() {
				d.On("g07", now)
			}
		})
		b.Run("a month, of "+name, func(b *testing.B) {
			for b.Loop() {
				d.Schedule("g07", now, now.AddDate(0, 1, 0))
			}
		})
	}
}
