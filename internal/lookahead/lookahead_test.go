package lookahead

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/config"
	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/calendar"
	"github.com/astreinte/astreinte/internal/duty"
	"github.com/astreinte/astreinte/internal/ready"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// now is a Monday, 08:00 in Paris.
var now = time.Date(2026, time.November, 23, 7, 0, 0, 0, time.UTC)

func in(hours float64) time.Time { return now.Add(time.Duration(hours * float64(time.Hour))) }

func paris(t testing.TB) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

// town has alice and bruno by turns on call outside business, and chloe by day.
func town(t testing.TB) *Facts {
	t.Helper()
	loc := paris(t)
	office, err := calendar.New("business", loc, []calendar.Span{{Days: []time.Weekday{1, 2, 3, 4, 5}, From: 8 * 60, To: 18 * 60}}, calendar.Holidays{})
	if err != nil {
		t.Fatal(err)
	}
	weekly := func(people ...string) contacts.Rotation {
		return contacts.Rotation{
			Name: "week", People: contacts.InTurn(people...), Handover: contacts.Handover{Day: time.Thursday, Hour: 9},
			First: calendar.Date{Year: 2026, Month: 11, Day: 19}, Location: loc,
		}
	}
	nights, day := weekly("alice", "bruno"), weekly("chloe")
	nights.Outside, day.During = office, office
	d, err := contacts.NewDirectory([]contacts.Person{
		{Key: "alice", Name: "Alice", Phones: []string{"+33612345601"}},
		{Key: "bruno", Phones: []string{"+33612345602"}},
		{Key: "chloe"},
		{Key: "dominique", Role: contacts.RoleManager},
		{Key: "eve", Role: contacts.RoleManager},
	}, []contacts.Group{
		{Key: "on-call", Rotations: []contacts.Rotation{nights}, Managers: []string{"eve"}, Readiness: contacts.Readiness{Ask: 24 * time.Hour, Location: loc}},
		{Key: "desk", Rotations: []contacts.Rotation{day}},
		{Key: "never-paged"},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	proof := func(channel, address string, hours float64) []paging.Proof {
		return []paging.Proof{{Channel: channel, Address: address, At: in(hours)}}
	}
	return &Facts{
		Now: now, Base: d,
		Rules: &escalation.Rules{
			Location: loc, Language: "en", Directory: d, Channels: []string{"push", "sms"}, Calendars: map[string]*calendar.Calendar{"business": office},
			Policies: map[string]ticket.Policy{"p": {Name: "p", Steps: []ticket.Step{{Group: "on-call", Outside: "business"}, {Group: "desk", During: "business"}}}},
		},
		Proofs:  map[string][]paging.Proof{"alice": proof("sms", "+33612345601", -24), "bruno": proof("sms", "+33612345602", -24), "chloe": proof("push", "device", -24)},
		Devices: map[string]bool{"device": true},
	}
}

// with puts replacements in force.
func (f *Facts) with(t testing.TB, list ...duty.Replacement) *Facts {
	t.Helper()
	overrides, _ := duty.Overrides(list, f.Base)
	d, err := f.Base.With(overrides)
	if err != nil {
		t.Fatal(err)
	}
	rules := *f.Rules
	rules.Directory = d
	f.Rules, f.Base, f.Replacements = &rules, d, list
	return f
}

func cover(person, insteadOf string, from, to float64) duty.Replacement {
	return duty.Replacement{ID: person, Kind: duty.Cover, Group: "on-call", Person: person, InsteadOf: insteadOf, Hours: duty.Hours{From: in(from), To: in(to)}, State: duty.Planned}
}

// told is what is found, in short.
func told(f *Facts) string {
	var all []string
	for _, d := range Find(f) {
		said := string(d.Kind) + " " + strings.Join(d.Groups, "+")
		for _, name := range []string{d.Person, d.Policy} {
			if name != "" {
				said += " " + name
			}
		}
		for i, h := range d.Times {
			if i < 2 {
				said += fmt.Sprintf(" %g-%g", h.From.Sub(now).Hours(), h.To.Sub(now).Hours())
			}
		}
		all = append(all, said)
	}
	return strings.Join(all, ", ")
}

// TestFind has a row for each doubt. Alice's week ends, and bruno's begins, 73 hours from
// now; office hours are from 0 to 10 hours from now.
func TestFind(t *testing.T) {
	for name, c := range map[string]struct {
		change func(f *Facts)
		want   string
	}{
		"nothing, though a calendar interrupts turns each day": {func(*Facts) {}, ""},
		"a night of nobody's": {func(f *Facts) {
			f.Rules.Policies["p"] = ticket.Policy{Name: "p", Steps: []ticket.Step{{Group: "on-call"}}}
		}, "gap on-call 0-10 24-34"},
		"a gap that nobody would be paged in": {func(f *Facts) {
			f.Rules.Policies["p"] = ticket.Policy{Name: "p", Steps: []ticket.Step{{Group: "desk", During: "business", Otherwise: "skip"}, {Group: "on-call", Outside: "business", Otherwise: "skip"}}}
		}, ""},
		"a policy whose steps drop their pages": {func(f *Facts) {
			f.Rules.Policies["p"] = ticket.Policy{Name: "p", Steps: []ticket.Step{{Group: "desk", During: "business", Otherwise: "skip"}}}
		}, "gap desk p 10-24 34-48"},
		"never proven":                      {func(f *Facts) { delete(f.Proofs, "bruno") }, "unproven on-call bruno"},
		"proven long ago":                   {func(f *Facts) { f.Proofs["bruno"][0].At = now.Add(-ProvenFor) }, "unproven on-call bruno"},
		"by a number that is another's now": {func(f *Facts) { f.Proofs["bruno"][0].Address = "+33612345699" }, "unproven on-call bruno"},
		"by a device that is gone":          {func(f *Facts) { f.Devices = nil }, "unproven desk chloe"},
		"signed in, which wakes nobody":     {func(f *Facts) { f.Proofs["bruno"][0].Channel = paging.ChannelApp }, "unproven on-call bruno"},
		"twice":                             {func(f *Facts) { f.with(t, cover("chloe", "", 4, 6)) }, "twice desk+on-call chloe 4-6"},
		"short rest":                        {func(f *Facts) { f.with(t, cover("chloe", "alice", 20, 22)) }, "rest_day desk+on-call chloe"},
		"who came has not confirmed": {func(f *Facts) {
			f.Now = in(74)
			f.Handovers = []ready.Handover{{Group: "on-call", Person: "bruno", At: in(74)}}
		}, ""},
		"void": {func(f *Facts) { f.with(t, cover("zoe", "alice", 20, 22)) }, "void on-call zoe 20-22"},
		"late": {func(f *Facts) {
			f.Delays = []config.Delay{{Policy: "p", Customer: "acme", What: config.SecondLate, Person: "alice", Urgency: ticket.Critical, At: in(5)}}
		}, "second desk+on-call alice p"},
	} {
		t.Run(name, func(t *testing.T) {
			f := town(t)
			c.change(f)
			if got := told(f); got != c.want && !(strings.Contains(c.want, "rest_") && strings.HasPrefix(got, c.want)) {
				t.Errorf("%q, wanted %q", got, c.want)
			}
		})
	}
}

// TestAHandoverThatIsNotConfirmed is doubtful from its time on, for as long as somebody
// stays on.
func TestAHandoverThatIsNotConfirmed(t *testing.T) {
	f := town(t)
	f.Rules.Policies["p"] = ticket.Policy{Name: "p", Steps: []ticket.Step{{Group: "on-call", Outside: "business"}}}
	at := in(82) // Thursday 18:00, when the calendar opens for bruno
	f.Handovers = []ready.Handover{{Group: "on-call", Person: "bruno", At: at, Stage: ready.Tell}}
	for hours, want := range map[float64]int{81.9: 0, 82: 1, 105: 1, 106: 0} {
		f.Now = in(hours)
		if got := strings.Count(told(f), "unconfirmed on-call bruno"); got != want {
			t.Errorf("after %g hours: %d", hours, got)
		}
	}
	f.Now, f.Handovers[0].Confirmed = in(83), in(82.5)
	if got := told(f); strings.Contains(got, "unconfirmed") {
		t.Error(got)
	}
}

// TestWhatIsNews: the first of a kind, and new times of it; not what time or the horizon
// brings.
func TestWhatIsNews(t *testing.T) {
	gap := func(from, to float64) Doubt {
		return Doubt{Kind: Gap, Groups: []string{"on-call"}, Times: []duty.Hours{{From: in(from), To: in(to)}}}
	}
	both := gap(100, 110)
	both.Times = append(both.Times, duty.Hours{From: in(200), To: in(210)})
	horizon := Until(now).Sub(now).Hours()
	beyond := both
	beyond.Times = append(slices.Clone(both.Times), duty.Hours{From: in(horizon + 3), To: in(horizon + 9)})
	for name, c := range map[string]struct {
		was, is Doubt
		news    bool
	}{
		"the same":                      {gap(100, 110), gap(100, 110), false},
		"smaller":                       {gap(100, 110), gap(102, 108), false},
		"larger":                        {gap(100, 110), gap(100, 111), true},
		"one more":                      {gap(100, 110), both, true},
		"one fewer":                     {both, gap(200, 210), false},
		"it has begun":                  {gap(10, 110), gap(24, 110), false},
		"one comes into sight":          {both, beyond, false},
		"of all the time":               {gap(0, horizon), gap(24, horizon+24), false},
		"another group":                 {gap(100, 110), Doubt{Kind: Gap, Groups: []string{"desk"}}, true},
		"of a person":                   {Doubt{Kind: Unproven, Person: "a"}, Doubt{Kind: Unproven, Person: "b"}, true},
		"the worst hour is another one": {Doubt{Kind: Second, Policy: "p", Urgency: "low", Person: "a"}, Doubt{Kind: Second, Policy: "p", Urgency: "low", Person: "b"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			first := (&Told{}).Remember([]Doubt{c.was}, now)
			list := []Doubt{c.is}
			news := first.Mark(list)
			if news[list[0].Key()] != c.news {
				t.Errorf("news: %v, wanted %t", news, c.news)
			}
			if second := first.Remember(list, in(24)); !c.news && !second.Doubts[0].Since.Equal(now) {
				t.Errorf("known since %s", second.Doubts[0].Since)
			}
		})
	}
}

// TestWhatIsRememberedHasRoom in a record, however much there is.
func TestWhatIsRememberedHasRoom(t *testing.T) {
	var list []Doubt
	for i := range 2 * mostTold {
		d := Doubt{Kind: Twice, Groups: []string{strings.Repeat("g", 100), strings.Repeat("h", 100)}, Person: fmt.Sprint(i, strings.Repeat("p", 100))}
		for n := range mostToldTimes {
			d.Times = append(d.Times, duty.Hours{From: in(float64(n)), To: in(float64(n) + 0.5)})
		}
		list = append(list, d)
	}
	b := NewBook(storetest.New().Records())
	if err := b.Plan(t.Context(), in(1), now); err != nil {
		t.Fatal(err)
	}
	item, ok, err := b.Claim(t.Context(), "one", in(1))
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	item.Of.Told = item.Of.Told.Remember(list, now)
	if err := b.End(t.Context(), &item, in(24)); err != nil {
		t.Error(err)
	}
}

// TestMessage: what is news first, near gaps again, the rest counted, once a week where
// there is nothing else; and never the same words twice in a row.
func TestMessage(t *testing.T) {
	f := town(t)
	r := Reader{Language: "en", Directory: f.Base, Location: f.Rules.Location, Now: now}
	far := Doubt{Kind: Gap, Groups: []string{"on-call"}, Times: []duty.Hours{{From: in(100), To: in(110)}, {From: in(200), To: in(210)}}}
	soon := Doubt{Kind: Gap, Groups: []string{"desk"}, Times: []duty.Hours{{From: in(30), To: in(31)}}}
	person := Doubt{Kind: Unproven, Groups: []string{"on-call"}, Person: "alice"}
	yesterday := Told{At: in(-24)}
	today := Told{At: in(-1)}
	news := func(d ...Doubt) map[string]bool {
		all := map[string]bool{}
		for i := range d {
			all[d[i].Key()] = true
		}
		return all
	}
	const gap = "on-call: nobody is on call from Fri 27 November 12:00 to Fri 27 November 22:00, and 1 more times"
	for name, c := range map[string]struct {
		doubts []Doubt
		news   map[string]bool
		told   Told
		want   string
	}{
		"nothing":            {nil, nil, yesterday, ""},
		"news":               {[]Doubt{far, person}, news(person), today, "Alice: no page is known to have ever arrived. A drill tells\nAs before: 1"},
		"all is news":        {[]Doubt{far}, news(far), Told{}, gap},
		"no news":            {[]Doubt{far, person}, nil, today, ""},
		"no news for a week": {[]Doubt{far, person}, nil, yesterday, "Nothing is new.\nAs before: 2"},
		"a gap that is near": {[]Doubt{soon, person}, nil, today, "Still: desk: nobody is on call from Tue 24 November 14:00 to Tue 24 November 15:00\nAs before: 1"},
	} {
		n, some := r.Message(c.doubts, c.news, c.told)
		if n.Body != c.want || some != (c.want != "") {
			t.Errorf("%s: %q, wanted %q", name, n.Body, c.want)
		}
	}
	many := []Doubt{}
	for i := range 12 {
		many = append(many, Doubt{Kind: Unproven, Person: fmt.Sprint("p", i)})
	}
	if n, _ := r.Message(many, news(many...), today); strings.Count(n.Body, "\n") != mostLines || !strings.HasSuffix(n.Body, "\nand 7 more") {
		t.Errorf("%q", n.Body)
	}
}

// TestWhoIsTold: a group's own managers of it, the others of the rest.
func TestWhoIsTold(t *testing.T) {
	f := town(t)
	list := []Doubt{{Kind: Gap, Groups: []string{"on-call"}}, {Kind: Gap, Groups: []string{"desk"}}, {Kind: Twice, Groups: []string{"desk", "on-call"}}, {Kind: Nobody}}
	if got := fmt.Sprint(Managers(list, f.Base)); got != "[dominique eve]" {
		t.Error(got)
	}
	for key, want := range map[string]int{"dominique": 3, "eve": 4, "alice": 0} {
		if got := For(list, f.Base, key); len(got) != want {
			t.Errorf("%s: %v", key, got)
		}
	}
	if got := fmt.Sprint(Managers(list[:1], f.Base)); got != "[eve]" {
		t.Error(got)
	}
}

// TestMorning: on days of business alone, by the clock on the wall.
func TestMorning(t *testing.T) {
	loc := paris(t)
	office, err := calendar.New("b", loc, []calendar.Span{{Days: []time.Weekday{1, 2, 3, 4, 5}, From: 8*60 + 30, To: 12 * 60}, {Days: []time.Weekday{1, 2, 3, 4, 5}, From: 14 * 60, To: 18 * 60}},
		calendar.Holidays{Country: "FR"})
	if err != nil {
		t.Fatal(err)
	}
	plain, business := Morning{Hour: 8, Location: loc}, Morning{Hour: 8, Location: loc, Business: office}
	at := func(text string) time.Time {
		when, err := time.ParseInLocation("2006-01-02 15:04", text, loc)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	for _, c := range []struct {
		m        Morning
		now, out string
	}{
		{plain, "2026-11-23 07:59", "2026-11-23 08:00"},
		{plain, "2026-11-23 08:00", "2026-11-24 08:00"},
		{plain, "2026-11-27 09:00", "2026-11-30 08:00"},
		{plain, "2026-12-24 09:00", "2026-12-25 08:00"},
		{business, "2026-12-24 09:00", "2026-12-28 08:00"},
		{plain, "2027-03-26 09:00", "2027-03-29 08:00"},    // clocks go forward on Sunday
		{business, "2027-03-26 09:00", "2027-03-30 08:00"}, // and Monday is a holiday
		{plain, "2026-10-23 09:00", "2026-10-26 08:00"},
	} {
		if got := c.m.Next(at(c.now)); !got.Equal(at(c.out)) {
			t.Errorf("%s: %s, wanted %s", c.now, got.In(loc), c.out)
		}
	}
	for from, want := range map[string]string{
		"2026-11-23 08:00": "2026-11-23 08:30", "2026-11-23 08:30": "2026-11-24 08:30", "2026-11-23 13:00": "2026-11-24 08:30", "2026-12-24 19:00": "2026-12-28 08:30",
	} {
		got, ok := business.Opening(at(from))
		if !ok || !got.Equal(at(want)) {
			t.Errorf("%s: %s %t, wanted %s", from, got.In(loc), ok, want)
		}
	}
	if _, ok := (Morning{Location: loc, Business: calendar.Always("a")}).Opening(now); ok {
		t.Error("what never closes opens")
	}
	for opening, want := range map[string]string{"2026-11-24 08:30": "2026-11-23 18:00", "2026-11-23 08:30": "2026-11-20 18:00", "2026-12-28 08:30": "2026-12-24 18:00"} {
		if got := business.Closed(at(opening)); !got.Equal(at(want)) {
			t.Errorf("%s: closed at %s, wanted %s", opening, got.In(loc), want)
		}
	}
}

// TestOneHasTheLook: of several, and what one began is not begun again.
func TestOneHasTheLook(t *testing.T) {
	ctx, store := context.Background(), storetest.New().Records()
	b, other := NewBook(store), NewBook(store)
	for _, book := range []*Book{b, other} {
		if err := book.Plan(ctx, in(1), now); err != nil {
			t.Fatal(err)
		}
	}
	if _, ok, err := b.Claim(ctx, "one", in(0.5)); ok || err != nil {
		t.Fatal("too early", err)
	}
	first, ok, err := b.Claim(ctx, "one", in(1))
	if !ok || err != nil {
		t.Fatal(ok, err)
	}
	if _, ok, err := other.Claim(ctx, "two", in(1)); ok || err != nil {
		t.Fatal("both have it", err)
	}
	second, ok, err := other.Claim(ctx, "two", in(1).Add(holding)) // the first one is slow
	if !ok || err != nil {
		t.Fatal(ok, err)
	}
	if begun, err := other.Begin(ctx, &second, in(1)); !begun || err != nil {
		t.Fatal(begun, err)
	}
	if begun, err := b.Begin(ctx, &first, in(1)); begun || err != nil {
		t.Fatal("both begin", err)
	}
	third, ok, err := b.Claim(ctx, "one", in(1).Add(3*holding)) // the second one died
	if !ok || err != nil || third.Of.Begun.IsZero() {
		t.Fatalf("%+v %t %v", third, ok, err)
	}
	third.Of.Told = third.Of.Told.Remember([]Doubt{{Kind: Unproven, Person: "alice"}}, in(1))
	if err := b.End(ctx, &third, in(24)); err != nil {
		t.Fatal(err)
	}
	if err := other.Plan(ctx, in(30), in(2)); err != nil { // another time is configured
		t.Fatal(err)
	}
	if _, ok, _ := b.Claim(ctx, "one", in(29)); ok {
		t.Error("by the former time")
	}
	if last, ok, err := b.Claim(ctx, "one", in(30)); !ok || err != nil || len(last.Of.Told.Doubts) != 1 || !last.Of.Begun.IsZero() {
		t.Errorf("%+v %t %v", last, ok, err)
	}
	if told, err := b.Told(ctx); err != nil || len(told.Doubts) != 1 {
		t.Error(told, err)
	}
}
