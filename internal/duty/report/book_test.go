package report

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/calendar"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
)

// TestARosterIsKept: what was configured is so again after years, with layers of all
// sorts: the same people at each hour of a year.
func TestARosterIsKept(t *testing.T) {
	loc := zone("Europe/Paris")
	c := business(loc, "FR")
	only, err := calendar.OnHolidays("public", loc, calendar.Holidays{Country: "FR", Region: "FR-67"})
	if err != nil {
		t.Fatal(err)
	}
	d, err := contacts.NewDirectory(crew, []contacts.Group{{
		Key: "on-call", People: []string{"dominique"}, Managers: []string{"dominique"}, Readiness: contacts.Readiness{Ask: time.Hour},
		Rotations: []contacts.Rotation{
			{Name: "week", People: [][]string{{"alice", "bruno"}, {"chloe"}}, First: date("2026-01-01"), Handover: contacts.Handover{Day: time.Monday, Hour: 8, Minute: 30}, Location: loc, Outside: c},
			{People: contacts.InTurn("chloe", "alice"), Monthly: true, First: date("2026-02-01"), Until: date("2026-08-01"), Handover: contacts.Handover{MonthDay: 15}, Location: zone("America/New_York")},
			{Name: "holidays", People: contacts.InTurn("bruno", "chloe"), Every: 36 * time.Hour, First: date("2026-03-01"), Location: loc, During: only, Instead: true},
		},
	}, {Key: "empty"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	rule := Rule{Hours: c, HoursOf: map[string]*calendar.Calendar{"empty": only}, Rates: &Rates{"EUR", map[Kind]int64{Night: 500}}}
	r := Of(d, &rule)
	text, err := r.text()
	if err != nil {
		t.Fatal(err)
	}
	var again Roster
	if err := json.Unmarshal(text, &again); err != nil {
		t.Fatal(err)
	}
	o, err := again.open(calendars{})
	if err != nil {
		t.Fatal(err)
	}
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, loc)
	if got, want := o.directory.Schedule("on-call", from, from.AddDate(1, 0, 0)), d.Schedule("on-call", from, from.AddDate(1, 0, 0)); !reflect.DeepEqual(got, want) || len(want) < 300 {
		t.Errorf("%d spans, were %d", len(got), len(want))
	}
	if g, _ := o.directory.Group("on-call"); g.Readiness.Ask != time.Hour || !reflect.DeepEqual(again, r) || o.hoursIn("empty").Name() != "public" || o.hoursIn("on-call").Name() != "business" {
		t.Errorf("%+v", again)
	}
	again.Format++
	if _, err := again.open(calendars{}); err == nil || !strings.Contains(err.Error(), "newer") {
		t.Errorf("of a newer format: %v", err)
	}
	again = r
	again.Hours.Zone = "Nowhere/Town"
	if _, err := again.open(calendars{}); err == nil {
		t.Error("a zone that is nowhere")
	}
}

func one(t *testing.T, person string, more int) Roster {
	t.Helper()
	people := append([]contacts.Person{}, crew...)
	for i := range more {
		people = append(people, contacts.Person{Key: fmt.Sprintf("person-%06d", i), Name: fmt.Sprintf("Somebody %d", i*i)})
	}
	return version("2026-01-01 00:00", rule(), people, alone(person)).Roster
}

// TestVersions: each is written once, by whichever daemon comes first; back to an older
// configuration is a new version; what was in force between two times is found.
func TestVersions(t *testing.T) {
	ctx, store := t.Context(), storetest.New()
	first, second := NewRosters(store.Records()), NewRosters(store.Records())
	alice, bruno := one(t, "alice", 0), one(t, "bruno", 2000)
	at := func(day int) time.Time { return time.Date(2026, 11, day, 10, 0, 0, 0, time.UTC) }
	keep := func(b *Rosters, r Roster, when time.Time, want bool) {
		t.Helper()
		if written, err := b.Keep(ctx, r, when); err != nil || written != want {
			t.Fatalf("%t %v", written, err)
		}
	}
	keep(first, alice, at(1), true)
	keep(second, alice, at(2), false)
	keep(second, bruno, at(5), true)
	keep(first, bruno, at(5), false)
	keep(first, alice, at(5), true) // the other clock was ahead: after it all the same
	keep(second, bruno, at(9), true)
	for _, c := range []struct {
		from, to int
		want     string
	}{
		{1, 30, "alice bruno alice bruno"}, {6, 7, "alice"}, {6, 10, "alice bruno"}, {10, 11, "bruno"}, {2, 4, "alice"},
	} {
		list, err := first.Between(ctx, at(c.from), at(c.to).Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for i := range list {
			got = append(got, list[i].Roster.Groups[0].Layers[0].People[0][0])
		}
		if said := strings.Join(got, " "); said != c.want {
			t.Errorf("from %d to %d: %s, not %s", c.from, c.to, said, c.want)
		}
	}
	if list, err := first.Between(ctx, at(1).AddDate(-1, 0, 0), at(1).AddDate(-1, 0, 5)); err != nil || len(list) != 0 {
		t.Errorf("before the first: %v %v", list, err)
	}
	kept, err := store.Records().List(ctx, records.House, KindRoster, "", 10)
	if err != nil || len(kept) != 4 {
		t.Fatal(len(kept), err)
	}
	dues := 0
	for i := range kept {
		if len(kept[i].Value) > 32<<10 {
			t.Errorf("a version of %d bytes", len(kept[i].Value))
		}
		if !kept[i].Due.IsZero() {
			dues++
		}
	}
	if dues != 3 {
		t.Errorf("%d versions leave one day, not all but the one in force", dues)
	}
	// One that is damaged does not hide those before it; the newest of another format does.
	if _, err := store.Records().Write(ctx, records.House, records.Write{Kind: KindRoster, Key: kept[1].Key, Revision: records.Any, Value: []byte("{")}); err != nil {
		t.Fatal(err)
	}
	if list, err := first.Between(ctx, at(6), at(7)); err != nil || len(list) != 1 || len(list[0].Roster.People) < 2000 {
		t.Errorf("%d %v", len(list), err)
	}
}

// tickets is a store of tickets that are as they are put.
type tickets struct {
	views   map[string]ticket.View
	between func() // is called once tickets were listed
}

func (s *tickets) Tickets(_ context.Context, q ticket.Query) (list []ticket.Ticket, _ string, _ error) {
	for _, v := range s.views {
		if q.Matches(&v.Ticket) {
			list = append(list, v.Ticket)
		}
	}
	if s.between != nil {
		defer s.between()
	}
	return list, "", nil
}

func (s *tickets) View(_ context.Context, number string) (ticket.View, error) {
	v, ok := s.views[number]
	if !ok {
		return v, escalation.ErrNotFound
	}
	return v, nil
}

// worn is a ticket with a night behind it.
func worn(number string, state ticket.State, at time.Time) ticket.View {
	alice := &ticket.Actor{Kind: ticket.ActorPerson, Name: "alice"}
	page := func(person, channel string, kind ticket.PageKind, state ticket.PageState, after time.Duration) ticket.Page {
		return ticket.Page{PageKey: ticket.PageKey{Ticket: number, Person: person, Channel: channel}, Kind: kind, State: state, At: at, SentAt: at.Add(after)}
	}
	return ticket.View{
		Ticket: ticket.Ticket{Number: number, Source: "prometheus", State: state, OpenedAt: at},
		Pages: []ticket.Page{
			page("alice", "push", ticket.KindPage, ticket.PageDelivered, 0),
			page("alice", "sms", ticket.KindPage, ticket.PageSent, 3*time.Second),
			page("alice", "sms", ticket.KindPage, ticket.PageFailed, 10*time.Minute),
			page("alice", "mail", ticket.KindPage, ticket.PageSent, 20*time.Minute),
			page("bruno", "sms", ticket.KindPage, ticket.PageBundled, 15*time.Minute),
			page("bruno", "sms", ticket.KindTaken, ticket.PageSent, 17*time.Minute),
			page("bruno", "push", ticket.KindPage, ticket.PageCancelled, 18*time.Minute),
		},
		Timeline: []ticket.Entry{
			{At: at, Kind: ticket.EntryOpened},
			{At: at.Add(16 * time.Minute), Kind: ticket.EntryAcknowledged, Actor: alice},
			{At: at.Add(20 * time.Minute), Kind: ticket.EntryPickedUp, Actor: alice},
			{At: at.Add(80 * time.Minute), Kind: ticket.EntryResolved, Actor: &ticket.Actor{Kind: ticket.ActorSender, Name: "prometheus"}},
		},
	}
}

// TestPasts: what is counted of a ticket is the same while it is open, as it is closed,
// and after it was forgotten.
func TestPasts(t *testing.T) {
	ctx, store := t.Context(), storetest.New()
	at := time.Date(2026, 10, 31, 23, 30, 0, 0, time.UTC)
	from, to, now := at.AddDate(0, 0, -3), at.AddDate(0, 0, 3), at.AddDate(0, 0, 2)
	s := &tickets{views: map[string]ticket.View{"I1": worn("I1", ticket.InProgress, at), "I2": {Ticket: ticket.Ticket{Number: "I2", State: ticket.Open, OpenedAt: at}}}}
	b := NewPasts(store.Records(), s)
	between := func() []Past {
		t.Helper()
		list, err := b.Between(ctx, "me", from, to, now)
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	want := []Past{{
		Ticket: "I1",
		Pages:  []Call{{"alice", at.Unix(), 2}, {"bruno", at.Add(15 * time.Minute).Unix(), 1}},
		Acts:   []Act{{Begun, "alice", at.Add(20 * time.Minute).Unix()}, {Ended, "", at.Add(80 * time.Minute).Unix()}},
	}}
	if got := between(); !reflect.DeepEqual(got, want) {
		t.Errorf("open: %+v", got)
	}
	closes := func(number string) {
		s.views[number] = worn(number, ticket.Closed, at)
		if _, err := store.Records().Write(ctx, "prometheus", escalation.ClosedWrite(number, now)); err != nil {
			t.Fatal(err)
		}
	}
	s.between = func() { closes("I1"); s.between = nil } // just while somebody counts
	if got := between(); !reflect.DeepEqual(got, want) {
		t.Errorf("closed meanwhile: %+v", got)
	}
	delete(s.views, "I1")
	if got := between(); !reflect.DeepEqual(got, want) {
		t.Errorf("forgotten: %+v", got)
	}
	if left, err := store.Records().List(ctx, "prometheus", ticket.ClosedRecords, "", 10); err != nil || len(left) != 0 {
		t.Errorf("%d are still to be counted: %v", len(left), err)
	}
	kept, err := store.Records().List(ctx, records.House, KindPast, "", 10)
	if err != nil || len(kept) != 2 || kept[0].Key != "2026-10/I1" || kept[1].Key != "2026-11/I1" || !kept[1].Due.Equal(time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC).Add(PastsKeptFor)) {
		t.Errorf("%+v %v", kept, err)
	}
	if list, err := b.Between(ctx, "me", at.AddDate(0, 1, 3), at.AddDate(0, 2, 0), now); err != nil || len(list) != 0 {
		t.Errorf("in another month: %v %v", list, err)
	}
}

// TestGatherGoesOn: a crash between keeping and removing, and another daemon that has
// it, lose nothing.
func TestGatherGoesOn(t *testing.T) {
	ctx, store := t.Context(), storetest.New()
	at := time.Date(2026, 11, 2, 2, 0, 0, 0, time.UTC)
	s := &tickets{views: map[string]ticket.View{}}
	for i := range gatherMost + 5 {
		number := fmt.Sprintf("I%03d", i)
		s.views[number] = worn(number, ticket.Closed, at)
		if _, err := store.Records().Write(ctx, "prometheus", escalation.ClosedWrite(number, at)); err != nil {
			t.Fatal(err)
		}
	}
	broken := &refusing{Store: store.Records(), after: 7}
	if _, err := NewPasts(broken, s).Gather(ctx, "one", at); !errors.Is(err, errRefused) {
		t.Fatal(err)
	}
	b := NewPasts(store.Records(), s)
	if more, err := b.Gather(ctx, "two", at); err != nil || more {
		t.Fatal("what the first one has is claimed", more, err)
	}
	later := at.Add(2 * gatherFor)
	for range 3 {
		if _, err := b.Gather(ctx, "two", later); err != nil {
			t.Fatal(err)
		}
	}
	list, err := b.Between(ctx, "two", at.Add(-time.Hour), at.Add(time.Hour), later)
	if err != nil || len(list) != gatherMost+5 {
		t.Errorf("%d of %d: %v", len(list), gatherMost+5, err)
	}
}

var errRefused = errors.New("refused")

// refusing is a store that refuses to write after some writes.
type refusing struct {
	records.Store
	after int
}

func (r *refusing) Write(ctx context.Context, home string, writes ...records.Write) ([]int64, error) {
	if r.after--; r.after < 0 {
		return nil, errRefused
	}
	return r.Store.Write(ctx, home, writes...)
}

// TestManyPages: a storm of pages is kept up to a bound, in a record that a store takes.
func TestManyPages(t *testing.T) {
	at := time.Date(2026, 11, 2, 2, 0, 0, 0, time.UTC)
	var pages []ticket.Page
	for i := range 3000 {
		pages = append(pages, ticket.Page{
			PageKey: ticket.PageKey{Ticket: "I1", Person: strings.Repeat("x", 60), Channel: "sms"}, Kind: ticket.KindPage, State: ticket.PageSent, SentAt: at.Add(time.Duration(i) * time.Minute),
		})
	}
	p := PastOf(&ticket.Ticket{Number: "I1"}, pages, nil)
	text, err := json.Marshal(p)
	if err != nil || len(p.Pages) != ticket.MaxPastPages || p.More != 1000 || len(text) > ticket.MaxRecordValue {
		t.Errorf("%d pages, %d more, %d bytes: %v", len(p.Pages), p.More, len(text), err)
	}
}
