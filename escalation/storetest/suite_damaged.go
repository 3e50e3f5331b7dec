package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// Damage is what RunDamaged does to one record, behind the store's back.
type Damage struct {
	Kind   ticket.RecordKind
	Source string
	Ticket string // the number of the ticket that it belongs to
	// Key is an alert's fingerprint, a page's key, a code ("PHONE CODE"), a
	// link's hash or a device's id; empty for a ticket, and for the first entry
	// of a timeline.
	Key string
	// Text replaces the JSON that the record holds. If Whole is set, it replaces
	// the whole record: its head, or the type of its key. If Gone is set, the
	// record is removed.
	Text        string
	Whole, Gone bool
}

// Damageable is a store, and a way to damage its records.
type Damageable struct {
	Store
	Spoil  func(d Damage)
	Reopen func() Store // nil: the store is looked at as it is
}

// RunDamaged tests that one damaged record costs nothing but itself, whatever
// became of it. Lists still list, other tickets page, and claims claim. An
// alert of a ticket that is gone opens another. open gives an empty store each
// time.
func RunDamaged(t *testing.T, open func(t *testing.T) Damageable) {
	t.Helper()
	texts := map[string]string{
		"null": "null", "no fields": "{}", "cut": `{"number":"I2611`, "a list": "[1,2]",
		"another type": `{"number":1,"fingerprint":2,"state":3,"ticket":4,"kind":5,"person":6}`,
		"garbage":      "\x00\xff\xfegarbage that is no JSON, and longer than a head would be \x80", "nothing": "",
	}
	for _, kind := range ticket.RecordKinds() {
		if kind == ticket.RecordIndex {
			continue
		}
		for name, text := range texts {
			for _, whole := range []bool{false, true} {
				run(t, fmt.Sprintf("%s/%s/whole=%t", kind, name, whole), open, Damage{Kind: kind, Text: text, Whole: whole})
			}
		}
		run(t, fmt.Sprintf("%s/gone", kind), open, Damage{Kind: kind, Gone: true})
	}
}

func run(t *testing.T, name string, open func(t *testing.T) Damageable, d Damage) {
	t.Run(name, func(t *testing.T) {
		s := open(t)
		b := &damaged{bench: &bench{T: t, s: s.Store, ctx: t.Context()}, d: d}
		t.Cleanup(func() { b.ok(b.s.Close()) })
		b.prepare()
		s.Spoil(b.d)
		if s.Reopen != nil {
			b.s = s.Reopen()
		}
		b.directory()
		b.queue()
		b.deadlines()
		b.lists()
		b.hearsOfB()
		b.hearsOfA()
		b.counted()
		b.givenUp()
	})
}

// damaged is a test with a ticket of which something is damaged, and one of
// which nothing is.
type damaged struct {
	*bench
	d      Damage
	a, b   ticket.Record
	whole  ticket.View // of b, before
	device paging.Device
}

func (b *damaged) prepare() {
	open := func(fingerprint, person string) ticket.Record {
		t := b.ticket(prometheus)
		c := Opening(&t, Alert(prometheus, fingerprint))
		c.Pages = []ticket.Page{Page(&t, person)}
		b.apply(c)
		_, err := b.s.Reserve(b.ctx, paging.Reservation{
			Phone: alicePhone, Hash: "hash-" + fingerprint,
			Link: paging.Link{Person: "alice", Source: prometheus, Ticket: t.Number, At: At(0)},
		})
		b.ok(err)
		return b.load(prometheus, t.Number)
	}
	b.a, b.b = open("a", "alice"), open("b", "bob")
	_, err := b.s.PutDevice(b.ctx, paging.Device{Person: "alice", Token: "t1", Platform: "android", At: At(0)})
	b.ok(err)
	b.device, err = b.s.PutDevice(b.ctx, paging.Device{Person: "bob", Token: "t2", Platform: "android", At: At(0)})
	b.ok(err)
	b.whole = b.view(b.b.Ticket.Number)
	b.putRecord(prometheus, records.Write{Key: "a", Value: []byte("v"), Due: At(0)})
	b.putRecord(prometheus, records.Write{Key: "b", Value: []byte("v"), Due: At(0)})

	b.d.Source, b.d.Ticket = prometheus, b.a.Ticket.Number
	page := Page(&b.a.Ticket, "alice")
	b.d.Key = map[ticket.RecordKind]string{
		ticket.RecordAlert: "a", ticket.RecordPage: page.String(), ticket.RecordLink: "hash-a",
		ticket.RecordCode: alicePhone + " 11", ticket.RecordOther: "a",
	}[b.d.Kind]
}

