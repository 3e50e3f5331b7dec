package paging

import (
	"context"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// Store is the queue of pages, as the outbox needs it. Escalation's commits
// put pages into it, in the same write as the ticket that ordered them. What
// escalation.Store says of errors and of times holds here too.
type Store interface {
	// Claim takes up to Limit pages, the most urgent first. A page can be claimed
	// if it is queued and its RetryAt is not after Now, or if its claim ran out
	// before Now. Claim takes no page that is less urgent than AtLeast, and none
	// of the sources in Except.
	//
	// Among pages of one urgency, the sources take turns, one page each, over all
	// calls to this store: first the source that was served longest ago, then the
	// one whose page has waited longest. Pages of one source go in the order in
	// which they wait.
	//
	// In the same atomic step Claim asks whether each page is still wanted
	// (ticket.Page.WantedFor with the ticket as stored). A page that is not
	// wanted becomes cancelled; it is not returned and does not count. A claimed
	// page is PageSending, with one more in Attempts, and belongs to Owner until
	// Until.
	//
	// next is when the next page that was not taken becomes ready (zero: none
	// known; not after Now: more are ready). For pages less urgent than AtLeast,
	// or of Except, next is not certain.
	//
	// Claim also takes a page whose hold (Receipt.Hold) is over: its ticket may
	// not have heard that it failed. Only its claim changes. If such a page is no
	// longer wanted, it loses its hold, and nothing else changes.
	Claim(ctx context.Context, r ClaimRequest) (claims []Claim, next time.Time, err error)

	// Extend moves the end of these claims, if they still hold and their pages
	// are being sent. It leaves the others as they are.
	Extend(ctx context.Context, claims []ClaimRef, until time.Time) error

	// Pace takes a turn of each of these paces, or of none. If they were taken,
	// wait is zero; otherwise it is when to ask again, after now. If forced is
	// set, they are taken whatever was taken before, and later turns wait longer.
	// All daemons on a store share its paces. A crash or a failover may forget a
	// pace; then a burst goes too early, and nothing else happens.
	Pace(ctx context.Context, now time.Time, turns []Turn, forced bool) (wait time.Time, err error)

	// Finish records what became of claimed pages. If an outcome's token is no
	// longer the page's (the claim ran out and somebody else took the page), the
	// outcome is dropped. Its provider id is still recorded, so that receipts
	// find the page. The slice says of each outcome whether it was applied.
	Finish(ctx context.Context, outcomes []Outcome) ([]bool, error)

	// Receipt records what a provider reports of a page later. It finds the page
	// by its key or, if that is empty, by the provider's id. It never moves a
	// page backwards (ticket.PageState.Later); changed says whether it moved. It
	// returns the page as it is now, or escalation.ErrNotFound if there is none.
	// If r.Hold is set, and the page moves and nobody has claimed it, r.Hold
	// claims it. Finish ends that claim, and leaves the page's state as it is.
	Receipt(ctx context.Context, r Receipt) (page ticket.Page, changed bool, err error)

	// Pages lists the pages of a ticket in the order in which they were ordered.
	Pages(ctx context.Context, source, number string) ([]ticket.Page, error)

	// Stats is what the store counts all the time.
	Stats(ctx context.Context) (ticket.Stats, error)
}

// ClaimRequest says what to claim, for whom and until when.
type ClaimRequest struct {
	Owner      string
	Now, Until time.Time
	Limit      int
	AtLeast    ticket.Urgency // the zero urgency: any
	Except     []string       // sources to leave alone
}

// ClaimRef names a claim that somebody holds.
type ClaimRef struct {
	Source string
	Key    ticket.PageKey
	Token  int64
}

// Turn is one message's turn in a pace. After a pause, Burst messages may go
// at once, then one each Every.
type Turn struct {
	Pace  string // the pace's name
	Every time.Duration
	Burst int // at least 1
}

// Claim is one claimed page.
type Claim struct {
	Page   ticket.Page
	Ticket ticket.Ticket // as it is now
	Token  int64         // fences this claim off from later ones
	// Again says that an earlier claim ran out. Whether it sent the page is
	// unknown, so the page is sent again rather than lost.
	Again bool

	prepared prepared // by the commit that ordered it
}

// Ref is the claim's name.
func (c *Claim) Ref() ClaimRef {
	return ClaimRef{Source: c.Page.Source, Key: c.Page.PageKey, Token: c.Token}
}

// Outcome is what became of a claimed page.
type Outcome struct {
	Source     string
	Key        ticket.PageKey
	Token      int64
	State      ticket.PageState // PageQueued: try again at RetryAt
	RetryAt    time.Time
	At         time.Time // SentAt, if State is PageSent
	ProviderID string    // indexed for Receipt; empty: as it was
	Provider   string    // its name; empty: as it was
	Address    string
	Unclear    bool // the provider gave no answer; the page keeps that for good
	Error      string
	// Untried says that the page was put back without a try. That does not count
	// in its Attempts.
	Untried bool
	// Carries are the pages of other tickets that went out in this page's
	// message.
	Carries []ticket.PageRef
	Entry   *ticket.Entry // appended to the ticket's timeline, unless it is nil or the page is Quiet
}

// Receipt is what a provider reports of a page later.
type Receipt struct {
	Source     string         // with Key
	Key        ticket.PageKey // the zero key: find the page by ProviderID
	ProviderID string
	State      ticket.PageState // PageSent, PageDelivered, PageUndelivered or PageFailed
	Error      string
	At         time.Time
	Entry      *ticket.Entry // appended to the timeline if the page moved, unless it is Quiet
	// Hold is set if the ticket has to hear of it. If the daemon dies before
	// that, another one claims the page.
	Hold *Hold
}

// Hold is a claim that the caller of Receipt makes.
type Hold struct {
	Owner string
	Until time.Time
	Token int64 // drawn at random, above 0
}

// Phonebook keeps what belongs to people and phones rather than to a ticket:
// codes, links and devices. Each call is atomic. An entry that nothing uses is
// harmless.
type Phonebook interface {
	// Reserve gives the phone a code for the ticket, and files the link. A phone
	// keeps one code for a ticket. After Release, a new Reserve gives the same
	// code, unless another ticket has it by then. Codes start at 11 and are
	// unique for each phone. A released code goes to another ticket 72 h after
	// its release at the earliest. If r.Phone is empty, only the link is filed,
	// and the code is 0.
	Reserve(ctx context.Context, r Reservation) (code int, err error)

	// Release says that the ticket is over for the phone.
	Release(ctx context.Context, phone, number string, at time.Time) error

	// Codes lists the phone's codes in order. Released codes are listed too, as
	// long as they are known.
	Codes(ctx context.Context, phone string) ([]Code, error)

	// Link finds what the hash of a link's token stands for. The error is
	// escalation.ErrNotFound if it is unknown.
	Link(ctx context.Context, hash string) (Link, error)

	// Devices lists a person's devices, oldest first. If person is empty, it
	// lists everybody's.
	Devices(ctx context.Context, person string) ([]Device, error)

	// PutDevice files a device. A device whose token or endpoint is known keeps
	// its id and moves to its new owner. If the owner is the same, the time at
	// which it last showed a push is kept.
	PutDevice(ctx context.Context, d Device) (Device, error)

	// DropDevice removes a device by id. The error is escalation.ErrNotFound if
	// that person has no such device.
	DropDevice(ctx context.Context, person, id string) error

	// DeviceShown notes, to the minute, that a device has shown a push. The time
	// never moves back. The error is escalation.ErrNotFound if that person has no
	// such device.
	DeviceShown(ctx context.Context, person, id string, at time.Time) error
}

// Reservation asks for a code and files a link.
type Reservation = ticket.Reservation

// Link is what a link's token stands for.
type Link = ticket.Link

// Code is one code of a phone.
type Code struct {
	Code       int          `json:"code"`
	Source     string       `json:"source"`
	Ticket     string       `json:"ticket"`
	Person     string       `json:"person"`
	At         time.Time    `json:"at"`
	ReleasedAt time.Time    `json:"released_at,omitzero"`
	Bundle     []ticket.Ref `json:"bundle,omitempty"` // as a Link's
}

// Device is a phone's app, or a browser, that takes pushes. It has a token of
// Firebase's, or its own subscription.
type Device struct {
	ID       string    `json:"id"` // made by the store where empty
	Person   string    `json:"person"`
	Token    string    `json:"token,omitempty"`
	Platform string    `json:"platform"` // android, ios or web
	At       time.Time `json:"at"`
	Name     string    `json:"name,omitempty"` // what its person calls it
	// Push is a browser's subscription; nil: it has a token.
	Push *Subscription `json:"push,omitempty"`
	// ShownAt is when the device last said that it showed a push; zero: never.
	ShownAt time.Time `json:"shown_at,omitzero"`
}

// Subscription is a browser's PushSubscription (W3C Push API): the address at
// which its push service takes messages, and its keys (RFC 8291), in unpadded
// base64url.
type Subscription struct {
	Endpoint string `json:"endpoint"`
	P256dh   string `json:"p256dh"` // a point of P-256, uncompressed
	Auth     string `json:"auth"`   // 16 bytes
}

// ProvenFor is how long a push that was shown proves that a device works.
const ProvenFor = 30 * 24 * time.Hour

// Proven says whether the device has shown a push lately. Only devices with a
// subscription report that.
func (d *Device) Proven(now time.Time) bool {
	return !d.ShownAt.IsZero() && now.Sub(d.ShownAt) < ProvenFor
}

// Same says whether two are one device: they have the same token or
// subscription.
func (d *Device) Same(other Device) bool { return d.address() == other.address() }

// address is the token or endpoint; no two devices have the same.
func (d *Device) address() string {
	if d.Push != nil {
		return d.Push.Endpoint
	}
	return d.Token
}
