package answer

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// refs are the tickets that a code stands for.
func refs(c *paging.Code) []ticket.Ref {
	if len(c.Bundle) > 0 {
		return c.Bundle
	}
	return []ticket.Ref{{Source: c.Source, Number: c.Ticket}}
}

// sort files what the phone's codes stand for: each ticket once, and the
// tickets of each bundle. A ticket without its own code gets that of the
// latest bundle.
func (x *exchange) sort(codes []paging.Code, tickets map[string]ticket.Ticket) {
	place := map[string]int{}
	put := func(k known) {
		i, found := place[k.Ticket]
		if !found {
			place[k.Ticket] = len(x.codes)
			x.codes = append(x.codes, k)
			return
		}
		if was := &x.codes[i]; len(k.Bundle) == 0 || (len(was.Bundle) > 0 && was.At.Before(k.At)) {
			*was = k
		}
	}
	x.bundles = map[int][]known{}
	for _, c := range codes {
		for _, ref := range refs(&c) {
			t, found := tickets[ref.Number]
			if !found {
				continue
			}
			k := known{Code: c, ticket: t}
			k.Source, k.Ticket = ref.Source, ref.Number
			put(k)
			if len(c.Bundle) > 0 {
				x.bundles[c.Code] = append(x.bundles[c.Code], k)
			}
		}
	}
	slices.SortStableFunc(x.codes, func(a, b known) int { return a.Code.Code - b.Code.Code })
}

// actOnBundle does what the answer says to each ticket of a bundle.
func (x *exchange) actOnBundle(a Answer, tickets []known) (string, error) {
	done, others, err := x.orderForAll(a, tickets)
	if err != nil {
		return "", err
	}
	return x.say.Bundle(actionOf[a.Verb], a.Code, done, others, escalation.UndoWithin), nil
}

// orderForAll acts on many tickets whose code one person has. done counts those
// that it acted on and those that needed no action any more. others counts the
// rest: somebody else has them, or they are over.
func (x *exchange) orderForAll(a Answer, tickets []known) (done, others int, err error) {
	who := x.person.Key
	var targets []desk.Target
	for i := range tickets {
		k := &tickets[i]
		who = cmp.Or(k.Person, who)
		if a.Verb != VerbNote && a.Verb != VerbRecheck && k.Code.Code > 0 {
			past, err := x.past(k)
			if err != nil {
				return 0, 0, err
			}
			if past {
				others++
				continue
			}
		}
		target := desk.Target{Number: k.Ticket}
		if k.ticket.Number != "" {
			target.Was = &k.ticket
		}
		targets = append(targets, target)
	}
	order := x.order(a)
	order.Shared = true
	var errs []error
	results := x.desk.Act(x.ctx, x.actor(who), order, targets...)
	for i := range results {
		switch r := &results[i]; {
		case r.Outcome == desk.Failed, r.Outcome == desk.Unknown:
			errs = append(errs, fmt.Errorf("paging: %s %s of a bundle: %w", order.Verb, r.Number, r.Err))
		case isDone(r, a.Verb):
			done++
		default:
			others++
		}
	}
	return done, others, errors.Join(errs...)
}

// isDone reports whether a ticket of a bundle is as the answer wants it, even
// if the same text had done it before.
func isDone(r *desk.Result, verb Verb) bool {
	switch {
	case r.Outcome == desk.Again:
		return r.Ticket.State.Taken() == (verb == VerbAcknowledge || verb == VerbPickUp)
	case verb == VerbRecheck:
		return r.Did() && r.Ticket.Firing > 0
	}
	return r.Did()
}

// takeBundle acknowledges all tickets of a bundle's link in the name of the
// person to whom it was sent.
func (x *exchange) takeBundle(link paging.Link) (string, error) {
	tickets := make([]known, len(link.Bundle))
	for i, ref := range link.Bundle {
		tickets[i] = known{Code: paging.Code{Person: link.Person, Source: ref.Source, Ticket: ref.Number}}
	}
	done, others, err := x.orderForAll(Answer{Verb: VerbAcknowledge}, tickets)
	if err != nil {
		return "", err
	}
	who := paging.NameOf(x.rules, &ticket.Actor{Kind: ticket.ActorPerson, Name: link.Person})
	return x.say.BundleFor(who, done, others), nil
}
