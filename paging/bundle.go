package paging

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging/words"
)

// bundle sends several pages of one person as one SMS. It counts them and
// names the worst (docs/adr/0010-storms-are-made-small-by-the-sender.md).
func (o *Outbox) bundle(ctx context.Context, stopping <-chan struct{}, claims []Claim) {
	o.sending.Go(func() {
		if o.waitForSender(ctx, stopping, claims) {
			o.handleBundle(ctx, stopping, slices.Clone(claims))
		}
	})
}

func (o *Outbox) handleBundle(ctx context.Context, stopping <-chan struct{}, claims []Claim) {
	source, urgency := claims[0].Page.Source, claims[0].Page.Urgency // the first page took the turn; sendBundle sorts
	outs, err := o.bundleAttempted(ctx, claims)
	o.slots.give(source, urgency)
	if err != nil {
		o.metrics.storeErrors.Inc()
		o.log.Error("an SMS for several tickets was not dealt with, and is tried again",
			zap.Int("tickets", len(claims)), zap.String("person", claims[0].Page.Person), zap.Error(err))
		o.putBack(ctx, stopping, claims, o.clock.Now().Add(longestNap))
		return
	}
	applied, recorded := o.finish(ctx, stopping, outs)
	now := o.clock.Now()
	for i := range claims {
		o.metrics.outcome(claims[i], outs[i], now)
		if recorded {
			o.tellLog(claims[i], outs[i], applied[i])
		}
	}
	o.Wake()
}

// sendBundle sends the bundle, and tells each ticket what it has to hear.
func (o *Outbox) sendBundle(ctx context.Context, claims []Claim) ([]Outcome, error) {
	slices.SortStableFunc(claims, worstFirst)
	worst := claims[0]
	person, _ := o.actions.Rules().Directory.Recipient(worst.Page.Person)
	name, err := newLink()
	if err != nil {
		return nil, err
	}
	l := Link{Person: person.Key, Ticket: "bundle " + name, Channel: worst.Page.Channel}
	for i := range claims {
		l.Bundle = append(l.Bundle, ticket.Ref{Source: claims[i].Page.Source, Number: claims[i].Page.Ticket})
	}
	// Only pages whose channel exists are put together.
	sent, err := o.toAddresses(ctx, o.way(worst.Page.Channel), worst, person, func(address string) (words.Facts, error) {
		number := o.codePhone(worst.Page.Kind, phoneOf(person, address))
		reserved, err := o.reserve(ctx, number, l)
		if err == nil && number != "" { // no ticket's end gives the code back: it counts as released from now on
			err = o.phones.Release(ctx, number, l.Ticket, o.clock.Now())
		}
		if err != nil {
			return words.Facts{}, err
		}
		f := TicketFacts(&worst.Ticket, o.actions.Rules(), o.clock.Now())
		f.Kind, f.Tickets = worst.Page.Kind, len(claims)
		o.link(&f, reserved)
		return f, nil
	})
	if err != nil {
		return nil, err
	}
	o.metrics.bundles.Observe(float64(len(claims)))
	outs := make([]Outcome, len(claims))
	for i := range claims {
		var follow escalation.Event
		outs[i], follow = o.bundled(claims, i, sent)
		if follow != nil {
			if err := o.actions.Tell(ctx, claims[i].Page.Source, claims[i].Page.Ticket, follow); err != nil {
				return nil, fmt.Errorf("paging: outcome of %s: %w", claims[i].Page.PageKey, err)
			}
		}
	}
	return outs, nil
}

// worstFirst puts the ticket first whose time to intervention ends first; then
// the page that has waited longest.
func worstFirst(a, b Claim) int {
	da, db := a.Ticket.GTI.DueAt, b.Ticket.GTI.DueAt
	switch {
	case da.IsZero() != db.IsZero():
		if da.IsZero() {
			return 1
		}
		return -1
	case !da.Equal(db):
		return da.Compare(db)
	}
	return cmp.Or(a.Page.At.Compare(b.Page.At), cmp.Compare(a.Page.Ticket, b.Page.Ticket))
}

// bundled is what became of the i-th page of a bundle. The first page stands
// for the message: receipts come to it, and it knows which pages it carries.
func (o *Outbox) bundled(claims []Claim, i int, sent handed) (Outcome, escalation.Event) {
	if i > 0 {
		sent.receipts = false
	}
	c := claims[i]
	out, event := o.judge(c, sent)
	out.Source, out.Key, out.Token = c.Page.Source, c.Page.PageKey, c.Token
	switch {
	case i > 0:
		out.ProviderID = ""
	case out.State == ticket.PageSent:
		// Only a page that was taken carries the others. If the page went out alone
		// later, its receipts would count for them too.
		for _, other := range claims[1:] {
			out.Carries = append(out.Carries, ticket.PageRef{Source: other.Page.Source, PageKey: other.Page.PageKey})
		}
	}
	if out.State == ticket.PageSent {
		out.Entry = o.entry(c, ticket.SaidBundled, ticket.Args{Tickets: len(claims), Ticket: claims[0].Page.Ticket})
		if i > 0 {
			out.State = ticket.PageBundled
		}
	}
	return out, event
}
