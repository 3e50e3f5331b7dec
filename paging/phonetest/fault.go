package phonetest

import "time"

// Receipts says how the status callbacks of an SMS go out.
type Receipts string

// The ways: queued, sent, delivered, in that order; none at all; delivered
// before sent; each of them twice.
const (
	InOrder    Receipts = ""
	Withheld   Receipts = "withheld"
	OutOfOrder Receipts = "out of order"
	Twice      Receipts = "twice"
)

// Fault is what goes wrong with the calls that it is meant for. It only meets
// valid calls: what is wrong with a call itself comes first. Its parts can be
// combined: Latency comes first, then Hang or Cut, then the refusal, then
// receipts.
type Fault struct {
	// Kind is the channel. If it is left out, it is both, or the one that the
	// fault's other fields belong to. Calls to the token endpoint are meant only
	// if it names them.
	Kind Kind
	// To is a phone's number or a device's token; empty: everybody.
	To string
	// Times is for how many calls the fault holds; 0: until ClearFaults.
	Times int

	// Latency passes before anything else happens.
	Latency time.Duration
	// Answer passes between taking the message and the answer that says so.
	// Meanwhile the message reaches its phone, and its receipts reach the daemon.
	Answer time.Duration
	// Hang never answers: the connection stays until the client gives up.
	Hang bool
	// Cut closes the connection instead of answering.
	Cut bool
	// Taken, with Hang or Cut, accepts the message all the same. It reaches its
	// phone and gets its receipts; only the answer is lost.
	Taken bool

	// Status refuses the call with this HTTP status. The body is Twilio's JSON if
	// Code is set, FCM's if FCM is set, and otherwise Body or a proxy's HTML
	// page. If Status is left out, it is the one that belongs to Code or FCM.
	Status int
	// Code is Twilio's error: 21610, 20429.
	Code int
	// FCM is the error's name: UNREGISTERED, QUOTA_EXCEEDED, INVALID_ARGUMENT,
	// SENDER_ID_MISMATCH, THIRD_PARTY_AUTH_ERROR, UNAVAILABLE, INTERNAL; and
	// UNAUTHENTICATED, the refusal of the access token.
	FCM string
	// RetryAfter is sent as the header of that name, in whole seconds.
	RetryAfter time.Duration
	// Body is the refusal's body, as text/html.
	Body string

	// Receipt ends an accepted SMS as undelivered or failed, with ReceiptCode as
	// its ErrorCode. The phone does not get it.
	Receipt     string
	ReceiptCode int
	// Receipts says how the callbacks go out.
	Receipts Receipts
}

// SetFault adds a fault. If several fit a call, only the one that was set
// first is used, until its Times are over.
func (w *World) SetFault(f Fault) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.faults = append(w.faults, &f)
}

// ClearFaults ends all faults. A call that hangs goes on hanging.
func (w *World) ClearFaults() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.faults = nil
}

// faultFor returns what goes wrong with a call, and counts it. If nothing
// does, it is the zero Fault.
func (w *World) faultFor(kind Kind, to string) Fault {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i, f := range w.faults {
		if !f.fits(kind, to) {
			continue
		}
		found := *f
		if f.Times--; f.Times == 0 {
			w.faults = append(w.faults[:i:i], w.faults[i+1:]...)
		}
		return found
	}
	return Fault{}
}

func (f *Fault) fits(kind Kind, to string) bool {
	if f.To != "" && f.To != to {
		return false
	}
	if f.Kind != "" {
		return f.Kind == kind
	}
	switch kind {
	case SMS:
		return f.FCM == ""
	case Push:
		return f.Code == 0 && f.Receipt == "" && f.Receipts == InOrder
	case OAuth:
	}
	return false
}

// refuses says whether the fault answers the call.
func (f *Fault) refuses() bool {
	return f.Status != 0 || f.Code != 0 || f.FCM != ""
}