func (b *damaged) is(kind ticket.RecordKind) bool { return b.d.Kind == kind }

// directory: the codes, links and devices of the others are as they were.
func (b *damaged) directory() {
	codes, err := b.s.Codes(b.ctx, alicePhone)
	b.ok(err)
	if !slices.ContainsFunc(codes, func(c paging.Code) bool { return c.Code == 12 && c.Ticket == b.b.Ticket.Number }) {
		b.Errorf("codes %+v", codes)
	}
	given, err := b.s.Reserve(b.ctx, paging.Reservation{
		Phone: alicePhone, Link: paging.Link{Person: "alice", Source: prometheus, Ticket: "I261121_0900", At: At(0)},
	})
	b.ok(err)
	if given == 12 || given == 11 && !b.d.Gone {
		b.Errorf("code %d is given twice", given)
	}
	_, err = b.s.Link(b.ctx, "hash-b")
	b.ok(err)
	if _, err := b.s.Link(b.ctx, "hash-a"); err != nil && !errors.Is(err, escalation.ErrNotFound) {
		b.Errorf("a damaged link: %v", err)
	}
	devices, err := b.s.Devices(b.ctx, "")
	b.ok(err)
	if !slices.ContainsFunc(devices, func(d paging.Device) bool { return d.ID == b.device.ID }) {
		b.Errorf("devices %+v", devices)
	}
	_, err = b.s.PutDevice(b.ctx, paging.Device{Person: "alice", Token: "t1", Platform: "android", At: At(0)})
	b.ok(err)
	b.number(prometheus)
	b.records()
}

// records: the other one is read, listed and claimed, and the damaged one can be
// written over.
func (b *damaged) records() {
	b.record(prometheus, "b")
	list, err := b.s.Records().List(b.ctx, prometheus, silence, "", 1)
	b.ok(err)
	if len(list) == 0 {
		b.Error("the list ends at a damaged record")
	}
	if _, err := b.s.Records().Get(b.ctx, prometheus, silence, "a"); b.is(ticket.RecordOther) && err == nil {
		b.Error("a damaged record is read")
	}
	var claimed []records.Record
	for range 2 { // a damaged one may have been first
		claimed = append(claimed, b.claimRecords("one", 0, 1)...)
	}
	if !slices.ContainsFunc(claimed, func(r records.Record) bool { return r.Key == "b" }) {
		b.Errorf("claimed %+v", claimed)
	}
	b.putRecord(prometheus, records.Write{Key: "a", Value: []byte("w"), Due: At(0)})
	b.same("written over", string(b.record(prometheus, "a").Value), "w")
}

// queue: both pages go out, the one of which something is damaged, too.
func (b *damaged) queue() {
	claims, _ := b.claim("one", At(time.Second), 10)
	for _, was := range []*ticket.Record{&b.a, &b.b} {
		i := slices.IndexFunc(claims, func(c paging.Claim) bool { return c.Page.Ticket == was.Ticket.Number })
		if i < 0 {
			if was == &b.a && b.d.Gone && (b.is(ticket.RecordPage) || b.is(ticket.RecordTicket)) {
				continue
			}
			b.Errorf("claimed %s: %s is missing", keys(claims), was.Ticket.Number)
			continue
		}
		c := claims[i]
		if c.Page.Kind != ticket.KindPage || c.Page.Urgency != ticket.Major || c.Page.Person == "" || c.Page.Source != prometheus ||
			c.Page.Attempts != 1 || c.Ticket.Number != was.Ticket.Number || c.Ticket.Source != prometheus || c.Ticket.State != ticket.Open {
			b.Errorf("claimed %+v of %+v", c.Page, c.Ticket)
		}
		b.same("applied", b.finish(sent(c.Page, c.Token, At(2*time.Second))), []bool{true})
		_, _, err := b.s.Receipt(b.ctx, receiptOf(c.Page, ticket.PageDelivered, 3))
		b.ok(err)
	}
	b.none("afterwards", At(time.Minute))
	if _, _, err := b.s.Receipt(b.ctx, receiptOf(Page(&b.a.Ticket, "alice"), ticket.PageDelivered, 3)); err != nil && !errors.Is(err, escalation.ErrNotFound) {
		b.Errorf("a receipt: %v", err)
	}
}

