package config

import (
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// tierRules reads the rules that move tickets up a tier (S3-10, S3-26).
func (v value) tierRules() []escalation.TierRule {
	var all []escalation.TierRule
	for _, item := range v.list() {
		t := item.table()
		rule := escalation.TierRule{
			Matchers: t.get("matchers").matchers(),
			After:    t.get("after").duration(0, positive),
			Group:    t.get("group").name("group"),
		}
		if to := t.need("to", "L2 or L3").oneOf("tier", string(ticket.L2), string(ticket.L3)); to != "" {
			rule.To = ticket.Tier(to)
		}
		t.refuse(useMatchers, "match", "match_re")
		t.done()
		all = append(all, rule)
	}
	return all
}
