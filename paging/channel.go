package paging

import (
	"context"
	"fmt"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// Channel is how one provider of a Way is asked. Send hands one message
// over and says what the provider made of it; it keeps to the context's
// deadline, never retries by itself and never panics on what a provider says.
type Channel interface {
	// Send hands m over.
	Send(ctx context.Context, m Message) Result
}

// Message is what goes to one address.
type Message struct {
	Key     ticket.PageKey
	Source  string // with Key, identifies the page in receipts
	Urgency ticket.Urgency
	To      string // an E.164 number, or a device's token

	Text string // an SMS, one GSM-7 segment

	Platform string            // android, ios or web, for a push
	Title    string            // of a push
	Body     string            // of a push
	Data     map[string]string // of a push: ticket, code, link
	Language string            // of the push's words
	Device   string            // the id of the device that the push goes to
	Push     *Subscription     // the device's, where it has one in place of a token
	// Life is how long a push is worth keeping for a phone that is off or asleep.
	Life time.Duration
}

// Class sorts a provider's answers by what has to happen next. The tables are in
// docs/OPERATIONS.md#twilios-errors and docs/OPERATIONS.md#fcms-errors.
type Class int8

// The classes of an answer.
const (
	// Accepted: the provider has it.
	Accepted Class = iota
	// DeadAddress: never again to this number or token; the next one, the
	// next channel, the next person.
	DeadAddress
	// DeadAccount: the provider refuses us (credentials, account, a bug of
	// ours), whatever the number; the administrator must be told.
	DeadAccount
	// Filtered: this text does not pass; do not repeat it here, change the
	// channel.
	Filtered
	// Transient: not taken; the same again later is right.
	Transient
	// Outcome unknown: it may have been taken. Sent again rather than lost.
	OutcomeUnknown
)

var classNames = [...]string{"accepted", "dead_address", "dead_account", "filtered", "transient", "unknown"}

// String is the class as metrics name it.
func (c Class) String() string {
	if c < 0 || int(c) >= len(classNames) {
		return fmt.Sprintf("class(%d)", int8(c))
	}
	return classNames[c]
}

// Permanent reports whether the same again would be refused again.
func (c Class) Permanent() bool { return c == DeadAddress || c == DeadAccount || c == Filtered }

// Result is what a provider made of a message.
type Result struct {
	Class      Class
	ProviderID string        // where Accepted
	Code       string        // the provider's own code ("21610", "UNREGISTERED"), or "http_503", "timeout", …; empty if Accepted
	Known      bool          // Code is one of the adapter's table: metrics name it
	Detail     string        // the provider's text, quoted and bounded; never a secret
	RetryAfter time.Duration // the provider's wish, 0 if it has none
	// TooFast says that the provider works, and is asked too often: a 429, by
	// whatever code.
	TooFast bool
	// Unregistered says that the address is gone for good and may be forgotten
	// (a device's token).
	Unregistered bool
}

// Error is the result as it stands on a page: "21610: …".
func (r Result) Error() string {
	switch {
	case r.Class == Accepted:
		return ""
	case r.Detail == "":
		return r.Code
	}
	return r.Code + ": " + r.Detail
}

// Text is a message that came in from a phone.
type Text struct {
	From, To   string // E.164
	Body       string
	ProviderID string
}

// Listener takes what comes back from phones. A provider's adapter checks who
// speaks, reads it and hands it over.
type Listener interface {
	// Answer acts on a text and returns what to reply, empty for nothing. An
	// error means that it could not be acted on now (the store is away): the
	// adapter tells the provider to try again.
	Answer(ctx context.Context, t Text) (reply string, err error)
	// Receive records a delivery receipt. class says what a failed one means.
	Receive(ctx context.Context, r Receipt, class Class) error
}
