package config

import (
	"maps"
	"slices"
	"strings"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// warnReaders names readers who are paged, although readers only look.
func (r *reader) warnReaders(rules *escalation.Rules) {
	for _, name := range rules.Directory.Groups() {
		if !r.used["group"][name] {
			continue
		}
		for _, key := range rules.Directory.Members(name) {
			if p, ok := rules.Directory.Person(key); ok && p.Role == contacts.RoleReader {
				r.at[join("people", key)].warnf("%s is a reader, and group %q is paged: who is paged has to be able to act", p.Name, name)
			}
		}
	}
}

// warnLimited names those who are on call for customers whose tickets they do not see. What
// pages them they see all the same, and nothing else of it: no other ticket, no silence.
func (r *reader) warnLimited(rules *escalation.Rules) {
	limited := false
	for _, p := range rules.Directory.People() {
		limited = limited || len(p.Customers) > 0
	}
	if !limited {
		return
	}
	others := map[string]map[string]bool{} // customers by the person who is paged for them and does not see them
	for i := range rules.Customers {
		c := &rules.Customers[i]
		for _, key := range pagedFor(rules, c) {
			if p, known := rules.Directory.Person(key); known && len(p.Customers) > 0 && !slices.Contains(p.Customers, c.Key) {
				if others[key] == nil {
					others[key] = map[string]bool{}
				}
				others[key][c.Key] = true
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(others)) {
		p, _ := rules.Directory.Person(key)
		r.at[join("people", key)].child("customers").warnf("%s is on call for tickets of %s too: a page gives the right to its ticket, and to nothing else of that customer's",
			p.Name, strings.Join(slices.Sorted(maps.Keys(others[key])), ", "))
	}
}

// pagedFor are the people whom a customer's tickets may page.
func pagedFor(rules *escalation.Rules, c *escalation.Customer) (people []string) {
	for _, contract := range contractsOf(c) {
		for _, u := range ticket.Urgencies() {
			for policy := range reachable(rules.Route, map[string]string{
				escalation.LabelCustomer: c.Key, escalation.LabelContract: contract, escalation.LabelUrgency: u.String(),
			}) {
				for _, step := range rules.Policies[policy].Steps {
					people = append(people, rules.Directory.Members(step.Group)...)
				}
			}
		}
	}
	slices.Sort(people)
	return slices.Compact(people)
}
