package paging

import (
	"cmp"
	"context"
	"slices"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/internal/stack"
	"github.com/astreinte/astreinte/internal/ticket"
)

// How many messages a person gets by a channel that crowds, as SMS does
// (Way.Crowds). People read one message at a time. So messages that come
// faster are collected, and go out as one that counts them.
const (
	// aloneCritical is how many critical SMS go out one by one.
	aloneCritical = 10
	// collectCritical and collect are the times between a person's SMS of one
	// urgency, once that many have gone out one by one.
	collectCritical = time.Second
	collect         = 10 * time.Second
	// together is how long an SMS waits for others that are ordered with it in
	// another write. The first SMS of a ticket and critical ones do not wait.
	together = time.Second
	// headStart replaces together for pages whose rounds hurry. A round comes so
	// much later than what waits for the same turn already.
	headStart = 100 * time.Millisecond
	// bundleMost is how many pages one SMS stands for at most.
	bundleMost = 500
	// overAll is how many times as many SMS a person gets of all customers
	// together as of one. It is enough that the storms of one or two customers
	// leave the others their turns.
	overAll = 3
)

// box holds claimed pages that wait together and may go out as one. All are of
// one customer, so that nobody's ticket hides behind another's.
type box struct {
	person   string
	channel  string
	customer string
	urgency  ticket.Urgency
	kind     ticket.PageKind
}

func boxOf(c *Claim) box {
	return box{c.Page.Person, c.Page.Channel, c.Ticket.Customer, c.Page.Urgency, c.Page.Kind}
}

// shared names the pace that all boxes of a person share, whatever the
// customer.
func (b box) shared() string {
	return "person/" + b.person + "/" + b.channel + "/" + b.urgency.String() + "/" + string(b.kind)
}

// alone is how many SMS of the box go out one by one.
func (b box) alone(over int) int {
	if b.urgency == ticket.Critical {
		return max(over, aloneCritical)
	}
	return over
}

// crowded says whether somebody has so many SMS among these that they become
// one.
func (o *Outbox) crowded(claims []Claim) bool {
	over := o.ways.Load().BundleOver
	if over == 0 {
		return false
	}
	count := map[box]int{}
	for i := range claims {
		if c := &claims[i]; o.crowds(c.Page.Channel) {
			b := boxOf(c)
			if count[b]++; count[b] > b.alone(over) {
				return true
			}
		}
	}
	return false
}

// crowds says whether a channel's messages wait for their turn.
func (o *Outbox) crowds(channel string) bool {
	w := o.way(channel)
	return w != nil && w.Crowds
}

// dispatch sends claimed pages, each by itself. Those that crowd go by boxes
// if there is a pace to keep, or if they are bundled.
func (o *Outbox) dispatch(ctx context.Context, stopping <-chan struct{}, claims []Claim) {
	boxes := map[box][]Claim{}
	paces := map[string][]box{} // by the pace that they share
	for _, c := range claims {
		if failure(c.Page.State) {
			o.sending.Go(func() { o.untold(ctx, stopping, c) })
			continue
		}
		if !o.crowds(c.Page.Channel) || !o.paced(c.Page.Channel) {
			o.start(ctx, stopping, c)
			continue
		}
		b := boxOf(&c)
		if boxes[b] == nil {
			paces[b.shared()] = append(paces[b.shared()], b)
		}
		boxes[b] = append(boxes[b], c)
	}
	for _, sharing := range paces {
		o.sending.Go(func() { o.emptyAll(ctx, stopping, sharing, boxes) })
	}
}

// emptyAll empties boxes that share a pace. If there are not turns for all, a
// box with few pages goes before a storm. If nothing is bundled, the boxes
// take turns, one message a turn.
func (o *Outbox) emptyAll(ctx context.Context, stopping <-chan struct{}, sharing []box, boxes map[box][]Claim) {
	bundled := o.ways.Load().BundleOver > 0
	slices.SortStableFunc(sharing, func(a, b box) int {
		waits := o.served.at(a.name()).Compare(o.served.at(b.name()))
		few := cmp.Compare(len(boxes[a]), len(boxes[b]))
		if bundled {
			return cmp.Or(few, waits)
		}
		return cmp.Or(waits, few)
	})
	for _, b := range sharing {
		o.empty(ctx, stopping, b, boxes[b])
	}
}

// paced says whether a channel's messages have to ask for their turn.
func (o *Outbox) paced(channel string) bool {
	w := o.ways.Load()
	return w.BundleOver > 0 || slices.ContainsFunc(w.Channels[channel], func(p Provider) bool { return p.Rate > 0 })
}

// start sends one page as soon as there is a sender for it.
func (o *Outbox) start(ctx context.Context, stopping <-chan struct{}, c Claim) {
	o.sending.Go(func() {
		stack.Grow()
		if o.waitForSender(ctx, stopping, []Claim{c}) {
			o.handle(ctx, stopping, c)
		}
	})
}

// waitForSender waits for a sender. It is false if the pages were put back: it
// took too long, or the daemon stops.
func (o *Outbox) waitForSender(ctx context.Context, stopping <-chan struct{}, claims []Claim) bool {
	asked, p := o.clock.Now(), &claims[0].Page
	if o.slots.acquire(p.Source, p.Urgency, stopping) {
		if o.clock.Now().Sub(asked) <= staleAfter {
			return true
		}
		o.slots.give(p.Source, p.Urgency)
	}
	o.putBack(ctx, stopping, claims, o.clock.Now())
	return false
}

