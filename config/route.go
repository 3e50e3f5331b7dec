package config

import (
	"slices"
	"unicode/utf8"

	amconfig "github.com/prometheus/alertmanager/config"
	"github.com/prometheus/alertmanager/dispatch"
	"github.com/prometheus/alertmanager/pkg/labels"
	"github.com/prometheus/common/model"

	"github.com/astreinte/astreinte/escalation"
)

const useMatchers = "use matchers: a list like ['severity=\"critical\"', 'site=~\"Nantes|Givrand\"']"

// route reads Alertmanager's routing tree. Its receivers are policies, and its
// time intervals are calendars.
func (r *reader) route(v value) *dispatch.Route {
	if !v.given() {
		return nil
	}
	before := len(r.errors)
	root := v.routeNode(true)
	if len(r.errors) > before {
		return nil
	}
	return dispatch.NewRoute(root, nil)
}

func (v value) routeNode(root bool) *amconfig.Route {
	t := v.table()
	receiver := t.get("receiver")
	out := &amconfig.Route{}
	switch {
	case receiver.given() && receiver.n.kind == list:
		receiver.errorf("one policy wanted: a policy's steps page several groups")
	case receiver.given():
		out.Receiver = receiver.name("policy")
	case root:
		receiver.errorf("the policy of alerts that no route below takes is wanted")
	}
	out.GroupBy, out.GroupByAll = t.get("group_by").groupBy()
	matchers, active, mute := t.get("matchers"), t.get("active_time_intervals"), t.get("mute_time_intervals")
	out.Matchers = []*labels.Matcher(matchers.matchers())
	matchers.warnNobody(out.Matchers)
	out.ActiveTimeIntervals = active.calendars(false)
	out.MuteTimeIntervals = mute.calendars(true)
	for _, only := range []value{matchers, active, mute} {
		if root && only.given() {
			only.errorf("the root takes every alert at any time: put it on one of its routes")
		}
	}
	for _, child := range t.get("routes").list() {
		out.Routes = append(out.Routes, child.routeNode(false))
	}
	t.refuse(useMatchers, "match", "match_re")
	t.refuse("the first page is sent at once and later alerts join their ticket: leave it out", "group_wait", "group_interval")
	t.refuse("how often a page is repeated is a policy's: use repeat on its steps", "repeat_interval")
	t.refuse("an alert has one policy, the first that matches: leave it out, and page several groups by the policy's steps", "continue")
	t.refuse("a receiver is one policy: use receiver, and page several groups by the policy's steps", "receivers")
	t.refuse(notYet, "labels")
	t.done()
	return out
}

// groupBy reads names of labels. "..." alone stands for all labels.
func (v value) groupBy() (names []model.LabelName, all bool) {
	items := v.list()
	for _, item := range items {
		item.note(noteType, "label's name")
		name, ok := item.text()
		switch {
		case !ok:
		case name == "..." && len(items) > 1:
			item.errorf("... means all labels: it stands alone")
		case name == "...":
			return nil, true
		case !utf8.ValidString(name):
			item.errorf("%q is no label's name", name)
		case slices.Contains(names, model.LabelName(name)):
			item.errorf("%s is named twice", name)
		default:
			names = append(names, model.LabelName(name))
		}
	}
	return names, false
}

// calendars reads the calendars that pages wait for: to open, or to close.
func (v value) calendars(closed bool) []string {
	var all []string
	for _, item := range v.list() {
		if name := item.hours(closed); name != "" {
			all = append(all, name)
		}
	}
	return all
}

// warnNobody finds matchers that fit no alert. Labels that escalation adds can
// only have the values that the file defines.
func (v value) warnNobody(matchers []*labels.Matcher) {
	known := map[string][]string{
		escalation.LabelCustomer: v.r.names["customer"],
		escalation.LabelContract: v.r.names["contract"],
		escalation.LabelUrgency:  urgencyNames(),
	}
	for _, m := range matchers {
		values, ok := known[m.Name]
		if ok && m.Type == labels.MatchEqual && m.Value != "" && !slices.Contains(values, m.Value) {
			v.warnf("no %s is named %q: nothing matches%s", m.Name, m.Value, suggest(m.Value, values))
		}
	}
}