// deadlines: what is due is listed, and a ticket that is gone not for ever.
func (b *damaged) deadlines() {
	now := At(ticket.DefaultRepeat)
	b.due(now, 10)
	_, err := b.s.Load(b.ctx, prometheus, []string{b.a.Ticket.Number, b.b.Ticket.Number}) // as the engine does
	b.ok(err)
	due, _ := b.due(now, 10)
	var numbers []string
	for _, d := range due {
		numbers = append(numbers, d.Ticket)
	}
	if !slices.Contains(numbers, b.b.Ticket.Number) || slices.Contains(numbers, b.a.Ticket.Number) == b.is(ticket.RecordTicket) {
		b.Errorf("due %v", numbers)
	}
	records, err := b.s.Alerts(b.ctx, prometheus, []string{"a", "b"})
	b.ok(err)
	if len(records) == 0 || records[len(records)-1].Fingerprint != "b" {
		b.Errorf("alerts %+v", records)
	}
	_, err = b.s.Grouped(b.ctx, prometheus, SenderGroup)
	b.ok(err)
}

func (b *damaged) lists() {
	tickets, _, err := b.s.Tickets(b.ctx, ticket.Query{Scope: ticket.Everything(), Limit: 10, States: []ticket.State{ticket.Open}})
	b.ok(err)
	var numbers []string
	for i := range tickets {
		numbers = append(numbers, tickets[i].Number)
	}
	if !slices.Contains(numbers, b.b.Ticket.Number) || slices.Contains(numbers, b.a.Ticket.Number) == b.is(ticket.RecordTicket) {
		b.Errorf("listed %v", numbers)
	}
	all, _, err := b.s.Tickets(b.ctx, ticket.Query{Scope: ticket.Everything(), Limit: 10})
	b.ok(err)
	if len(all) != len(tickets) {
		b.Errorf("listed %d of any state, %d open", len(all), len(tickets))
	}
	b.same("what is whole", b.view(b.b.Ticket.Number).Ticket, b.whole.Ticket)
	_, err = b.s.Stats(b.ctx)
	b.ok(err)
	_, errPages := b.s.Pages(b.ctx, prometheus, b.a.Ticket.Number)
	b.ok(errPages)
	view, err := b.s.View(b.ctx, b.a.Ticket.Number)
	_, errLocate := b.s.Locate(b.ctx, b.a.Ticket.Number)
	if b.is(ticket.RecordTicket) {
		want := escalation.ErrDamaged
		if b.d.Gone {
			want = escalation.ErrNotFound
		}
		b.bench.is("the view", err, want)
		b.bench.is("its place", errLocate, want)
		return
	}
	b.ok(errors.Join(err, errLocate))
	if b.is(ticket.RecordEntry) && !b.d.Gone && view.Damaged != 1 {
		b.Errorf("%d damaged, want 1: %+v", view.Damaged, view)
	}
	b.edited(b.load(prometheus, b.a.Ticket.Number), func(t *ticket.Ticket) { t.Title = "goes on" })
}

func (b *damaged) hearsOfB() {
	item := b.observe(prometheus, Observation(Alert(prometheus, "b"), At(4*time.Minute))).Items[0]
	if item.Verdict != escalation.Repeat || item.Ticket != b.b.Ticket.Number {
		b.Errorf("b: %+v", item)
	}
}

