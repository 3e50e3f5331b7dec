package escalation

import (
	"slices"
	"strconv"

	"github.com/prometheus/alertmanager/dispatch"
	"github.com/prometheus/common/model"

	"github.com/astreinte/astreinte/internal/ticket"
)

// Labels that an alert has beside its own. It gets the first three if it lacks
// them. A contract takes the place of the one that its sender gave.
const (
	LabelCustomer = "customer"
	LabelSite     = "site"
	LabelUrgency  = "urgency"
	LabelContract = "contract"
)

// Routed is what the rules make of an alert.
type Routed struct {
	Customer string // key; empty: no known customer
	Unknown  string // the customer that the sender names, if nobody configured it
	Site     string
	Host     string // if the alert's title says it
	Contract string
	Urgency  ticket.Urgency
	Policy   ticket.Policy
	Group    map[string]string
	GroupKey string
}

// Resolve finds an alert's customer, urgency, policy and group
// (docs/ARCHITECTURE.md#3-what-is-known-of-it). It never fails: it routes an
// alert of an unknown customer too.
func (r *Rules) Resolve(a *ticket.Alert) Routed {
	set, customer := r.labelsOf(a)
	out := Routed{Site: a.Labels[LabelSite], Host: a.Host(), Contract: string(set[LabelContract]), Urgency: r.urgencyOf(a, set)}
	if customer != nil {
		out.Customer = customer.Key
	}
	put(set, LabelUrgency, out.Urgency.String())

	route := r.Route
	if found := r.Route.Match(set); len(found) > 0 {
		route = found[0]
	}
	out.Policy = r.Policies[route.RouteOpts.Receiver]
	out.Policy.ActiveIn = route.RouteOpts.ActiveTimeIntervals
	out.Policy.MutedIn = route.RouteOpts.MuteTimeIntervals
	out.Group = groupOf(route, set)
	if given := a.Labels[LabelCustomer]; customer == nil && given != "" {
		out.Unknown = given
		out.Group[LabelCustomer] = given // the alerts of two of them are no group
	}
	if customer != nil && len(customer.Contracts) > 0 && out.Contract != "" {
		out.Group[LabelContract] = out.Contract // a ticket is under one contract
	}
	out.GroupKey = groupKey(out.Policy.Name, out.Group)
	return out
}

// labelsOf are an alert's labels, with its customer and its contract.
func (r *Rules) labelsOf(a *ticket.Alert) (model.LabelSet, *Customer) {
	set := make(model.LabelSet, len(a.Labels)+4)
	for k, v := range a.Labels {
		set[model.LabelName(k)] = model.LabelValue(v)
	}
	delete(set, LabelContract) // a contract never comes from a sender
	customer, key := r.customerOf(a, set), ""
	if customer != nil {
		key = customer.Key
	}
	put(set, LabelCustomer, key)
	put(set, LabelContract, customer.contractOf(set))
	return set, customer
}

// customerOf finds an alert's customer. The source's binding comes first; then
// the sender's own label, if it names a customer; then the customers'
// matchers.
func (r *Rules) customerOf(a *ticket.Alert, set model.LabelSet) *Customer {
	if bound := r.Sources[a.Source].Customer; bound != "" {
		return r.customer(bound)
	}
	if given := a.Labels[LabelCustomer]; given != "" {
		if c := r.customer(given); c != nil {
			return c
		}
	}
	for i := range r.Customers {
		c := &r.Customers[i]
		if len(c.Matchers) > 0 && c.Matchers.Matches(set) {
			return c
		}
	}
	return nil
}

// contractOf is the contract of an alert of the customer, whatever its sender
// says; empty if there is none.
func (c *Customer) contractOf(set model.LabelSet) string {
	if c == nil {
		return ""
	}
	for i := range c.Contracts {
		if c.Contracts[i].Matchers.Matches(set) {
			return c.Contracts[i].Contract
		}
	}
	return c.Contract
}

func (r *Rules) urgencyOf(a *ticket.Alert, set model.LabelSet) ticket.Urgency {
	if u, err := ticket.ParseUrgency(a.Labels[LabelUrgency]); err == nil {
		return u
	}
	of := r.Sources[a.Source].Urgencies
	for i := range of {
		if of[i].Matchers.Matches(set) {
			return of[i].Urgency
		}
	}
	for i := range r.Urgencies {
		if r.Urgencies[i].Matchers.Matches(set) {
			return r.Urgencies[i].Urgency
		}
	}
	return DefaultUrgency
}

func put(set model.LabelSet, name, value string) {
	if value == "" {
		delete(set, model.LabelName(name))
		return
	}
	set[model.LabelName(name)] = model.LabelValue(value)
}

// groupOf takes the values of the route's group_by, and always the customer's.
func groupOf(route *dispatch.Route, set model.LabelSet) map[string]string {
	group := make(map[string]string, len(route.RouteOpts.GroupBy)+1)
	if route.RouteOpts.GroupByAll {
		for name, value := range set {
			group[string(name)] = string(value)
		}
		return group
	}
	for name := range route.RouteOpts.GroupBy {
		if value, ok := set[name]; ok {
			group[string(name)] = string(value)
		}
	}
	if customer, ok := set[LabelCustomer]; ok {
		group[LabelCustomer] = string(customer)
	}
	return group
}

func groupKey(policy string, group map[string]string) string {
	names := make([]string, 0, len(group))
	for k := range group {
		names = append(names, k)
	}
	slices.Sort(names)
	b := append(make([]byte, 0, 256), policy...)
	b = append(b, '{')
	for i, k := range names {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendQuote(b, k)
		b = append(b, '=')
		b = strconv.AppendQuote(b, group[k])
	}
	return string(append(b, '}'))
}
