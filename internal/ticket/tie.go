package ticket

import "slices"

// The kinds of links between tickets.
const (
	LinkDuplicate = "duplicate_of" // it is over here, and goes on there
	LinkParent    = "parent"
	LinkCause     = "caused_by"
	LinkSee       = "see"
)

// LinkKinds lists the kinds of links, in the order in which people read them.
func LinkKinds() []string { return []string{LinkDuplicate, LinkParent, LinkCause, LinkSee} }

// Tie is what a ticket has to do with another one.
type Tie struct {
	Kind   string `json:"kind"`
	Number string `json:"number"`
	// Back says that it is the other one that says so of this one.
	Back bool `json:"back,omitempty"`
}

// HasTie reports whether the sheet has a link.
func (s *Sheet) HasTie(l Tie) bool { return s != nil && slices.Contains(s.Links, l) }

// DuplicateOf is the number of the ticket that this one is a duplicate of; empty if it
// is none.
func (s *Sheet) DuplicateOf() string {
	if s == nil {
		return ""
	}
	for _, l := range s.Links {
		if l.Kind == LinkDuplicate && !l.Back {
			return l.Number
		}
	}
	return ""
}
