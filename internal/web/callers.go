package web

import (
	"cmp"

	"github.com/astreinte/astreinte/contacts"
)

// caller is somebody whom the reader can call. Numbers are E.164.
type caller struct{ Name, Why, Number string }

// callers are whom one can call about a ticket that asks for work: its customer,
// who has taken it, who is on duty for its policy's steps now, and managers. Of
// a colleague the preferred number is shown, and nobody is shown who has nothing
// to do with the ticket. Once it is over nobody is.
func (v *viewer) callers() []caller {
	if !v.t.State.Active() {
		return nil
	}
	var all []caller
	if c, ok := v.rules.Customer(v.t.Customer); ok {
		for _, number := range c.Phones {
			all = append(all, caller{Name: cmp.Or(c.Name, c.Key), Why: v.CustomerWord, Number: number})
		}
	}
	seen := map[string]bool{v.me: true}
	add := func(p *contacts.Person, why string) {
		if seen[p.Key] || len(p.Phones) == 0 {
			return
		}
		seen[p.Key] = true
		all = append(all, caller{Name: cmp.Or(p.Name, p.Key), Why: why, Number: p.Phones[0]})
	}
	for _, actor := range []string{v.t.PickedUpBy.Person(), v.t.AcknowledgedBy.Person()} {
		if p, ok := v.rules.Directory.Person(actor); ok && v.t.State.Taken() {
			add(&p, v.HasIt)
		}
	}
	for i := range v.t.Policy.Steps {
		people, _ := v.rules.Directory.On(v.t.Policy.Steps[i].Group, v.now)
		for k := range people {
			add(&people[k], v.OnDuty)
		}
	}
	managers := v.rules.Directory.Managers()
	for i := range managers {
		add(&managers[i], v.ManagerWord)
	}
	return all
}
