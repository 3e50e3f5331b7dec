package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/prometheus/alertmanager/dispatch"
	"github.com/prometheus/alertmanager/pkg/labels"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// course is a policy with the restrictions of the route that leads there, and
// the alerts that come to it.
type course struct {
	policy   ticket.Policy
	path     string // of the route
	arrivals []*arrival
	proven   bool // an alert was found that comes here
}

// arrival is the alerts of one urgency under one contract that come to a
// course. One customer's alerts stand for all.
type arrival struct {
	customer string
	others   map[string]bool // customers for whom the same holds
	contract string
	urgency  ticket.Urgency
	alert    ticket.Alert
	certain  bool // the route asks for only this customer, contract and urgency
}

// coursesOf finds an alert for each route, for every customer, each of the
// customer's contracts, and every urgency. The rules then say whether the
// alert comes there.
func coursesOf(rules *escalation.Rules) []*course {
	s := &survey{rules: rules, byRoute: map[string]*course{}, seen: map[string]*arrival{}}
	for i := range rules.Customers {
		c := &rules.Customers[i]
		for _, base := range s.bases(c) {
			s.route(rules.Route, "route", base, nil)
		}
	}
	return s.found
}

// survey is one search.
type survey struct {
	rules   *escalation.Rules
	found   []*course
	byRoute map[string]*course
	seen    map[string]*arrival
}

// base is what is known of an alert before routing.
type base struct {
	customer *escalation.Customer
	contract string
	urgency  ticket.Urgency
	source   string
	sent     map[string]string // labels with which it is sent
	plain    map[string]string // the same, its urgency by name
	known    map[string]string // labels that a route can ask for
}

// bases are alerts of a customer: for each contract and urgency one, or one
// for each way in which the rules recognize them.
func (s *survey) bases(c *escalation.Customer) []base {
	var all []base
	source, bound := s.source(c)
	for _, own := range s.named(c, bound) {
		for _, contract := range contractsOf(c) {
			under, ok := s.under(c, contract, own)
			if !ok {
				continue
			}
			for _, u := range ticket.Urgencies() {
				plain := maps.Clone(under)
				plain[escalation.LabelUrgency] = u.String()
				for _, sent := range s.urgent(u, under) {
					known := maps.Clone(sent)
					known[escalation.LabelCustomer], known[escalation.LabelUrgency] = c.Key, u.String()
					if known[escalation.LabelContract] = contract; contract == "" {
						delete(known, escalation.LabelContract)
					}
					all = append(all, base{c, contract, u, source, sent, plain, known})
				}
			}
		}
	}
	return all
}

// source is a source whose alerts can be the customer's. bound says that all
// of them are.
func (s *survey) source(c *escalation.Customer) (name string, bound bool) {
	for _, key := range slices.Sorted(maps.Keys(s.rules.Sources)) {
		switch s.rules.Sources[key].Customer {
		case c.Key:
			return key, true
		case "":
			if name == "" {
				name = key
			}
		}
	}
	return name, false
}

// mostWays bounds how many ways are tried to give an alert a customer or an
// urgency.
const mostWays = 4

// named are labels that make an alert the customer's.
func (s *survey) named(c *escalation.Customer, bound bool) []map[string]string {
	var all []map[string]string
	for _, sample := range samplesOf(c.Matchers) {
		named := map[string]string{}
		for name, value := range sample {
			named[string(name)] = string(value)
		}
		if len(named) > 0 {
			all = append(all, named)
		}
	}
	if len(all) == 0 && len(c.Matchers) > 0 {
		if sample, ok := sampleLabels(nil, c.Matchers); ok && len(sample) > 0 {
			all = append(all, sample)
		}
	}
	switch {
	case len(all) > 0:
		return all[:min(len(all), mostWays)]
	case bound:
		return []map[string]string{{}}
	}
	return []map[string]string{{escalation.LabelCustomer: c.Key}}
}

// under adds labels that put an alert of the customer under a contract.
func (s *survey) under(c *escalation.Customer, contract string, sent map[string]string) (map[string]string, bool) {
	if contract == c.Contract {
		return sent, true
	}
	known := maps.Clone(sent)
	known[escalation.LabelCustomer] = c.Key
	for i := range c.Contracts {
		if c.Contracts[i].Contract != contract {
			continue
		}
		if with, ok := sampleLabels(known, c.Contracts[i].Matchers); ok {
			if _, given := sent[escalation.LabelCustomer]; !given {
				delete(with, escalation.LabelCustomer)
			}
			return with, true
		}
	}
	return nil, false
}

