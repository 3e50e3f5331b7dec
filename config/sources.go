package config

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/heartbeat"
	"github.com/astreinte/astreinte/internal/ticket"
)

func (r *reader) sources(v value) ([]Source, map[string]escalation.SourceRule, []escalation.Webhook) {
	var all []Source
	var hooks []escalation.Webhook
	types := r.opts.Tools.Types()
	rules := map[string]escalation.SourceRule{}
	for _, e := range v.entries("source") {
		if e.key == escalation.ManualSource {
			e.errorf("%q is the source of tickets opened by hand: choose another name", e.key)
		}
		if e.key == heartbeat.Source {
			e.errorf("%q is the source of the alerts of heartbeats: choose another name", e.key)
		}
		t := e.table()
		kind := t.need("type", "type: "+types[0]).sourceType(types)
		s := Source{
			Name: e.key, Type: kind,
			Customer:       t.get("customer").name("customer"),
			Token:          t.tokenOf(kind),
			MaxBody:        t.get("max_body").size(DefaultMaxBody),
			MaxAlerts:      t.get("max_alerts").integer(DefaultMaxAlerts, 1),
			ResolveTimeout: t.get("resolve_timeout").duration(DefaultResolveTimeout, positive),
			Labels:         t.get("labels").labels(),
			Networks:       t.get("networks").networks(),
			SilentAfter:    t.get("silent_after").silence(),
			Recheck:        r.tool(t.get("recheck")),
		}
		if r.opts.Tools.Mailed(kind) {
			t.mailed(&s)
		}
		rule := escalation.SourceRule{
			Customer:  s.Customer,
			Urgencies: r.urgencies(t.get("urgency")),
			MaxOpen:   t.get("max_open").integer(DefaultMaxOpen, 1),
			MaxRate:   t.get("max_rate").integer(DefaultMaxRate, 1),
			MaxKept:   t.get("max_kept").integer(DefaultMaxKept, 1),
		}
		if r.kinds == nil {
			r.kinds = map[string]string{}
		}
		r.kinds[s.Name] = s.Type
		s.Mapping = t.mapping(&s)
		var hook *escalation.Webhook
		if s.WriteBack, hook = r.writeBack(t.get("write_back"), &s); hook != nil {
			hooks = append(hooks, *hook)
		}
		rule.Back = s.WriteBack.Receivers(s.Name)
		t.refuse("it is called map", "mapping")
		t.refuse(notYet, "heartbeat", "signature")
		t.done()
		all = append(all, s)
		rules[e.key] = rule
	}
	return all, rules, hooks
}

// sourceType reads a type of the table of tools.
func (v value) sourceType(types []string) string {
	v.note(noteType, either(types))
	name, ok := v.text()
	if ok && !slices.Contains(types, name) {
		verb := "is"
		if len(types) > 1 {
			verb = "are"
		}
		v.errorf("sources of type %q are not in this version: %s %s%s", name, strings.Join(types, ", "), verb, suggest(name, types))
	}
	return name
}

// shortestSilence is the shortest silence of a source that may mean something.
const shortestSilence = time.Minute

// silence reads after how long a source counts as silent.
func (v value) silence() time.Duration {
	d := v.duration(0, positive)
	if v.given() && d > 0 && d < shortestSilence {
		v.errorf("%s is too short: a minute at least, and several times as long as the source repeats in", d)
	}
	return d
}

// mostLabels is how many labels a source may add to its alerts.
const mostLabels = 20

// labels reads labels that are added to alerts.
func (v value) labels() map[string]string {
	t := v.table()
	if t.n == nil {
		return nil
	}
	all := map[string]string{}
	for _, f := range t.n.fields {
		item := t.child(f.key)
		text := item.textOr("")
		switch {
		case !utf8.ValidString(f.key) || len(f.key) > ticket.MaxLabelName || len(text) > ticket.MaxLabelValue:
			item.errorf("it is no label: a name has %d bytes at most, a value %d", ticket.MaxLabelName, ticket.MaxLabelValue)
		case f.key == escalation.LabelContract:
			item.errorf("a contract is the customer's: it never comes with an alert")
		case f.key == escalation.LabelCustomer:
			item.errorf("use the source's key customer: it counts whatever the alerts say")
		case f.key == escalation.LabelUrgency && !slices.Contains(urgencyNames(), text):
			item.errorf("no urgency %q: %s%s", text, either(urgencyNames()), suggest(text, urgencyNames()))
		default:
			all[f.key] = text
		}
	}
	if len(all) > mostLabels {
		v.errorf("%d labels: a source adds %d at most", len(all), mostLabels)
	}
	return all
}

// api reads the API's tokens.
func (r *reader) api(v value) []Token {
	t := v.table()
	var all []Token
	first := map[string]string{}
	for _, item := range t.get("tokens").list() {
		in := item.table()
		name := in.need("name", "a name")
		k := Token{
			Name: name.textOr(""),
			Role: in.need("role", "admin, manager, technician or reader").oneOf("role", "admin", "manager", "technician", "reader"),
		}
		k.Token = in.token("token")
		k.Person = in.get("person").name("person")
		in.done()
		if where, twice := first[k.Name]; twice && k.Name != "" {
			name.errorf("%q is the name of %s too", k.Name, where)
		} else {
			first[k.Name] = item.path
		}
		if why := oddName("token", k.Name); k.Name != "" && why != "" {
			name.errorf("%s", why)
		}
		all = append(all, k)
	}
	t.done()
	return all
}
