package ticket

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// PageState is where a page stands.
type PageState string

// The states of a page. Bundled is a page that went out as part of another
// message.
const (
	PageQueued      PageState = "queued"
	PageSending     PageState = "sending"
	PageSent        PageState = "sent"
	PageDelivered   PageState = "delivered"
	PageUndelivered PageState = "undelivered"
	PageFailed      PageState = "failed"
	PageUnknown     PageState = "unknown"
	PageBundled     PageState = "bundled"
	PageCancelled   PageState = "cancelled"
)

// PageKind says why a page goes out. So it also says which text the page
// carries and until when it is wanted.
type PageKind string

// The kinds of pages.
const (
	KindPage      PageKind = "page"      // somebody has to act: wanted while the ticket is open, in the same episode
	KindJoined    PageKind = "joined"    // a new alert joined a taken ticket: wanted while it is taken
	KindTaken     PageKind = "taken"     // to others who were paged: who took it; wanted while it is taken
	KindClock     PageKind = "clock"     // so much of the promise is used: wanted until somebody picks the ticket up, in the same episode
	KindDue       PageKind = "due"       // a point of the checklist is due: wanted until the ticket closes, in the same episode
	KindReminder  PageKind = "reminder"  // so much of another promise is used: wanted while the ticket asks for work, in the same episode
	KindRecovered PageKind = "recovered" // to those who were paged: it is over; wanted while it is resolved
)

// PageKey is a page's natural key. One key is never sent twice, unless the
// outcome of the first try is unknown
// (docs/adr/0004-send-again-after-an-unknown-outcome.md).
type PageKey struct {
	Ticket  string   `json:"ticket"`
	Episode int      `json:"episode"`
	Step    KeyStep  `json:"step"`
	Round   KeyRound `json:"round"`
	Person  string   `json:"person"`
	Channel string   `json:"channel"`
}

// String writes the key as "I261121_0001/1/0/0/alice/sms". The order of keys
// means nothing.
func (k PageKey) String() string {
	return k.Ticket + "/" + strconv.Itoa(k.Episode) + "/" + strconv.Itoa(k.Step.Number()) + "/" + strconv.Itoa(k.Round.Number()) + "/" + k.Person + "/" + k.Channel
}

// ParsePageKey reads what String wrote.
func ParsePageKey(s string) (PageKey, error) {
	parts := strings.Split(s, "/")
	if len(parts) != 6 {
		return PageKey{}, fmt.Errorf("page key %q: six parts wanted, %d found", s, len(parts))
	}
	var n [3]int
	for i, p := range parts[1:4] {
		v, err := strconv.Atoi(p)
		if err != nil {
			return PageKey{}, fmt.Errorf("page key %q: %w", s, err)
		}
		n[i] = v
	}
	return PageKey{Ticket: parts[0], Episode: n[0], Step: stepOf(n[1]), Round: roundOf(n[2]), Person: parts[4], Channel: parts[5]}, nil
}

// Page is one attempt to reach one person by one channel.
type Page struct {
	PageKey
	Source  string    `json:"source"` // the ticket's source: pages live beside their ticket
	Kind    PageKind  `json:"kind"`
	Urgency Urgency   `json:"urgency"`
	At      time.Time `json:"at"` // ordered
	State   PageState `json:"state"`

	Attempts   int       `json:"attempts,omitempty"`
	RetryAt    time.Time `json:"retry_at,omitzero"` // while queued: not before
	SentAt     time.Time `json:"sent_at,omitzero"`
	ReceiptAt  time.Time `json:"receipt_at,omitzero"`
	ProviderID string    `json:"provider_id,omitempty"`
	Provider   string    `json:"provider,omitempty"` // the name of the one that was tried last
	Address    string    `json:"address,omitempty"`  // the number that was tried last
	Unclear    bool      `json:"unclear,omitempty"`  // a try may have been taken: no answer came
	Error      string    `json:"error,omitempty"`    // code and text of the last failure
	Carries    []PageRef `json:"carries,omitempty"`  // of other tickets, in the same message: they are bundled
	// Quiet marks a page of a ticket whose timeline is full: only the page itself
	// says what became of it. It goes out like any other.
	Quiet bool `json:"quiet,omitempty"`
}

// PageRef names a page and its source.
type PageRef struct {
	Source string `json:"source"`
	PageKey
}

// WantedFor reports whether a page is still worth sending, if these are the
// state and the episode that its ticket has in the store. Stores ask this
// inside the claim.
func (p *Page) WantedFor(s State, episode int) bool {
	switch p.Kind {
	case KindPage:
		return s == Open && p.Episode == episode
	case KindClock:
		return (s == Open || s == Acknowledged) && p.Episode == episode
	case KindDue:
		return s != Closed && p.Episode == episode
	case KindReminder:
		return s.Active() && p.Episode == episode
	case KindJoined, KindTaken:
		return (s == Acknowledged || s == InProgress) && p.Episode == episode
	case KindRecovered:
		return (s == StateResolved || s == Closed) && p.Episode == episode
	}
	return false
}

// MayHaveArrived reports whether the page's provider took it, or may have.
func (p *Page) MayHaveArrived() bool {
	switch p.State {
	case PageSending, PageSent, PageDelivered, PageBundled, PageUnknown:
		return true
	case PageQueued, PageCancelled:
		return p.Unclear
	case PageUndelivered, PageFailed:
	}
	return false
}

// Later reports whether a receipt may move a page from state s to next.
// Receipts come twice and out of order, and never move a page backwards.
func (s PageState) Later(next PageState) bool { return rank(next) > rank(s) }

func rank(s PageState) int {
	switch s {
	case PageQueued:
		return 0
	case PageSending:
		return 1
	case PageUnknown, PageCancelled:
		return 2
	case PageSent, PageBundled:
		return 3
	case PageDelivered, PageUndelivered, PageFailed:
		return 4
	}
	return -1
}