// urgent adds labels that give an alert an urgency: one set for each rule that
// gives it. If no rule does, it is the label itself.
func (s *survey) urgent(u ticket.Urgency, sent map[string]string) []map[string]string {
	var all []map[string]string
	if u == escalation.DefaultUrgency {
		all = append(all, sent)
	}
	for i := range s.rules.Urgencies {
		rule := &s.rules.Urgencies[i]
		if rule.Urgency != u {
			continue
		}
		for _, sample := range samplesOf(rule.Matchers) {
			with := maps.Clone(sent)
			fits := true
			for name, value := range sample {
				if have, ok := with[string(name)]; ok && have != string(value) {
					fits = false
				}
				with[string(name)] = string(value)
			}
			if fits {
				all = append(all, with)
			}
		}
	}
	if len(all) == 0 {
		with := maps.Clone(sent)
		with[escalation.LabelUrgency] = u.String()
		all = append(all, with)
	}
	return all
}

// route looks at a route and at those below it, up to the first that the alert
// surely comes to. asked are matchers on labels that are not known.
func (s *survey) route(route *dispatch.Route, path string, b base, asked []*labels.Matcher) answer {
	matched := yes
	for _, m := range route.Matchers {
		v, ok := b.known[m.Name]
		switch {
		case !ok:
			matched = maybe
			asked = append(slices.Clone(asked), m)
		case !m.Matches(v):
			return no
		}
	}
	for i, child := range route.Routes {
		if s.route(child, index(join(path, "routes"), i), b, asked) == yes {
			return matched
		}
	}
	s.arrive(route, path, b, asked)
	return matched
}

// arrive notes that alerts like this one may come to a route.
func (s *survey) arrive(route *dispatch.Route, path string, b base, asked []*labels.Matcher) {
	policy := s.rules.Policies[route.RouteOpts.Receiver]
	policy.ActiveIn, policy.MutedIn = route.RouteOpts.ActiveTimeIntervals, route.RouteOpts.MuteTimeIntervals
	key := courseKey(&policy)
	c := s.byRoute[key]
	if c == nil {
		c = &course{policy: policy, path: path}
		s.byRoute[key] = c
		s.found = append(s.found, c)
	}
	arrivalKey := fmt.Sprintf("%s\n%s\n%d", key, b.contract, b.urgency)
	if k := s.seen[arrivalKey]; k != nil && (k.certain || len(asked) > 0) {
		if k.customer != b.customer.Key {
			k.others[b.customer.Key] = true
		}
		return
	}
	alert, ok := s.alert(b, asked, key)
	if !ok {
		return
	}
	c.proven = true
	if k := s.seen[arrivalKey]; k != nil { // found by chance before, by rule now
		if k.customer != b.customer.Key {
			k.others[k.customer] = true
			delete(k.others, b.customer.Key)
		}
		k.customer, k.alert, k.certain = b.customer.Key, alert, true
		return
	}
	k := &arrival{
		customer: b.customer.Key, others: map[string]bool{}, contract: b.contract, urgency: b.urgency,
		alert: alert, certain: len(asked) == 0,
	}
	s.seen[arrivalKey] = k
	c.arrivals = append(c.arrivals, k)
}

func courseKey(p *ticket.Policy) string {
	return p.Name + "\n" + strings.Join(p.ActiveIn, "\t") + "\n" + strings.Join(p.MutedIn, "\t")
}

// alert is an alert that the rules take to the course. Its urgency is a name
// if that comes there too and is easier to read.
func (s *survey) alert(b base, asked []*labels.Matcher, key string) (ticket.Alert, bool) {
	with, ok := sampleLabels(b.known, asked)
	if !ok {
		return ticket.Alert{}, false
	}
	alert := func(labels map[string]string) (ticket.Alert, bool) {
		sent := maps.Clone(labels)
		for name, value := range with {
			if _, ok := b.known[name]; !ok {
				sent[name] = value
			}
		}
		if len(sent) == 0 {
			sent["alertname"] = "Test"
		}
		a := ticket.Alert{Source: b.source, Labels: sent, Status: ticket.Firing}
		got := s.rules.Resolve(&a)
		fits := got.Customer == b.customer.Key && got.Contract == b.contract && got.Urgency == b.urgency && courseKey(&got.Policy) == key
		return a, fits && !s.another(b.customer, sent)
	}
	a, ok := alert(b.sent)
	if plain, fits := alert(b.plain); ok && fits {
		return plain, true
	}
	return a, ok
}

// another says whether the labels alone would make the alert another
// customer's.
func (s *survey) another(c *escalation.Customer, sent map[string]string) bool {
	without := maps.Clone(sent)
	delete(without, escalation.LabelCustomer)
	got := s.rules.Resolve(&ticket.Alert{Labels: without, Status: ticket.Firing})
	return got.Customer != "" && got.Customer != c.Key
}
