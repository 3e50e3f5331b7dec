package config

import (
	"maps"
	"slices"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/paging"
)

// warnPushAlone names the steps that page by push alone, in policies that
// critical alerts can come to. A phone that is silent or asleep may not ring
// for a push.
func (r *reader) warnPushAlone(rules *escalation.Rules) {
	for _, name := range slices.Sorted(maps.Keys(reachable(rules.Route, map[string]string{"severity": "critical"}))) {
		policy, ok := rules.Policies[name]
		if !ok {
			continue
		}
		for i := range policy.Steps {
			if slices.Equal(policy.Steps[i].By, []string{paging.WayPush}) {
				r.at[join("policies", name)].warnf("step %d pages by push alone: a phone that is silent or asleep may not ring; put sms beside it", i+1)
			}
		}
	}
}
