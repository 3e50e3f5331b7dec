package archivetest

import (
	"math/rand/v2"
	"slices"
	"time"

	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/ticket"
)

// figures compares what is counted with a count of the tickets themselves, and with what
// the lists have to which the figures lead.
func figures(b *bench) {
	r := rand.New(rand.NewPCG(9, 10))
	all := b.world(r, 150)
	since, until, now := storetest.At(30*time.Second), storetest.At(400*time.Second), storetest.At(300*time.Second)
	counted := func(recent []ticket.Changed) ticket.Figures {
		list, err := b.a.Counted(b.ctx, ticket.Limited("", "acme"), "acme", since, until, now, recent)
		b.ok(err)
		return ticket.Count(list, since, until)
	}
	before := counted(all)
	b.follow()
	got := counted(nil)
	b.counts(got, all, since, until, now)
	if text(before) != text(got) || text(counted(all[:40])) != text(got) {
		b.Errorf("what is not copied yet is counted otherwise:\n%s\n%s", text(before), text(got))
	}
	for urgency, f := range got.ByUrgency {
		u, err := ticket.ParseUrgency(urgency)
		b.ok(err)
		b.leads(u, &f, since, until, now)
	}
	if len(got.ByUrgency) != 4 || got.All.Breached == 0 || got.All.Within == 0 || got.All.Running == 0 || got.All.Promised == got.All.Opened || got.All.Resolved == 0 {
		b.Errorf("too little is counted: %s", text(got))
	}
}

// counts counts the tickets one by one.
func (b *bench) counts(got ticket.Figures, all []ticket.Changed, since, until, now time.Time) {
	b.Helper()
	var want ticket.Figure
	var waits []float64
	for i := range all {
		t := &all[i].View.Ticket
		if t.Customer != "acme" {
			continue
		}
		if t.ResolvedAt.Compare(since) >= 0 && t.ResolvedAt.Before(until) {
			want.Resolved++
		}
		if t.OpenedAt.Before(since) || !t.OpenedAt.Before(until) {
			continue
		}
		want.Opened++
		if state := t.GTIState(now); state == ticket.GTIMet {
			want.Within++
		} else if state == ticket.GTIMissed {
			want.Breached++
		} else if state != ticket.GTINone {
			want.Running++
		}
		if !t.PickedUpAt.IsZero() {
			waits = append(waits, t.PickedUpAt.Sub(t.OpenedAt).Seconds())
		}
	}
	want.Promised = want.Within + want.Breached + want.Running
	slices.Sort(waits)
	below, above := 0, 0
	if got.All.Pickup == nil || len(waits) == 0 {
		b.Fatalf("no median of %v", waits)
	}
	for _, w := range waits {
		if w < *got.All.Pickup {
			below++
		} else if w > *got.All.Pickup {
			above++
		}
	}
	if 2*below > len(waits) || 2*above > len(waits) {
		b.Errorf("%g is not in the middle of %v", *got.All.Pickup, waits)
	}
	want.Pickup = got.All.Pickup
	if text(got.All) != text(want) {
		b.Errorf("counted %s, want %s", text(got.All), text(want))
	}
}

// leads wants the lists of an urgency to have as many as the figure says.
func (b *bench) leads(u ticket.Urgency, f *ticket.Figure, since, until, now time.Time) {
	b.Helper()
	opened := ticket.Query{Customer: "acme", Urgencies: []ticket.Urgency{u}, Since: since, Until: until}
	for what, led := range map[string]struct {
		s    ticket.Search
		want int
	}{
		"opened":   {ticket.Search{Query: opened}, f.Opened},
		"resolved": {ticket.Search{Query: ticket.Query{Customer: "acme", Urgencies: []ticket.Urgency{u}}, ResolvedSince: since, ResolvedUntil: until}, f.Resolved},
		"within":   {ticket.Search{Query: opened, Clock: ticket.GTIMet}, f.Within},
		"breached": {ticket.Search{Query: opened, Clock: ticket.GTIMissed}, f.Breached},
		"running":  {ticket.Search{Query: opened, Clock: ticket.GTIRunning}, f.Running},
		"promised": {ticket.Search{Query: opened, Clock: ticket.GTIUnpromised}, f.Opened - f.Promised},
	} {
		led.s.Limit, led.s.Now = 500, now
		l, err := b.a.Search(b.ctx, ticket.Everything(), &led.s, nil)
		b.ok(err)
		if len(l.Tickets) != led.want {
			b.Errorf("%s, %s: the list has %d, the figure says %d", u, what, len(l.Tickets), led.want)
		}
	}
}
