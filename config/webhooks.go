package config

import (
	"net/url"
	"slices"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// webhooks reads who is told what happens to tickets, and the rules for that.
func (r *reader) webhooks(v value) ([]Webhook, []escalation.Webhook) {
	var hooks []Webhook
	var rules []escalation.Webhook
	first := map[string]value{}
	items := v.list()
	if len(items) > ticket.MaxWebhooks {
		v.errorf("%d at most: each change of a ticket is written for each of them", ticket.MaxWebhooks)
	}
	for _, item := range items {
		t := item.table()
		name, events := t.need("name", "a name: tickets, metrics and the log say it"), t.get("events")
		hook := Webhook{
			Name: name.hookName(), URL: NewSecret(t.need("url", "the address that is told").hookURL()), Secret: t.token("secret"),
		}
		rule := escalation.Webhook{Name: hook.Name, Events: events.events(), Customers: t.get("customers").namesOf("customer")}
		t.done()
		if was, twice := first[hook.Name]; twice && hook.Name != "" {
			name.errorf("another webhook has this name: %s", was.path)
		}
		first[hook.Name] = name
		if events.given() && len(rule.Events) == 0 {
			events.warnf("none: it is told of nothing")
		}
		hooks, rules = append(hooks, hook), append(rules, rule)
	}
	return hooks, rules
}

func (v value) hookName() string {
	name, ok := v.text()
	if ok && !gatewayName.MatchString(name) {
		v.errorf("a name of letters, digits, - and _ wanted, 40 at most, not %q", name)
	}
	return name
}

// hookURL reads an address that may have a query. No message quotes it,
// because it may hold a secret.
func (v value) hookURL() string {
	text, ok := v.text()
	if !ok {
		return ""
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		v.errorf("not an absolute address: http://host/path or https://host/path wanted")
	case u.User != nil || u.Fragment != "":
		v.errorf("an address without a password before an @ and without a # wanted")
	case len(text) > ticket.MaxURL:
		v.errorf("an address has at most %d bytes", ticket.MaxURL)
	}
	v.warnPlain(text)
	return text
}

// events reads what a webhook is told. If nothing is given, it is everything.
func (v value) events() []string {
	all := ticket.TellableEvents()
	if !v.given() {
		return all
	}
	list := []string{}
	for _, item := range v.list() {
		if event := item.oneOf("event", all...); event != "" && !slices.Contains(list, event) {
			list = append(list, event)
		}
	}
	return list
}
