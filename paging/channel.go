package paging

import (
	"context"
	"fmt"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// Channel is how one provider of a Way is asked. Send hands one message over
// and says what the provider answered. It keeps to the context's deadline,
// never tries again by itself, and never panics, whatever a provider says.
type Channel interface {
	// Send hands m over.
	Send(ctx context.Context, m Message) Result
}

// Message is what goes to one address.
type Message struct {
	Key     ticket.PageKey
	Source  string // with Key, it identifies the page in receipts
	Urgency ticket.Urgency
	To      string // an E.164 number, a mail address, or a device's token

	Text string // an SMS, one GSM-7 segment

	Platform string            // android, ios or web, for a push
	Title    string            // of a push; of a mail, its subject
	Body     string            // of a push, and of a mail
	Data     map[string]string // of a push: ticket, code, link
	Language string            // of the push's words
	Device   string            // the id of the device that the push goes to
	Push     *Subscription     // the device's, if it has one instead of a token
	// Life is how long the provider should keep a push for a phone that is off or
	// asleep.
	Life time.Duration
}

// Class sorts a provider's answers by what must happen next. The tables are in
// docs/OPERATIONS.md#twilios-errors and docs/OPERATIONS.md#fcms-errors.
type Class int8

// The classes of an answer.
const (
	// Accepted: the provider has it.
	Accepted Class = iota
	// DeadAddress: do not try this number or token again. Try the next address,
	// the next channel, the next person.
	DeadAddress
	// DeadAccount: the provider refuses us (credentials, account, a bug of ours),
	// whatever the number. The administrator must be told.
	DeadAccount
	// Filtered: the provider does not let this text through. Do not repeat it
	// here; change the channel.
	Filtered
	// Transient: the provider did not take it. Send the same again later.
	Transient
	// OutcomeUnknown: the provider may have taken it. It is sent again rather
	// than lost.
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

// Permanent reports whether the same message would be refused again.
func (c Class) Permanent() bool { return c == DeadAddress || c == DeadAccount || c == Filtered }

// Result is a provider's answer to a message.
type Result struct {
	Class      Class
	ProviderID string        // if Accepted
	Code       string        // the provider's own code ("21610", "UNREGISTERED"), or "http_503", "timeout", …; empty if Accepted
	Known      bool          // the adapter's table has Code: metrics name it
	Detail     string        // the provider's text, quoted and bounded; never a secret
	RetryAfter time.Duration // what the provider asks for; 0: nothing
	// TooFast says that the provider works but is asked too often: a 429, with
	// any code.
	TooFast bool
	// Unregistered says that the address (a device's token) is gone for good and
	// may be forgotten.
	Unregistered bool
}

// Error is the result as a page shows it: "21610: …".
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

// Bound cuts what a provider says of a text to what anything here keeps of it. A door does
// so before it hands the text over, or remembers it.
func (t *Text) Bound() {
	t.From, t.To = ticket.Cut(t.From, ticket.MaxPhone), ticket.Cut(t.To, ticket.MaxPhone)
	t.Body, t.ProviderID = ticket.Cut(t.Body, ticket.MaxText), BoundID(t.ProviderID)
}

// BoundID is a provider's id of a message, as it is kept: what is too long is cut, and stays
// another than all others.
func BoundID(id string) string { return ticket.Cut(id, ticket.MaxProviderID) }

// Listener takes what comes back from phones. A provider's adapter checks who
// sends it, reads it and hands it over.
type Listener interface {
	// Answer acts on a text and returns the reply; empty: no reply. An error
	// means that the text could not be acted on now (the store is away): the
	// adapter tells the provider to try again.
	Answer(ctx context.Context, t Text) (reply string, err error)
	// Receive records a delivery receipt. For a failed one, class says what it
	// means.
	Receive(ctx context.Context, r Receipt, class Class) error
}
