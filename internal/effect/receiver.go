package effect

import (
	"context"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// Class sorts what became of a try.
type Class int8

// The classes.
const (
	// Again: it was not taken, or nobody knows whether it was; it is tried again.
	Again Class = iota
	// Taken: the receiver has it.
	Taken
	// Never: the receiver will not have it, however often it is tried.
	Never
)

// Result is what became of a try.
type Result struct {
	Class Class
	// Error says why it was not taken, without what the effect holds and without
	// a secret: it stands in the log and on the ticket.
	Error string
	// Alone says of Again that the receiver works, and that it is this effect alone that
	// it does not take now: others need not wait.
	Alone bool
	// After is how long the receiver asks to be left alone; 0: it does not say.
	After time.Duration
}

// Receiver sends effects to somebody.
type Receiver interface {
	// Send tells the receiver once, and says what came of it. It keeps to its context,
	// and may be called for several effects at once. What it writes into the effect is
	// kept for the next try.
	Send(ctx context.Context, e *ticket.Effect) Result
}

// Paced is a Receiver that takes so many effects a second and no more.
type Paced interface {
	Receiver
	// Turn says when the effect with this key may go: by now, at once. Asked again
	// then, it says the same.
	Turn(key string, now time.Time) time.Time
}
