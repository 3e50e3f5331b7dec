package paging

import (
	"context"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// Store is the queue of pages, as the outbox needs it. Pages get into it by
// escalation's commits, in the same write as the ticket that ordered them.
// What escalation.Store says of errors and of times holds here too.
type Store interface {
	// Claim takes up to Limit pages that are queued with RetryAt not after
	// Now, or whose claim ran out before Now, the most urgent first; none that is
	// less urgent than AtLeast, and none of the sources Except. Of one urgency
	// the sources take turns, a page each, over all calls to this store: whoever
	// was served longest ago, then whose page waits longest. A source's own go in
	// the order in which they wait.
	// In the same atomic step it asks again whether each is still wanted
	// (ticket.Page.WantedFor with the ticket as stored); one that is not
	// becomes cancelled, is not returned and does not count. A claimed page is
	// PageSending, its Attempts one higher, and belongs to Owner until the time
	// Until. next is when the next page that was not taken becomes ready
	// (zero: none known; not after Now: more are ready); of pages that are less
	// urgent than AtLeast, or of Except, it says nothing for certain. A page whose hold
	// (Receipt.Hold) is over comes too, as it is but for its claim: its ticket
	// may not have heard that it failed. One that is no longer wanted loses its
	// hold and nothing else.
	Claim(ctx context.Context, r ClaimRequest) (claims []Claim, next time.Time, err error)

	// Extend moves the end of these claims, where they are still theirs who
	// name them and their pages are being sent; the others are left as they are.
	Extend(ctx context.Context, claims []ClaimRef, until time.Time) error

	// Pace takes a turn of each of these paces, of all or of none. wait is zero
	// where they were taken; else it is when to ask again, after now. Forced,
	// they are taken whatever was taken before, and what comes later waits the
	// longer. All daemons on a store share its paces; a pace may be forgotten
	// in a crash or a failover, which lets a burst go too early and no more.
	Pace(ctx context.Context, now time.Time, turns []Turn, forced bool) (wait time.Time, err error)

	// Finish records what became of claimed pages. An outcome whose token is
	// no longer the page's (the claim ran out and somebody else took it) is
	// dropped, except that a provider id is still recorded so that receipts
	// find the page. The slice says of each outcome whether it was applied.
	Finish(ctx context.Context, outcomes []Outcome) ([]bool, error)

	// Receipt records a provider's word on a page, found by its key or, where
	// that is empty, by the provider's id. It never moves a page backwards
	// (ticket.PageState.Later): changed says whether it moved. The page is
	// returned as it is now; escalation.ErrNotFound if there is none. Where
	// r.Hold is set, and the page moves and is in nobody's hands, it is claimed
	// by r.Hold; Finish ends that, and leaves its state as it is.
	Receipt(ctx context.Context, r Receipt) (page ticket.Page, changed bool, err error)

	// Pages lists the pages of a ticket in the order they were ordered.
	Pages(ctx context.Context, source, number string) ([]ticket.Page, error)

	// Stats is what the store counts as it goes.
	Stats(ctx context.Context) (ticket.Stats, error)
}

// ClaimRequest says what to claim, for whom and until when.
type ClaimRequest struct {
	Owner      string
	Now, Until time.Time
	Limit      int
	AtLeast    ticket.Urgency // the zero urgency: any
	Except     []string       // sources that are left alone
}

// ClaimRef names a claim that somebody holds.
type ClaimRef struct {
	Source string
	Key    ticket.PageKey
	Token  int64
}

// Turn is one message's turn in a pace: after a pause Burst of them may go at
// once, then one each Every.
type Turn struct {
	Pace  string // its name
	Every time.Duration
	Burst int // 1 at least
}

// Claim is one claimed page.
type Claim struct {
	Page   ticket.Page
	Ticket ticket.Ticket // as it is now
	Token  int64         // fences this claim off from later ones
	// Again says that an earlier claim ran out: whether that page was sent is
	// unknown, and it is sent again rather than lost.
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
	At         time.Time // SentAt, where State is PageSent
	ProviderID string    // indexed for Receipt; empty: as it was
	Provider   string    // its name; empty: as it was
	Address    string
	Unclear    bool // the provider gave no answer: the page keeps that for good
	Error      string
	// Untried says that the page was put back without a try, which is not
	// counted among its Attempts.
	Untried bool
	// Carries are the pages of other tickets that went out in this one's
	// message.
	Carries []ticket.PageRef
	Entry   *ticket.Entry // appended to the ticket's timeline, where not nil and the page is not Quiet
}

// Receipt is a provider's later word on a page.
type Receipt struct {
	Source     string         // with Key
	Key        ticket.PageKey // the zero key: look ProviderID up
	ProviderID string
	State      ticket.PageState // PageSent, PageDelivered, PageUndelivered or PageFailed
	Error      string
	At         time.Time
	Entry      *ticket.Entry // appended to the timeline if the page moved, unless it is Quiet
	// Hold is set where the ticket has to hear of it: who dies before that
	// leaves the page to be claimed by another.
	Hold *Hold
}

// Hold is a claim that the caller makes.
type Hold struct {
	Owner string
	Until time.Time
	Token int64 // drawn at random, above 0
}

// Phonebook keeps what belongs to people and phones rather than to a ticket:
// codes, links and devices. Each call is atomic; an entry that nothing came of
// is harmless.
type Phonebook interface {
	// Reserve gives the phone a code for the ticket and files the link. A
	// phone keeps one code a ticket, also after Release and a new Reserve
	// while that code was not given to another. Codes start at 11, are unique
	// per phone, and a released one is given to another ticket 72 h after its
	// release at the earliest. Where r.Phone is empty only the link is filed
	// and the code is 0.
	Reserve(ctx context.Context, r Reservation) (code int, err error)

	// Release says that the ticket is over for the phone.
	Release(ctx context.Context, phone, number string, at time.Time) error

	// Codes lists the phone's codes, released ones too as long as they are
	// known, in order of code.
	Codes(ctx context.Context, phone string) ([]Code, error)

	// Link finds what a link's token, hashed, stands for;
	// escalation.ErrNotFound where it is unknown.
	Link(ctx context.Context, hash string) (Link, error)

	// Devices lists a person's devices, or everybody's where person is empty,
	// oldest first.
	Devices(ctx context.Context, person string) ([]Device, error)

	// PutDevice files a device. One whose token or endpoint is known keeps its id
	// and moves to its new owner; what it has shown to the same person stays
	// known.
	PutDevice(ctx context.Context, d Device) (Device, error)

	// DropDevice removes a device by id; escalation.ErrNotFound where it is
	// not that person's.
	DropDevice(ctx context.Context, person, id string) error

	// DeviceShown notes that a device has shown a push, to the minute: a device
	// never becomes less proven by it. escalation.ErrNotFound where it is not
	// that person's.
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

// Device is a phone's app, or a browser, that takes pushes: by a token of
// Firebase's, or by a subscription of its own.
type Device struct {
	ID       string    `json:"id"` // made by the store where empty
	Person   string    `json:"person"`
	Token    string    `json:"token,omitempty"`
	Platform string    `json:"platform"` // android, ios or web
	At       time.Time `json:"at"`
	Name     string    `json:"name,omitempty"` // what its person calls it
	// Push is a browser's subscription; nil: it has a token.
	Push *Subscription `json:"push,omitempty"`
	// ShownAt is when it last said that it showed a push; zero: never.
	ShownAt time.Time `json:"shown_at,omitzero"`
}

// Subscription is a browser's PushSubscription (W3C Push API): where its push
// service takes messages for it, and its keys (RFC 8291), in unpadded base64url.
type Subscription struct {
	Endpoint string `json:"endpoint"`
	P256dh   string `json:"p256dh"` // a point of P-256, uncompressed
	Auth     string `json:"auth"`   // 16 bytes
}

// ProvenFor is how long a push that was shown proves that a device works.
const ProvenFor = 30 * 24 * time.Hour

// Proven says whether the device has shown a push of late. Only those with a
// subscription tell.
func (d *Device) Proven(now time.Time) bool {
	return !d.ShownAt.IsZero() && now.Sub(d.ShownAt) < ProvenFor
}

// Same says whether two are one device: of the same token or subscription.
func (d *Device) Same(other Device) bool { return d.address() == other.address() }

// address is what no two devices have in common.
func (d *Device) address() string {
	if d.Push != nil {
		return d.Push.Endpoint
	}
	return d.Token
}
