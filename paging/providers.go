package paging

// Provider is who hands over what goes by a channel: the first of a list is
// asked first, the next ones take over.
type Provider struct {
	// Name is unique in its list: "twilio", or what the configuration calls a
	// gateway. Metrics and the paths of webhooks carry it.
	Name    string
	Channel Channel
	// Rate is how many messages a second its sender may send; 0: no pace.
	Rate float64
	// Receipts says that it tells what became of each message. Without them
	// a message that never arrives is not noticed.
	Receipts bool
	// Replies says that phones can answer its sender.
	Replies bool
	// NoLinks says that it refuses a text with an address in it: ours is left out.
	NoLinks bool
	// Carries says whether it can push to a device; nil: to any.
	Carries func(d *Device) bool
	// GSMOnly says that it cannot send other letters than those of GSM-7.
	GSMOnly bool
}
