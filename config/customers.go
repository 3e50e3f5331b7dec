package config

import (
	"net/mail"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/alertmanager/matcher/parse"
	"github.com/prometheus/alertmanager/pkg/labels"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

func (r *reader) contracts(v value) map[string]escalation.Contract {
	all := map[string]escalation.Contract{}
	for _, e := range v.entries("contract") {
		t := e.table()
		c := escalation.Contract{Key: e.key, Hours: t.need("hours", "the calendar that the customer subscribed").name("calendar")}
		c.GTI = t.get("gti").promises(c.Hours)
		for _, kind := range ticket.ClockKinds() {
			if promised := t.get(string(kind) + "_within"); promised.given() {
				if c.Clocks == nil {
					c.Clocks = map[ticket.ClockKind]map[ticket.Urgency]escalation.Promise{}
				}
				c.Clocks[kind] = promised.promises(c.Hours)
			}
		}
		c.PickupOnAck = t.get("pickup_on_acknowledge").flag(len(c.GTI) == 0)
		c.Pauses = t.get("pauses").pauseReasons()
		c.Warn = t.get("warn").percentages()
		t.refuse(notYet, "acceptance", "billable", "phone", "escalate")
		t.done()
		all[e.key] = c
	}
	return all
}

// pauseReasons reads why a contract's clocks may rest.
func (v value) pauseReasons() []ticket.PauseReason {
	var names []string
	for _, reason := range ticket.PauseReasons() {
		names = append(names, string(reason))
	}
	var all []ticket.PauseReason
	for _, item := range v.list() {
		if name := item.oneOf("reason", names...); name != "" && !slices.Contains(all, ticket.PauseReason(name)) {
			all = append(all, ticket.PauseReason(name))
		}
	}
	return all
}

// percentages reads at which parts of a promise people are warned, in order.
func (v value) percentages() []int {
	var all []int
	for _, item := range v.list() {
		item.note(noteType, "a percentage, from 1% to 100%")
		text, ok := item.scalar("a percentage like 80%", "!!str", "!!int")
		if !ok {
			continue
		}
		n, err := strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(text, "%")))
		switch {
		case err != nil || !strings.HasSuffix(text, "%") || n < 1 || n > 100:
			item.errorf("%q is no percentage from 1%% to 100%%", text)
		case len(all) > 0 && n <= all[len(all)-1]:
			item.errorf("write the percentages in order, each once: %d%% comes after %d%%", n, all[len(all)-1])
		default:
			all = append(all, n)
		}
	}
	return all
}

// promises reads what is promised by urgency. If it names no calendar, it counts on the
// subscribed hours.
func (v value) promises(hours string) map[ticket.Urgency]escalation.Promise {
	all := map[ticket.Urgency]escalation.Promise{}
	t := v.table()
	for _, u := range ticket.Urgencies() {
		given := t.get(u.String())
		if !given.given() {
			continue
		}
		in := given.table()
		p := escalation.Promise{Within: in.need("within", "a duration").duration(0, positive), Calendar: hours}
		if c := in.get("calendar"); c.given() {
			p.Calendar = c.name("calendar")
		}
		in.done()
		all[u] = p
	}
	t.done()
	return all
}

func (r *reader) customers(v value) []escalation.Customer {
	var all []escalation.Customer
	for _, e := range v.entries("customer") {
		t := e.table()
		c := escalation.Customer{
			Key: e.key, Name: t.get("name").textOr(e.key),
			Matchers: t.get("matchers").senders(),
			Sites:    t.get("sites").texts(),
			Referent: t.get("referent").name("person"),
			Contract: t.get("contract").name("contract"),
			Discreet: t.get("discreet").flag(false),
		}
		c.Contracts = t.get("contracts").contractRules()
		for _, item := range t.get("emails").list() {
			if m := item.email(); m != "" {
				c.Emails = append(c.Emails, m)
			}
		}
		for _, item := range t.get("phones").list() {
			if number, ok := item.phone(); ok {
				c.Phones = append(c.Phones, number)
			}
		}
		c.Domains = t.get("domains").domains()
		see := t.get("contacts_see")
		see.note(noteDefault, "own")
		see.oneOf("sight", "own", "all")
		t.refuse(notYet, "contacts", "portal")
		t.done()
		all = append(all, c)
	}
	return all
}

// contractRules reads which alerts of a customer are under which contract.
func (v value) contractRules() []escalation.ContractRule {
	var all []escalation.ContractRule
	for _, item := range v.list() {
		t := item.table()
		all = append(all, escalation.ContractRule{
			Matchers: t.need("matchers", "matchers on an alert's labels").senders(),
			Contract: t.need("contract", "the contract of the alerts that match").name("contract"),
		})
		t.refuse(useMatchers, "match", "match_re")
		t.done()
	}
	return all
}

// senders reads matchers on labels that an alert's sender gives.
func (v value) senders() labels.Matchers {
	all := v.matchers()
	for _, m := range all {
		if m.Name == escalation.LabelContract {
			v.warnf("%s: the contract never comes from a sender, and no alert has one before it is looked for here", m)
		}
	}
	return all
}

func (v value) email() string {
	v.note(noteType, "e-mail address")
	text, ok := v.text()
	if !ok {
		return ""
	}
	if a, err := mail.ParseAddress(text); err != nil || a.Address != text {
		v.errorf("%q is no e-mail address", text)
		return ""
	}
	return text
}

// matchers reads Alertmanager's matchers, in UTF-8. An item may have one or
// more.
func (v value) matchers() labels.Matchers {
	var all labels.Matchers
	if v.n != nil && v.n.kind == mapping {
		v.errorf(`a list of matchers wanted: ['customer="acme"']`)
		return nil
	}
	for _, item := range v.list() {
		item.note(noteType, "matchers")
		text, ok := item.text()
		if !ok {
			continue
		}
		m, err := parse.Matchers(text)
		if err != nil {
			item.errorf("%q is no matcher like severity=\"critical\": %v", text, err)
			continue
		}
		if len(m) == 0 {
			item.errorf("no matcher in it: leave it out to match everything")
		}
		all = append(all, m...)
	}
	return all
}

func (r *reader) urgencies(v value) []escalation.UrgencyRule {
	var all []escalation.UrgencyRule
	names := urgencyNames()
	for _, item := range v.list() {
		t := item.table()
		rule := escalation.UrgencyRule{Matchers: t.need("matchers", "matchers on an alert's labels").matchers()}
		if name := t.need("urgency", either(names)).oneOf("urgency", names...); name != "" {
			rule.Urgency, _ = ticket.ParseUrgency(name)
		}
		t.refuse(useMatchers, "match", "match_re")
		t.done()
		all = append(all, rule)
	}
	return all
}

func urgencyNames() []string {
	var names []string
	for _, u := range ticket.Urgencies() {
		names = append(names, u.String())
	}
	return names
}
