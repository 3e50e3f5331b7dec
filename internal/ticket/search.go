package ticket

import "time"

// Search selects tickets, closed ones too, for lists that an archive answers.
// Text is words over titles, descriptions, tasks, notes and numbers. What is
// empty selects all.
type Search struct {
	Query
	Site       string
	Group      string // the group that has it
	Tier       string
	Unassigned bool
	Kind       Kind
	Origin     string
	Category   string
	Equipment  string
	Billable   *bool
	DueBefore  time.Time // its GTI's clock runs and is due before, or another promise's
	Breached   *bool     // a promise of its was missed
	// Clock is what its clock shows: met, missed, running (it may rest), GTIUnpromised.
	Clock GTIState
	// Of somebody: contact, requester or beneficiary is the contact of that ID, or has
	// that address or number. Any of them selects.
	Contact, Email, Phone string
	// It was resolved in this time, and not reopened since.
	ResolvedSince, ResolvedUntil time.Time
	Sort                         Sort
	Now                          time.Time // that Breached is judged by
}

// GTIUnpromised is what a search calls GTINone.
const GTIUnpromised = "none"

// Sort says in which order tickets are listed.
type Sort string

// The orders. SortDefault is the best first where words are looked for, else
// the newest.
const (
	SortDefault Sort = ""
	SortOpened  Sort = "opened"  // the newest first
	SortUpdated Sort = "updated" // what changed last first
	SortDue     Sort = "due"     // what has to be picked up soonest first; only tickets with a clock
	SortUrgency Sort = "urgency" // the worst first, the newest of them first
)

// Sorts lists them, but for the default.
func Sorts() []Sort { return []Sort{SortOpened, SortUpdated, SortDue, SortUrgency} }

// Beyond reports whether only an archive can answer it: it asks for what the
// store does not list by, or cannot find fast.
func (s *Search) Beyond() bool {
	return s.Text != "" || s.Site+s.Group+s.Tier+string(s.Kind)+s.Origin+s.Category+s.Equipment+string(s.Sort) != "" ||
		string(s.Clock)+s.Contact+s.Email+s.Phone != "" || !s.ResolvedSince.IsZero() || !s.ResolvedUntil.IsZero() ||
		s.Unassigned || s.Billable != nil || s.Breached != nil || !s.DueBefore.IsZero()
}

// Listing is a part of a list.
type Listing struct {
	Tickets []Ticket
	Next    string // the cursor of the next part; empty: that was all
	Missing Missing
}

// Missing says what a list lacks; empty: nothing.
type Missing string

// What a list may lack.
const (
	MissingNothing Missing = ""
	MissingClosed  Missing = "archive_away"   // the archive is away: there are only the store's tickets
	MissingRecent  Missing = "archive_behind" // some of what changed last may be shown as it was
)
