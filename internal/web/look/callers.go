package look

import (
	"cmp"

	"github.com/astreinte/astreinte/contacts"
)

// Caller is somebody whom the reader can call. Numbers are E.164.
type Caller struct{ Name, Why, Number string }

// Callers are whom one can call about a ticket that asks for work: its customer,
// who has taken it, who is on duty for its policy's steps now, and managers. Of
// a colleague the preferred number is shown, and nobody is shown who has nothing
// to do with the ticket. Once it is over nobody is.
func (v *Viewer) Callers() []Caller {
	if !v.Ticket.State.Active() {
		return nil
	}
	var all []Caller
	if c, ok := v.Rules.Customer(v.Ticket.Customer); ok {
		for _, number := range c.Phones {
			all = append(all, Caller{Name: cmp.Or(c.Name, c.Key), Why: v.CustomerWord, Number: number})
		}
	}
	seen := map[string]bool{v.Me: true}
	add := func(p *contacts.Person, why string) {
		if seen[p.Key] || len(p.Phones) == 0 {
			return
		}
		seen[p.Key] = true
		all = append(all, Caller{Name: cmp.Or(p.Name, p.Key), Why: why, Number: p.Phones[0]})
	}
	for _, actor := range []string{v.Ticket.PickedUpBy.Person(), v.Ticket.AcknowledgedBy.Person()} {
		if p, ok := v.Rules.Directory.Person(actor); ok && v.Ticket.State.Taken() {
			add(&p, v.HasIt)
		}
	}
	for i := range v.Ticket.Policy.Steps {
		people, _ := v.Rules.Directory.On(v.Ticket.Policy.Steps[i].Group, v.Now)
		for k := range people {
			add(&people[k], v.OnDuty)
		}
	}
	managers := v.Rules.Directory.Managers()
	for i := range managers {
		add(&managers[i], v.ManagerWord)
	}
	return all
}
