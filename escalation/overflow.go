package escalation

import (
	"context"
	"fmt"
	"math"
	"strconv"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/internal/ticket"
)

// bound is what a batch knows of its source's bound (SourceRule). New alerts
// beyond the bound join one ticket for each customer, the overflow ticket,
// which is a group by itself. So nothing is lost, and the other sources have
// room.
type bound struct {
	most      Crowd
	has       Crowd    // as the store told it
	thin      bool     // so many alerts that only a part of one more is kept
	room      int      // for alerts that are kept, if near is set
	opened    int      // tickets that this batch opened, overflow tickets excepted
	near      bool     // this batch may reach the bound
	customers []string // customers of the observations
	numbers   map[string]string
	told      bool // the managers know: another customer's overflow ticket is active
}

// overflowKey is the group of a customer's alerts beyond the bound. No
// policy's group begins so.
func overflowKey(customer string) string { return "/overflow/" + strconv.Quote(customer) }

// readBound reads the overflow tickets if the batch may open more tickets than
// its source may have.
func (b *batch) readBound(ctx context.Context, observations []Observation, observed *Observed) error {
	rule, n := b.rules.Sources[b.source], 0
	b.bound.most = Crowd{Active: rule.MaxOpen, Opened: rule.MaxRate}
	b.bound.has = observed.Has
	b.bound.thin = observed.Alerts >= ticket.WholeAlerts
	b.bound.room = math.MaxInt
	if rule.MaxKept > 0 {
		b.bound.room = rule.MaxKept - observed.Alerts
	}
	customers := map[string]bool{}
	for i := range observed.Items {
		if v := observed.Items[i].Verdict; observations[i].Alert.Status == ticket.Firing && (v == New || v == Changed) {
			n++
			customers[b.bound.customers[i]] = true
		}
	}
	could := Crowd{Active: observed.Has.Active + n - 1, Opened: observed.Has.Opened + n - 1}
	if n == 0 || !could.Reaches(b.bound.most) && n <= b.bound.room {
		return nil
	}
	b.bound.near, b.bound.numbers = true, map[string]string{}
	active, err := b.readOverflows(ctx, customers)
	if err != nil || active == len(customers) {
		return err
	}
	others := map[string]bool{"": true}
	for i := range b.rules.Customers {
		others[b.rules.Customers[i].Key] = true
	}
	more, err := b.readOverflows(ctx, others)
	b.bound.told = more > 0
	return err
}

// readOverflows reads the overflow tickets of customers. It returns how many
// are active.
func (b *batch) readOverflows(ctx context.Context, customers map[string]bool) (active int, err error) {
	var ask []Observation
	for customer := range customers {
		key := overflowKey(customer)
		ask = append(ask, Observation{
			Alert:    ticket.Alert{Source: b.source, Fingerprint: "group of " + key, Status: ticket.Firing},
			GroupKey: key, At: b.now, Urgency: ticket.Low,
		})
	}
	found, err := b.e.store.Observe(ctx, b.source, ask)
	if err != nil {
		return 0, fmt.Errorf("escalation: find %d overflow tickets: %w", len(ask), err)
	}
	for _, record := range found.Tickets {
		b.add(record)
	}
	for i := range ask {
		number := found.Items[i].Ticket
		b.bound.numbers[ask[i].GroupKey] = number
		if w := b.tickets[number]; w != nil && w.Ticket.State.Active() {
			active++
		}
	}
	return active, nil
}

// over is the bound that keeps the source from opening another ticket; empty
// if there is none.
func (b *batch) over() ticket.Bound {
	most, has := b.bound.most, b.bound.has
	has.Active += b.bound.opened
	has.Opened += b.bound.opened
	switch {
	case b.full():
		return ticket.BoundOf(ticket.BoundKept, b.rules.Sources[b.source].MaxKept)
	case has.Reaches(Crowd{Active: most.Active}):
		return ticket.BoundOf(ticket.BoundOpen, most.Active)
	case has.Reaches(Crowd{Opened: most.Opened}):
		return ticket.BoundOf(ticket.BoundOpened, most.Opened)
	}
	return ""
}

// full says whether the store keeps as many alerts of the source as it may.
func (b *batch) full() bool { return b.bound.room <= 0 }

// pass does to a ticket what an alert asks for, and keeps no record of the
// alert. When it is heard of again, it is new again. The ticket takes it for a
// repeat: the alert opens and reopens the ticket and raises its urgency, but
// is not counted.
func (b *batch) pass(j *job, w *work, moved AlertMoved) {
	moved.From = ticket.Firing
	_ = b.step(j, w, moved) // alerts are never refused
}

// overflow is the ticket that an alert joins beyond the bound. It opens it if
// there is none.
func (b *batch) overflow(over ticket.Bound, routed Routed, moved *AlertMoved) *work {
	b.e.metrics.beyond(b.source)
	key := overflowKey(routed.Customer)
	w := b.groupOf(key, b.bound.numbers[key])
	moved.Routed = &routed
	if !w.Ticket.OpenedAt.IsZero() {
		return w
	}
	opened := routed
	opened.Site, opened.Group, opened.GroupKey = "", map[string]string{}, key
	if routed.Customer != "" {
		opened.Group[LabelCustomer] = routed.Customer
	}
	w.Ticket = Opening(b.source, ticket.Incident, "", opened, b.now, b.rules)
	w.Ticket.Overflow = over
	b.opened = append(b.opened, w)
	moved.TellManagers = !b.bound.told
	b.bound.told = true
	b.e.log.Warn("a source is at its bound: what is new joins one ticket a customer",
		zap.String("source", b.source), zap.String("bound", string(over)), zap.String("customer", routed.Customer))
	return w
}