// hearsOfA: the alert whose record, or ticket, is damaged keeps a ticket, or
// opens one.
func (b *damaged) hearsOfA() {
	o := Observation(Alert(prometheus, "a"), At(4*time.Minute))
	o.GroupKey = b.a.Ticket.GroupKey
	item := b.observe(prometheus, o).Items[0]
	switch {
	case b.is(ticket.RecordTicket):
		if item.Verdict != escalation.New || item.Ticket != "" {
			b.Fatalf("a: %+v", item)
		}
		b.opensAnother()
	case item.Verdict == escalation.New:
		if !b.is(ticket.RecordAlert) || item.Ticket != b.a.Ticket.Number {
			b.Fatalf("a: %+v", item)
		}
		now := Next(b.load(prometheus, b.a.Ticket.Number), nil)
		now.Alerts = []escalation.AlertChange{{Record: Record(&b.a.Ticket, o.Alert)}}
		b.apply(now)
	case item.Ticket != b.a.Ticket.Number:
		b.Fatalf("a: %+v", item)
	}
	o.At = At(5 * time.Minute)
	if item = b.observe(prometheus, o).Items[0]; item.Verdict != escalation.Repeat {
		b.Errorf("a again: %+v", item)
	}
	o.Alert.Status = ticket.Resolved
	item = b.observe(prometheus, o).Items[0]
	if item.Verdict != escalation.Changed || item.Alert == nil || item.Alert.Fingerprint != "a" || item.Alert.Status != ticket.Firing {
		b.Fatalf("a is over: %+v", item)
	}
	over := Next(b.load(prometheus, item.Ticket), func(t *ticket.Ticket) { Resolve(t, At(6*time.Minute)) })
	record := *item.Alert
	record.Status = ticket.Resolved
	over.Alerts = []escalation.AlertChange{{Record: record, Was: item.Ticket}}
	b.apply(over)
	b.apply(Next(b.load(prometheus, item.Ticket), func(t *ticket.Ticket) { Close(t, At(7*time.Minute)) }))
}

// opensAnother commits what the engine makes of an alert that is new, and sees
// it paged. A change of the ticket that is gone is refused, and nothing else is.
func (b *damaged) opensAnother() {
	b.refused("the damaged ticket", Next(ticket.Record{Ticket: b.a.Ticket, Revision: 99}, nil))
	c := b.ticket(prometheus)
	c.GroupKey = b.a.Ticket.GroupKey
	change := Opening(&c, Alert(prometheus, "a"))
	change.Pages = []ticket.Page{Page(&c, "alice")}
	b.apply(change)
	if claim := b.claimOne("two", At(4*time.Minute)); claim.Ticket.Number != c.Number {
		b.Errorf("claimed %s of %s", claim.Page.String(), claim.Ticket.Number)
	}
}

// counted: the store knows what it passed over.
func (b *damaged) counted() {
	counter, can := b.s.(interface {
		Damaged() []escalation.DamagedRecord
	})
	if !can {
		b.Fatal("the store counts no damaged records")
	}
	found := counter.Damaged()
	if !b.d.Gone && !slices.ContainsFunc(found, func(r escalation.DamagedRecord) bool { return r.Kind == b.d.Kind && r.Name != "" && r.Why != "" }) {
		b.Errorf("counted %+v", found)
	}
}

// givenUp: of a ticket that asked for work and was given up people are to hear,
// until it is noted that they did, and of no other.
func (b *damaged) givenUp() {
	s, can := b.s.(interface {
		GivenUp(ctx context.Context, now, until time.Time) ([]ticket.Ref, error)
		ToldGivenUp(ctx context.Context, refs []ticket.Ref) error
	})
	if !can {
		b.Fatal("the store does not say what it gave up")
	}
	ask := func(minute time.Duration) []ticket.Ref {
		refs, err := s.GivenUp(b.ctx, At(minute*time.Minute), At((minute+5)*time.Minute))
		b.ok(err)
		return refs
	}
	found := ask(0)
	if !b.is(ticket.RecordTicket) {
		if len(found) > 0 {
			b.Errorf("given up: %v", found)
		}
		return
	}
	if len(found) != 1 || found[0].Number != b.a.Ticket.Number {
		b.Fatalf("given up: %v, want %s", found, b.a.Ticket.Number)
	}
	if again := ask(4); len(again) > 0 {
		b.Errorf("handed out twice: %v", again)
	}
	b.same("handed out again, where nobody told", ask(5), found)
	b.ok(s.ToldGivenUp(b.ctx, found))
	_, err := b.s.Load(b.ctx, prometheus, []string{b.a.Ticket.Number})
	b.ok(err)
	if again := ask(60); len(again) > 0 {
		b.Errorf("told, and given up again: %v", again)
	}
}
