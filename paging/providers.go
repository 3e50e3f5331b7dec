package paging

// Provider carries messages of a channel. The first one of a list is asked
// first; the next ones take over.
type Provider struct {
	// Name is unique in its list: "twilio", or the configuration's name for a
	// gateway. Metrics and the paths of webhooks use it.
	Name    string
	Channel Channel
	// Rate is how many messages a second its sender may send; 0: no pace.
	Rate float64
	// Receipts says that the provider tells what became of each message. Without
	// them nobody notices a message that never arrives.
	Receipts bool
	// Replies says that phones can answer its sender.
	Replies bool
	// NoLinks says that the provider refuses a text with an address in it. Our
	// link is then left out.
	NoLinks bool
	// Carries says whether the provider can push to a device; nil: to any.
	Carries func(d *Device) bool
	// GSMOnly says that the provider can only send letters of GSM-7.
	GSMOnly bool
}
