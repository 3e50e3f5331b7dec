package ticket

import (
	"fmt"
	"slices"
	"time"
)

// Tier is a level of the desk. A group can have one: then it sees to the tickets that are
// there.
type Tier string

// The tiers. A ticket of which nobody said anything is in the first.
const (
	L1 Tier = "L1"
	L2 Tier = "L2"
	L3 Tier = "L3"
)

// Tiers are all of them, the first one first.
func Tiers() []Tier { return []Tier{L1, L2, L3} }

// Next is the tier above, or below; false if there is none.
func (t Tier) Next(up bool) (Tier, bool) {
	at := slices.Index(Tiers(), t.Known()) + 1
	if !up {
		at -= 2
	}
	if at < 0 || at >= len(Tiers()) {
		return t.Known(), false
	}
	return Tiers()[at], true
}

// Known is the tier, the first one if nobody said which.
func (t Tier) Known() Tier {
	if !slices.Contains(Tiers(), t) {
		return L1
	}
	return t
}

// Above says whether it is above another.
func (t Tier) Above(other Tier) bool {
	return slices.Index(Tiers(), t.Known()) > slices.Index(Tiers(), other.Known())
}

// Place is where a ticket stands at the desk, beside who has it (Ticket.Assignee). It
// pages nobody and holds back nobody's page.
type Place struct {
	Tier  Tier      `json:"tier,omitempty"`  // empty: L1
	Since time.Time `json:"since,omitzero"`  // it came into its tier; zero: it opened there
	Group string    `json:"group,omitempty"` // whose pool it is in while nobody has it; empty: everybody's
	Owner string    `json:"owner,omitempty"` // who answers for it from end to end, over tiers (S3-18)
	With  []Helper  `json:"with,omitempty"`  // who helps (S1-03), MaxHelpers at most
	Due   time.Time `json:"due,omitzero"`    // a rule moves it to another tier then
	// Lowered says that a person moved it down: rules that move a ticket at once leave it.
	Lowered bool `json:"lowered,omitempty"`
}

// Helper is a person, or a group, who helps with a ticket that somebody else has.
type Helper struct {
	Person string `json:"person,omitempty" holds:"personal"`
	Group  string `json:"group,omitempty"`
}

// Pooled says whether somebody may volunteer for the ticket (S2-14, S2-15): it asks for
// work, and is nobody's.
func (t *Ticket) Pooled() bool { return t.State.Active() && t.Assignee == "" }

// Helps says whether a person helps with the ticket.
func (t *Ticket) Helps(person string) bool {
	return person != "" && slices.Contains(t.Place.With, Helper{Person: person})
}

// InTier is since when the ticket is in its tier.
func (t *Ticket) InTier() time.Time {
	if t.Place.Since.IsZero() {
		return t.OpenedAt
	}
	return t.Place.Since
}

// ParseTier reads "L1", "L2" or "L3".
func ParseTier(text string) (Tier, error) {
	if !slices.Contains(Tiers(), Tier(text)) {
		return "", fmt.Errorf("no tier named %q: L1, L2 or L3", Cut(text, MaxLogged))
	}
	return Tier(text), nil
}
