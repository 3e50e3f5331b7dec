package ticket

import "time"

// AlertRecord is an alert as stores keep it: what its source last said of it,
// its ticket, and how often it was heard of. It is kept until its ticket
// closes.
type AlertRecord struct {
	Alert
	Ticket  string    `json:"ticket"`
	Urgency Urgency   `json:"urgency"`
	FirstAt time.Time `json:"first_at"`
	LastAt  time.Time `json:"last_at"` // last heard of
	Count   int64     `json:"count"`   // times heard of, 1 for the first

	// SilentFor is how long the alert may go unheard. It is kept if SilentAt was
	// put off because nobody could listen for a while.
	SilentFor time.Duration `json:"silent_for,omitempty"`
}

// clocksDiffer is how far ahead of ours a sender's clock may be.
const clocksDiffer = 5 * time.Minute

// Outlives reports whether over ends an earlier occurrence than the recorded
// one: over began before that, and ended before that began. If the sender
// tells no end or no beginning, it means the present occurrence. If the
// recorded beginning is minutes after the alert was last heard of, its
// sender's clock was ahead, and that beginning counts for no more than
// clocksDiffer.
func (r *AlertRecord) Outlives(over *Alert) bool {
	began := r.StartsAt
	if began.After(r.LastAt.Add(clocksDiffer)) {
		began = r.LastAt
	}
	return over.Status == Resolved && !over.StartsAt.IsZero() && !over.EndsAt.IsZero() &&
		over.StartsAt.Before(began) && over.EndsAt.Before(began)
}

// Late reports whether a word that the alert fires is of an occurrence whose
// end was heard already.
func (r *AlertRecord) Late(o *Alert) bool {
	if o.Status != Firing || r.Status != Resolved {
		return false
	}
	switch o.Again {
	case AgainNever:
		return true
	case AgainLater:
		return !o.StartsAt.IsZero() && !r.EndsAt.IsZero() && o.StartsAt.Before(r.EndsAt)
	case AgainAnew:
	}
	return false
}

// Record is a ticket with the revision at which it was read. A commit names
// the revision. It fails if somebody else came first.
type Record struct {
	Ticket   Ticket
	Revision int64 // 1 and up
}

// Query selects tickets for a list, newest first. Empty fields select all.
type Query struct {
	Scope     Scope // for whom: a query without one is refused (ErrNoScope)
	States    []State
	Urgencies []Urgency
	Source    string
	Customer  string
	Assignee  string
	Since     time.Time // opened at or after
	Until     time.Time // opened before
	Text      string    // in number, title, customer or site, case ignored
	Cursor    string    // where the previous answer ended, as that gave it
	Limit     int       // 1 to 1000
}

// Matches reports whether the query selects the ticket, its cursor and limit
// aside.
func (q *Query) Matches(t *Ticket) bool {
	return q.Scope.Sees(t) && oneOf(q.States, t.State) && oneOf(q.Urgencies, t.Urgency) &&
		(q.Source == "" || q.Source == t.Source) &&
		(q.Customer == "" || q.Customer == t.Customer) &&
		(q.Assignee == "" || q.Assignee == t.Assignee) &&
		(q.Since.IsZero() || !t.OpenedAt.Before(q.Since)) &&
		(q.Until.IsZero() || t.OpenedAt.Before(q.Until)) &&
		(q.Text == "" || containsFold(q.Text, t.Number, t.Title, t.Customer, t.Site))
}

// View is everything that stores know of one ticket.
type View struct {
	Ticket   Ticket
	Alerts   []AlertRecord // a sample, the firing ones first: ViewAlerts at most
	Pages    []Page        // in the order they were ordered
	Timeline []Entry       // oldest first
	Sheet    *Sheet        // what people say of it; nil: nothing
	Damaged  int           // parts that cannot be read and are left out
}

// ViewAlerts is how many alerts a View shows at most.
const ViewAlerts = 20

// Stats is what a store counts all the time, so that asking costs nothing.
type Stats struct {
	// Tickets counts tickets that are not closed, by urgency and state.
	Tickets map[Urgency]map[State]int
	// Queued counts pages that wait to be sent. Oldest is when the oldest of them
	// was ordered; zero if none waits.
	Queued int
	Oldest time.Time
}

// ClosedRecords is the kind of the record, under a ticket's number, that the commit
// writes which closes the ticket. It is due at once: what is counted of the ticket is
// kept then, and the record removed (docs/adr/0047-the-duty-report.md).
const ClosedRecords = "ticket closed"
