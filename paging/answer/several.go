package answer

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// all acknowledges every open ticket that reached the phone.
func (x *exchange) all() (string, error) {
	open, err := x.open()
	if err == nil {
		open, err = x.settle(open)
	}
	if err != nil {
		return "", err
	}
	if len(open) == 0 {
		return x.say.Open(x.listed(x.active())), nil
	}
	if len(open) == 1 {
		return x.act(&open[0], Answer{Verb: VerbAcknowledge})
	}
	var taken []int
	results := x.orderedAll(Answer{Verb: VerbAcknowledge}, open)
	for i := range results {
		switch r := &results[i]; {
		case r.Did(), r.Outcome == desk.Again && r.Ticket.TakenBy(open[i].Person):
			taken = append(taken, open[i].Code.Code)
		case r.Err != nil && r.State == nil:
			return "", r.Err
		}
	}
	return x.say.AllAcknowledged(taken, x.say.Now), nil
}

// orderedAll has the desk do to several tickets what an answer says. It makes
// one call for each person who has codes of them, in that person's name.
func (x *exchange) orderedAll(a Answer, about []known) []desk.Result {
	results := make([]desk.Result, len(about))
	byPerson := map[string][]int{}
	for i := range about {
		who := cmp.Or(about[i].Person, x.person.Key)
		byPerson[who] = append(byPerson[who], i)
	}
	for who, indexes := range byPerson {
		targets := make([]desk.Target, len(indexes))
		for n, i := range indexes {
			targets[n] = desk.Target{Number: about[i].Ticket, Was: &about[i].ticket}
		}
		for n, r := range x.desk.Act(x.ctx, x.actor(who), x.order(a), targets...) {
			results[indexes[n]] = r
		}
	}
	return results
}

// byToken acknowledges in the name of the person to whom a link was sent, from
// any phone.
func (x *exchange) byToken(token string) (reply string, found bool, err error) {
	link, err := x.phones.Link(x.ctx, paging.LinkHash(token))
	if errors.Is(err, escalation.ErrNotFound) {
		return "", false, nil
	}
	if err != nil {
		return "", false, fmt.Errorf("paging: a link's token by text: %w", err)
	}
	telephone := link.Person
	person, ours := x.rules.Directory.Holder(link.Person, x.say.Now)
	if !ours {
		return "", false, nil // the person is not configured any more: the page behind the link says so too
	}
	if link.Person = person.Key; x.person.Key == "" {
		x.say.Lang = paging.Language(person, x.rules)
	}
	if _, ofGroup := x.rules.Directory.GroupOfPhone(telephone); ofGroup {
		x.telephone = telephone
	}
	if len(link.Bundle) > 0 {
		reply, err := x.takeBundle(link)
		return reply, true, err
	}
	r := x.ordered(link.Person, Answer{Verb: VerbAcknowledge}, desk.Target{Number: link.Ticket})
	t := r.Ticket
	switch {
	case r.Outcome == desk.Again:
		reply, err := x.again(&known{Code: paging.Code{Ticket: t.Number}}, Answer{Verb: VerbAcknowledge}, &t, link.Person)
		return reply, true, err
	case r.State != nil:
		return x.refused(0, link.Person, r.State, VerbAcknowledge, &ticket.Ticket{State: r.State.State}), true, nil //nolint:nilerr // it is answered
	case r.Err != nil:
		return "", true, r.Err
	}
	who := paging.NameOf(x.rules, &ticket.Actor{Kind: ticket.ActorPerson, Name: link.Person})
	return x.say.ByToken(who, x.line(&t, 0), t.AcknowledgedAt, x.running(&t)), true, nil
}
