package escalation

import (
	"context"
	"errors"
	"time"

	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Store keeps tickets, alerts and deadlines for the engine. Package storetest
// holds the suite that every implementation passes.
//
// Everything of one source lives together: a call names its source, and what
// it does is atomic within that source and never touches another's. A call
// that returns an error may or may not have happened ("failed, but landed").
// So callers read again before they try again. The revision of a ticket makes
// the second try harmless. A call that returns nil is durable.
//
// Stores judge times by the caller's now, which the engine takes from Clock. A
// store never reads its own clock to decide anything.
type Store interface {
	// Observe says what is known of each observation, in order. If it is a
	// repeat, Observe counts it (Count, LastAt, SilentAt of the stored alert).
	// Only these counters may lose their last second in a crash. Nothing else is
	// changed. Two observations of one fingerprint in one call are both judged
	// against what was stored before the call. The cost does not grow with what
	// is stored.
	Observe(ctx context.Context, source string, observations []Observation) (Observed, error)

	// Load reads tickets by number. One that does not exist is left out.
	Load(ctx context.Context, source string, numbers []string) ([]ticket.Record, error)

	// Alerts reads the records of alerts by fingerprint. Unknown ones are left
	// out.
	Alerts(ctx context.Context, source string, fingerprints []string) ([]ticket.AlertRecord, error)

	// Grouped lists the fingerprints, sorted, of the alerts that came in that
	// group of the sender's and fire or are silent. Some of closed tickets may be
	// among them; Alerts leaves those out. Grouped reads no records: a group may
	// have hundreds of thousands.
	Grouped(ctx context.Context, source, senderGroup string) (fingerprints []string, err error)

	// Locate finds the source of a ticket; ErrNotFound if there is no such
	// ticket. A number that was reserved and never committed is ErrNotFound.
	Locate(ctx context.Context, number string) (source string, err error)

	// Numbers hands out n ticket numbers that start with prefix ("I261121_").
	// They ascend from 1, in one sequence over all daemons and sources, with four
	// digits or more. A number that was part of a commit, or that Numbers
	// answered, is never handed out again in the life of the store's data. Gaps
	// are allowed. A Redis that came back as another or an older one leaves a gap
	// rather than take a risk.
	Numbers(ctx context.Context, source, prefix string, n int) ([]string, error)

	// Commit applies changes, each one whole or not at all, together in one
	// durable write. The slice has one entry a change: nil if it was applied,
	// ErrConflict if what it expected no longer holds. Then somebody else came
	// first, and nothing of that change was applied. The other changes of the
	// call are applied all the same.
	Commit(ctx context.Context, source string, changes []Change) ([]error, error)

	// Due lists what is due at now, over all sources, the earliest first, up to
	// limit. next is when the deadline after those is (zero: none known). Due
	// changes nothing that a second call would miss: a deadline stands until a
	// commit moves it. The store moves on the deadlines of alerts that were heard
	// of in the meantime, and does not list them.
	Due(ctx context.Context, now time.Time, limit int) (due []Deadline, next time.Time, err error)

	// Clock is the store's own time; a daemon with a wrong clock pages by it.
	Clock(ctx context.Context) (time.Time, error)

	// Check returns an error if the store cannot be written now.
	Check(ctx context.Context) error
}

// Guesser is what a store may implement besides. It guesses, without asking
// anybody, which numbers Numbers would most likely hand out.
type Guesser interface {
	// GuessNumbers returns n numbers for tickets of source as Numbers does, or
	// none if it has no idea. Guesses reserve nothing. Commit gives them to new
	// tickets of that source if nobody else has them; otherwise it refuses the
	// change with ErrConflict. A store guesses no number twice, and none that its
	// Numbers handed out.
	GuessNumbers(source, prefix string, n int) []string
}

// Errors of a store. Any other error means that the store could not be asked.
var (
	ErrNotFound = errors.New("not found")
	ErrConflict = errors.New("somebody else changed it first")
	ErrCursor   = errors.New("no list of this store ended there")
)

// Observation is one alert of a request, and what the rules made of it.
type Observation struct {
	Alert    ticket.Alert
	Urgency  ticket.Urgency
	GroupKey string    // the group a new alert would join
	At       time.Time // when we heard of it
}

// Verdict is what a store knows of an observation.
type Verdict int8

// The verdicts.
const (
	// Unknown: its sender resolved it, and we never heard that it fired, or it is
	// over already. There is nothing to do. A remark alone (ticket.Unsaid) is
	// judged as if it resolved.
	Unknown Verdict = iota
	// Repeat: it fires, and its ticket is active. The stored alert fires with
	// this urgency or a higher one, and began then or later. It was counted.
	Repeat
	// Changed: the alert is known, and this is not a repeat. It resolves; or
	// fires again after it was resolved or silent; or has a higher urgency; or
	// fires and began later than was known; or fires while its ticket is resolved
	// (it was counted then, too). A store may miss a later beginning of an alert
	// that an older version stored.
	Changed
	// New: it fires and nothing is stored of it, or its ticket is closed or gone.
	New
)

// Observed is the answer to Observe.
type Observed struct {
	Items []ObservedAlert // one an observation, in order
	// Tickets holds the tickets that Items name, by number, except those of
	// Repeat.
	Tickets map[string]ticket.Record
	// Has counts the source's tickets. It may be left out if all Items are Repeat
	// or Unknown.
	Has Crowd
	// Alerts is how many alerts are stored of the source. It may be left out in
	// the same case. Alerts of closed tickets do not count, but some may be
	// counted still.
	Alerts int
	// Unconfirmed says why what was observed may still be lost, if the store
	// cannot promise that it will not (its replicas do not answer). No request
	// that rests on it alone may be answered as taken.
	Unconfirmed error
}

// Crowd counts the tickets of one source, whoever opened them. Stores count as
// they go. A store in one process may forget Opened when it starts.
type Crowd struct {
	Active int // active tickets
	// Opened counts the tickets that were opened in the minute before a time.
	// That time is the first observation's At, or a new ticket's OpenedAt.
	Opened int
}

// Reaches says whether any count is as high as in most. 0 in most is no bound.
func (c Crowd) Reaches(most Crowd) bool {
	return most.Active > 0 && c.Active >= most.Active || most.Opened > 0 && c.Opened >= most.Opened
}

// ObservedAlert is what is known of one observation.
type ObservedAlert struct {
	Verdict Verdict
	// Ticket is the alert's ticket (Repeat, Changed), or the latest ticket of its
	// group (New), which may be resolved; empty if there is none. A closed ticket
	// is never named.
	Ticket string
	// Alert is the record as stored (Changed); nil otherwise.
	Alert *ticket.AlertRecord
}

// Change is one ticket's change, committed whole or not at all.
type Change struct {
	// Ticket is its new state. The store indexes Ticket.NextDeadline(). A ticket
	// that is Closed loses its alerts' records, its group and its deadline. The
	// ticket itself, its pages and its timeline stay.
	Ticket ticket.Ticket
	// Revision is the revision that Ticket was computed from. 0: the ticket is
	// new, and must not exist.
	Revision int64
	// TakeGroup points the group Ticket.GroupKey at this ticket. The change is
	// refused if the group's ticket is no longer GroupWas. A closed ticket counts
	// as none.
	TakeGroup bool
	GroupWas  string
	// Most bounds what the source has. A new ticket's change (Revision 0) is
	// refused if the source Reaches Most already. Changes that were applied
	// earlier in the same call count.
	Most Crowd
	// Alerts are stored as given. Ticket.Number becomes their ticket. Their
	// SilentAt is indexed while they fire. The change is refused if an alert's
	// ticket is no longer Was, or its LastAt is no longer Heard.
	Alerts []AlertChange

	Timeline []ticket.Entry // appended; Step keeps to ticket.MaxEntries
	Pages    []ticket.Page  // queued, to be claimed; an existing key stays as it is
	// Claimed has the Pages of a new ticket (Revision 0) stored as claimed; nil:
	// they are queued.
	Claimed *Claimed
	// Records are written with it, in the source's home. The change is refused if
	// a record's revision is not the one in its write (records.ErrConflict).
	Records []records.Write
}

// Claimed is a claim that the ordering commit makes: whoever commits sends the
// pages at once. It is like the claims of package paging.
type Claimed struct {
	Owner string
	Until time.Time
	Token int64 // drawn at random, above 0
	// Reserve are codes and links to file in the same write, or with it; an
	// orphan is harmless. If the change was applied, the store sets Codes, one
	// for each (0: no phone).
	Reserve []ticket.Reservation
	Codes   []int
}

// AlertChange stores one alert.
type AlertChange struct {
	Record ticket.AlertRecord
	Was    string // the ticket that it was seen to belong to; empty: none (or a closed one)
	// Heard is the LastAt that the change rests on. Zero: it rests on none.
	Heard time.Time
}

// Deadline is something that is due: a ticket's deadline, or that of an alert
// that may have gone silent.
type Deadline struct {
	Source string
	Ticket string // number
	Alert  string // fingerprint, if it is an alert's
	At     time.Time
}
