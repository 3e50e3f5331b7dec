package answer

import (
	"fmt"
	"slices"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// load reads the phone's codes and their tickets. It also reads the codes that
// its people's other phones have.
func (x *exchange) load(phone string, people []contacts.Person) error {
	codes, err := x.phones.Codes(x.ctx, phone)
	if err == nil {
		codes, err = x.others(codes, phone, people)
	}
	if err != nil {
		return fmt.Errorf("paging: codes of a phone: %w", err)
	}
	for i := range codes { // a group's telephone is answered for by whoever is on duty
		if holder, ok := x.rules.Directory.Holder(codes[i].Person, x.say.Now); ok {
			codes[i].Person = holder.Key
		}
	}
	bySource := map[string][]string{}
	for _, c := range codes {
		for _, ref := range refs(&c) {
			bySource[ref.Source] = append(bySource[ref.Source], ref.Number)
		}
	}
	tickets := map[string]ticket.Ticket{}
	for source, numbers := range bySource {
		records, err := x.tickets.Load(x.ctx, source, numbers)
		if err != nil {
			return fmt.Errorf("paging: tickets of a phone: %w", err)
		}
		for _, r := range records {
			tickets[r.Ticket.Number] = r.Ticket
		}
	}
	x.sort(codes, tickets)
	return nil
}

// others adds the codes of people's other phones: a page that reached one
// phone may be answered from another. A code of this phone keeps its meaning.
// If another phone's code means another ticket here, its ticket gets one of
// this phone's codes.
func (x *exchange) others(codes []paging.Code, phone string, people []contacts.Person) ([]paging.Code, error) {
	if x.telephone != "" {
		return codes, nil // it speaks for its group, not for all that its holder has
	}
	taken, tickets := map[int]bool{}, map[string]bool{}
	own := func(c paging.Code) {
		taken[c.Code] = true
		if codes = append(codes, c); len(c.Bundle) == 0 {
			tickets[c.Ticket] = true
		}
	}
	for _, c := range slices.Clone(codes) {
		taken[c.Code] = true
		tickets[c.Ticket] = tickets[c.Ticket] || len(c.Bundle) == 0
	}
	for i := range people {
		found, err := x.codesOf(&people[i], phone)
		if err != nil {
			return nil, err
		}
		for _, c := range found {
			switch {
			case !taken[c.Code] && tickets[c.Ticket] && len(c.Bundle) == 0:
				taken[c.Code] = true
				x.aliases[c.Code] = c.Ticket
			case !taken[c.Code]:
				own(c)
			case tickets[c.Ticket] || len(c.Bundle) > 0 || !c.ReleasedAt.IsZero():
			default:
				c.Code, err = x.phones.Reserve(x.ctx, paging.Reservation{
					Phone: phone, Link: paging.Link{Person: c.Person, Source: c.Source, Ticket: c.Ticket, At: x.say.Now},
				})
				if err != nil {
					return nil, err
				}
				own(c)
			}
		}
	}
	return codes, nil
}

// codesOf are the codes by which a person was paged on phones other than this one.
func (x *exchange) codesOf(p *contacts.Person, phone string) (codes []paging.Code, err error) {
	for _, other := range p.Phones {
		if other == phone {
			continue
		}
		found, err := x.phones.Codes(x.ctx, other)
		if err != nil {
			return nil, err
		}
		for _, c := range found {
			if c.Person == p.Key {
				codes = append(codes, c)
			}
		}
	}
	return codes, nil
}

// byCode is the ticket that a code stands for; nil if there is none.
func (x *exchange) byCode(code int) *known {
	for i := range x.codes {
		k := x.codes[i]
		if k.Code.Code == code || x.aliases[code] != "" && x.aliases[code] == k.Ticket {
			k.Code.Code = code
			return &k
		}
	}
	return nil
}

// called are the names of the people whom the latest change of the ticket
// paged.
func (x *exchange) called(t *ticket.Ticket) []string {
	var reached []ticket.Means
	for i := range t.Progress.Steps {
		if run := &t.Progress.Steps[i]; run.Started.Equal(t.UpdatedAt) && !run.Stopped {
			reached = append(reached, run.Reached...)
		}
	}
	if run := t.Progress.Everybody; run != nil && run.Started.Equal(t.UpdatedAt) {
		reached = append(reached, run.Reached...)
	}
	var names []string
	for _, r := range reached {
		name := paging.NameOf(x.rules, &ticket.Actor{Kind: ticket.ActorPerson, Name: r.Person})
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// recheck answers with what is known of the alerts that fire.
func (x *exchange) recheck(code int, t *ticket.Ticket) (string, error) {
	view, err := x.tickets.View(x.ctx, t.Number)
	if err != nil {
		return "", fmt.Errorf("paging: what is known of %s: %w", t.Number, err)
	}
	var since, last time.Time
	var count int64
	for i := range view.Alerts {
		a := &view.Alerts[i]
		if a.Status == ticket.Resolved {
			continue
		}
		count += a.Count
		if since.IsZero() || a.FirstAt.Before(since) {
			since = a.FirstAt
		}
		if a.LastAt.After(last) {
			last = a.LastAt
		}
	}
	return x.say.Heard(code, since, last, count), nil
}
