package ticket

import "time"

// GTI is a ticket's guaranteed time to intervention: the promise of its
// contract, and the clock that measures it. It counts from the ticket's
// opening (S1-21) to its pick-up (S1-32, S1-56), on the hours of Calendar
// (S1-58). The zero value promises nothing.
type GTI struct {
	Within   time.Duration `json:"within,omitempty"`
	Calendar string        `json:"calendar,omitempty"`
	DueAt    time.Time     `json:"due_at,omitzero"`
}

// GTIState is what the clock shows.
type GTIState string

// What a GTI clock shows.
const (
	GTINone    GTIState = ""        // nothing was promised
	GTIRunning GTIState = "running" // not picked up, still in time
	GTIMet     GTIState = "met"     // picked up, or over, in time
	GTIMissed  GTIState = "missed"  // the due time passed first
)

// GTIState is what the ticket's clock shows at a time. A ticket that resolves
// before anybody picked it up stops the clock: there is nothing left to do on
// site.
func (t *Ticket) GTIState(now time.Time) GTIState {
	if t.GTI.DueAt.IsZero() {
		return GTINone
	}
	stopped := earliest(t.PickedUpAt, t.ResolvedAt)
	switch {
	case !stopped.IsZero() && !stopped.After(t.GTI.DueAt):
		return GTIMet
	case stopped.IsZero() && !now.After(t.GTI.DueAt):
		return GTIRunning
	}
	return GTIMissed
}
