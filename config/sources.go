package config

import (
	"slices"
	"strings"

	"github.com/astreinte/astreinte/escalation"
)

func (r *reader) sources(v value) ([]Source, map[string]escalation.SourceRule) {
	var all []Source
	types := r.opts.Tools.Types()
	rules := map[string]escalation.SourceRule{}
	for _, e := range v.entries("source") {
		if e.key == escalation.ManualSource {
			e.errorf("%q is the source of tickets opened by hand: choose another name", e.key)
		}
		t := e.table()
		s := Source{
			Name: e.key, Type: t.need("type", "type: "+types[0]).sourceType(types),
			Customer:       t.get("customer").name("customer"),
			Token:          t.token("token"),
			MaxBody:        t.get("max_body").size(DefaultMaxBody),
			MaxAlerts:      t.get("max_alerts").integer(DefaultMaxAlerts, 1),
			ResolveTimeout: t.get("resolve_timeout").duration(DefaultResolveTimeout, positive),
		}
		rule := escalation.SourceRule{
			Customer: s.Customer,
			MaxOpen:  t.get("max_open").integer(DefaultMaxOpen, 1),
			MaxRate:  t.get("max_rate").integer(DefaultMaxRate, 1),
			MaxKept:  t.get("max_kept").integer(DefaultMaxKept, 1),
		}
		t.refuse(notYet, "heartbeat", "labels", "map", "mapping", "signature", "urgency")
		t.done()
		all = append(all, s)
		rules[e.key] = rule
	}
	return all, rules
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
