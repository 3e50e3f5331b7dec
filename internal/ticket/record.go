package ticket

import "time"

// AlertRecord is an alert as it is stored: what its source last said of it,
// the ticket it belongs to, and how often it was heard of. It stays with its
// ticket until that closes.
type AlertRecord struct {
	Alert
	Ticket  string    `json:"ticket"`
	Urgency Urgency   `json:"urgency"`
	FirstAt time.Time `json:"first_at"`
	LastAt  time.Time `json:"last_at"` // last heard of
	Count   int64     `json:"count"`   // times heard of, 1 for the first

	// SilentFor is how long it may go unheard, kept where its SilentAt was put
	// off because nobody listened for a while.
	SilentFor time.Duration `json:"silent_for,omitempty"`
}

// clocksDiffer is how far ahead of ours a sender's clock may be.
const clocksDiffer = 5 * time.Minute

// Outlives reports whether what a sender says to be over is an earlier
// occurrence than the one recorded: it began before that, and ended before that
// began. A sender that tells no end, or no begin, means the present occurrence.
// One that began minutes after it was last heard of comes from a sender whose
// clock was ahead; its begin counts for no more than that.
func (r *AlertRecord) Outlives(over *Alert) bool {
	began := r.StartsAt
	if began.After(r.LastAt.Add(clocksDiffer)) {
		began = r.LastAt
	}
	return over.Status == Resolved && !over.StartsAt.IsZero() && !over.EndsAt.IsZero() &&
		over.StartsAt.Before(began) && over.EndsAt.Before(began)
}

// Record is a ticket with the revision that it was read at. A commit names
// the revision; it fails where somebody else came first.
type Record struct {
	Ticket   Ticket
	Revision int64 // 1 and up
}

// Query selects tickets for a list, newest first. Empty fields select all.
type Query struct {
	States    []State
	Urgencies []Urgency
	Customer  string
	Assignee  string
	Since     time.Time // opened at or after
	Until     time.Time // opened before
	Text      string    // in number, title, customer or site, case ignored
	Cursor    string    // where the previous answer ended, as it was given
	Limit     int       // 1 to 1000
}

// Matches reports whether the ticket is among those that the query selects,
// its cursor and limit aside.
func (q *Query) Matches(t *Ticket) bool {
	return oneOf(q.States, t.State) && oneOf(q.Urgencies, t.Urgency) &&
		(q.Customer == "" || q.Customer == t.Customer) &&
		(q.Assignee == "" || q.Assignee == t.Assignee) &&
		(q.Since.IsZero() || !t.OpenedAt.Before(q.Since)) &&
		(q.Until.IsZero() || t.OpenedAt.Before(q.Until)) &&
		(q.Text == "" || containsFold(q.Text, t.Number, t.Title, t.Customer, t.Site))
}

// View is everything that is known of one ticket.
type View struct {
	Ticket   Ticket
	Alerts   []AlertRecord // a sample: the firing ones first, ViewAlerts at most
	Pages    []Page        // in the order they were ordered
	Timeline []Entry       // oldest first
	Damaged  int           // parts of it that cannot be read and are left out
}

// ViewAlerts is how many alerts a View shows at most.
const ViewAlerts = 20

// Stats is what a store counts as it goes, so that asking costs nothing.
type Stats struct {
	// Tickets counts those not closed, by urgency and state.
	Tickets map[Urgency]map[State]int
	// Queued counts pages that wait to be sent; Oldest is when the oldest of
	// them was ordered, zero if none waits.
	Queued int
	Oldest time.Time
}
