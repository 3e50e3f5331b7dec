package answer

import (
	"errors"
	"fmt"
	"slices"
	"sync"

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

// sort files what the phone's codes stand for: each ticket once, under its own
// code or else the latest bundle's, and the tickets of each bundle.
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

// bundleActions is how many tickets of a bundle are acted on at once: those of
// one source share a write.
const bundleActions = 32

// actOnBundle does what the answer says to each ticket of a bundle.
func (x *exchange) actOnBundle(a Answer, tickets []known) (string, error) {
	done, others, err := x.actOnAll(a, tickets)
	if err != nil {
		return "", err
	}
	return x.say.Bundle(actionOf[a.Verb], a.Code, done, others, escalation.UndoWithin), nil
}

// actOnAll acts on many tickets. done counts those where it was done, or was so
// already; others those where it was not: somebody else has them, or they are
// over.
func (x *exchange) actOnAll(a Answer, tickets []known) (done, others int, err error) {
	var mu sync.Mutex
	var errs []error
	var acting sync.WaitGroup
	free := make(chan struct{}, bundleActions)
	for i := range tickets {
		free <- struct{}{}
		acting.Go(func() {
			defer func() { <-free }()
			ok, err := x.actOnOne(a, &tickets[i])
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err != nil:
				errs = append(errs, err)
			case ok:
				done++
			default:
				others++
			}
		})
	}
	acting.Wait()
	return done, others, errors.Join(errs...)
}

func (x *exchange) actOnOne(a Answer, k *known) (ok bool, err error) {
	who := x.person.Key
	if k.Person != "" {
		who = k.Person
	}
	if desk.Leaves(&k.ticket, actionOf[a.Verb], who) {
		return false, nil
	}
	if a.Verb != VerbNote && a.Verb != VerbRecheck && k.Code.Code > 0 {
		if past, err := x.past(k); past || err != nil {
			return false, err
		}
	}
	t, err := x.actions.Act(x.ctx, k.Ticket, escalation.Acted{
		Action: actionOf[a.Verb], Actor: ticket.Actor{Kind: ticket.ActorPerson, Name: who}, Via: "sms", Said: ticket.Plain(a.Note), Once: x.once,
	})
	var refused *escalation.StateError
	switch {
	case errors.Is(err, escalation.ErrDone):
		return t.State.Taken() == (a.Verb == VerbAcknowledge || a.Verb == VerbPickUp), nil
	case errors.As(err, &refused):
		return refused.State.Taken() && refused.By.Person() == who, nil
	case errors.Is(err, escalation.ErrManyNotes):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("paging: %s %s of a bundle: %w", actionOf[a.Verb], k.Ticket, err)
	}
	return a.Verb != VerbRecheck || t.Firing > 0, nil
}

// takeBundle acknowledges all tickets of a bundle's link as the person that it
// was sent to.
func (x *exchange) takeBundle(link paging.Link) (string, error) {
	tickets := make([]known, len(link.Bundle))
	for i, ref := range link.Bundle {
		tickets[i] = known{Code: paging.Code{Person: link.Person, Source: ref.Source, Ticket: ref.Number}}
	}
	done, others, err := x.actOnAll(Answer{Verb: VerbAcknowledge}, tickets)
	if err != nil {
		return "", err
	}
	who := paging.NameOf(x.rules, &ticket.Actor{Kind: ticket.ActorPerson, Name: link.Person})
	return x.say.BundleFor(who, done, others), nil
}
