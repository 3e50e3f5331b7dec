package config

import (
	"maps"
	"slices"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/paging"
)

// warnPushAlone names the steps that page by nothing that surely rings, in policies
// that critical alerts can come to. A phone that is silent or asleep may not ring for a
// push, and none rings for a mail.
func (r *reader) warnPushAlone(rules *escalation.Rules) {
	for _, name := range slices.Sorted(maps.Keys(reachable(rules.Route, map[string]string{"severity": "critical"}))) {
		policy, ok := rules.Policies[name]
		if !ok {
			continue
		}
		for i := range policy.Steps {
			by, at := policy.Steps[i].By, r.at[join("policies", name)]
			rings := slices.ContainsFunc(by, func(c string) bool { return c != paging.WayPush && c != paging.WayMail })
			switch pushes := slices.Contains(by, paging.WayPush); {
			case rings || len(by) == 0:
			case !pushes:
				at.warnf("step %d pages by mail alone: mail wakes nobody, and may come late; put sms beside it", i+1)
			case len(by) == 1:
				at.warnf("step %d pages by push alone: a phone that is silent or asleep may not ring; put sms beside it", i+1)
			default:
				at.warnf("step %d pages by push and mail alone: a phone that is silent or asleep may not ring; put sms beside it", i+1)
			}
		}
	}
}
