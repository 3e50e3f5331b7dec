package escalation

import (
	"time"

	"github.com/prometheus/alertmanager/pkg/labels"
	"github.com/prometheus/common/model"

	"github.com/astreinte/astreinte/internal/ticket"
)

// TierRule moves tickets to a tier above when they have been below it for some time
// (S3-10, S3-26).
type TierRule struct {
	Matchers labels.Matchers // on TicketLabels; none: every ticket
	After    time.Duration   // in the tier that it is in; 0: at once
	To       ticket.Tier
	Group    string // of that tier; empty: its only one, or all of them
}

// TicketLabels are what rules about tickets match: by what it groups, and what is known of
// it. A ticket's own say more than its sender's of the same name.
func TicketLabels(t *ticket.Ticket) model.LabelSet {
	set := make(model.LabelSet, len(t.Group)+8)
	for name, value := range t.Group {
		put(set, name, value)
	}
	for name, value := range map[string]string{
		LabelCustomer: t.Customer, LabelSite: t.Site, LabelUrgency: t.Urgency.String(), LabelContract: t.Contract,
		"kind": string(t.Kind), "source": t.Source, "tier": string(t.Place.Tier.Known()), "group": t.Place.Group,
	} {
		put(set, name, value)
	}
	return set
}

// planTier has the rules move a ticket that has been in its tier for long enough, and
// writes down when they move it next. The rules are those of now. It pages nobody, and
// costs nothing where there is no rule.
func (s *stepper) planTier() {
	if len(s.Rules.Desk.Tiers) == 0 && s.t.Place.Due.IsZero() {
		return
	}
	s.t.Place.Due = time.Time{}
	for range ticket.Tiers() {
		rule := s.nextTier()
		if rule == nil {
			return
		}
		if at := s.t.InTier().Add(rule.After); at.After(s.Now) {
			s.t.Place.Due = at
			return
		}
		said := ticket.Said{Detail: ticket.SaidTierByDue, Args: ticket.Args{Wait: ticket.Span(s.Now.Sub(s.t.InTier()))}}
		s.toTier(rule.To, rule.Group, &said)
		s.rule(ticket.EntryTier, said)
	}
}

// nextTier is the rule that moves the ticket first; of two at one time the one that moves
// it further. Nil: none does. What moves at once leaves a ticket that a person moved down.
func (s *stepper) nextTier() (first *TierRule) {
	if !s.t.State.Active() || len(s.Rules.Desk.Tiers) == 0 {
		return nil
	}
	set := TicketLabels(&s.t)
	for i := range s.Rules.Desk.Tiers {
		rule := &s.Rules.Desk.Tiers[i]
		sooner := first == nil || rule.After < first.After || rule.After == first.After && rule.To.Above(first.To)
		if sooner && rule.To.Above(s.t.Place.Tier) && (rule.After > 0 || !s.t.Place.Lowered) && rule.Matchers.Matches(set) {
			first = rule
		}
	}
	return first
}