// empty sends what is in a box, as far as its turns allow: one by one or, if
// there are too many, as one. The ticket whose last message is longest ago
// goes first; of tickets without one, the one that was ordered first. The rest
// is put back until its turn.
func (o *Outbox) empty(ctx context.Context, stopping <-chan struct{}, b box, claims []Claim) {
	over := o.ways.Load().BundleOver
	claims = o.wanted(ctx, stopping, claims)
	hurried := slices.ContainsFunc(claims, hurries)
	if at := b.ripe(claims, hurried); over > 0 && at.After(o.clock.Now()) {
		o.sending.Go(func() { o.putBack(ctx, stopping, claims, at) })
		return
	}
	slices.SortStableFunc(claims, func(a, b Claim) int { return o.served.at(line(&a)).Compare(o.served.at(line(&b))) })
	for len(claims) > 0 {
		n := 1
		if over > 0 && (hurried || len(claims) > b.alone(over)) {
			n = min(len(claims), bundleMost)
		}
		if wait := o.turn(ctx, b); !wait.IsZero() {
			o.sending.Go(func() { o.putBack(ctx, stopping, claims, wait) })
			return
		}
		o.served.turn(o.clock.Now(), linesOf(b, claims[:n])...)
		if n == 1 {
			o.start(ctx, stopping, claims[0])
		} else {
			o.bundle(ctx, stopping, claims[:n])
		}
		claims = claims[n:]
	}
}

// ripe is when the box may be emptied. If everything in it can wait, it is a
// while after the first page was ordered.
func (b box) ripe(claims []Claim, hurried bool) time.Time {
	var first time.Time
	wait := together
	if hurried {
		wait = headStart
	}
	for i := range claims {
		p := &claims[i].Page
		if (b.urgency == ticket.Critical && !hurried) || (p.Kind == ticket.KindPage && p.Episode <= 1 && p.Step.N == 0 && p.Round == ticket.Round(0)) {
			return time.Time{}
		}
		if first.IsZero() || p.At.Before(first) {
			first = p.At
		}
	}
	return first.Add(wait)
}

// hurries says whether a page's rounds are so fast that a page that waits for
// others would be overtaken by the next. Such a page does not wait. It goes
// together with those that have come to the same turn, so that no ticket is
// overtaken always.
func hurries(c Claim) bool {
	steps, k := c.Ticket.Policy.Steps, c.Page.Step.N // the last resort has the pace of the first step
	return c.Page.Kind == ticket.KindPage && k < len(steps) &&
		slices.ContainsFunc(steps[k].Repeat, func(p ticket.Pace) bool { return p.Every > 0 && p.Every <= 2*together })
}

// wanted deals with pages that time has overtaken, or that cannot be sent at
// all: they take no turn. It returns the others.
func (o *Outbox) wanted(ctx context.Context, stopping <-chan struct{}, claims []Claim) []Claim {
	rules := o.actions.Rules()
	return slices.DeleteFunc(claims, func(c Claim) bool {
		_, _, over := o.stale(c, rules)
		person, known := rules.Directory.Recipient(c.Page.Person)
		if isNotice(c.Page.Kind) {
			paged, sending, err := o.wasPaged(ctx, c)
			over = over || err != nil || !paged || sending
		}
		if over || !known || len(o.addresses(person.Key, c.Page.Channel)) == 0 {
			o.start(ctx, stopping, c)
			return true
		}
		return false
	})
}

// turn asks for the turn of one message: the customer's with that person, the
// person's, and the turn of the sender's number. Critical messages do not wait
// for the sender's. If the store cannot be asked, nothing waits: too early is
// better than too late.
func (o *Outbox) turn(ctx context.Context, b box) (wait time.Time) {
	w := o.ways.Load()
	critical := b.urgency == ticket.Critical
	var turns []Turn
	if w.BundleOver > 0 {
		every := collect
		if critical {
			every = collectCritical
		}
		burst := b.alone(w.BundleOver)
		turns = append(turns,
			Turn{Pace: b.shared() + "/" + b.customer, Every: every, Burst: burst},
			Turn{Pace: b.shared(), Every: every / overAll, Burst: overAll * burst})
	}
	sender := o.sendersTurn(o.carriers.first(b.channel))
	if !critical {
		turns = append(turns, sender...)
	}
	wait = o.pace(ctx, turns, false)
	if wait.IsZero() && critical {
		o.pace(ctx, sender, true)
	}
	return wait
}

// sendersTurn is one message's turn of the provider's sender; none if the
// sender has no pace.
func (o *Outbox) sendersTurn(p Provider) []Turn {
	if p.Rate <= 0 {
		return nil
	}
	return []Turn{{Pace: "sender/" + p.Name, Every: time.Duration(float64(time.Second) / p.Rate), Burst: 1}}
}

func (o *Outbox) pace(ctx context.Context, turns []Turn, forced bool) time.Time {
	if len(turns) == 0 {
		return time.Time{}
	}
	wait, err := o.store.Pace(ctx, o.clock.Now(), turns, forced)
	if err != nil {
		o.metrics.storeErrors.Inc()
		o.log.Warn("no turn could be asked for: an SMS goes out at once", zap.Error(err))
		return time.Time{}
	}
	return wait
}
