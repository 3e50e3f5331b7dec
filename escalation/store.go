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
// that returns an error may or may not have happened ("failed, but landed"):
// callers read again before they try again, and the revision of a ticket makes
// the second try harmless. A call that returns nil is durable.
//
// Times are judged by the caller's now, which the engine takes from Clock.
// Stores never read a clock of their own to decide anything.
type Store interface {
	// Observe says of each observation, in order, what is known of it, and
	// counts it where it is a repeat (Count, LastAt, SilentAt of the stored
	// alert; those counters alone may lose their last second in a crash).
	// Nothing else is changed. Two observations of one fingerprint in one call
	// are both judged against what was stored before the call. The cost does
	// not grow with what is stored.
	Observe(ctx context.Context, source string, observations []Observation) (Observed, error)

	// Load reads tickets by number. One that does not exist is left out.
	Load(ctx context.Context, source string, numbers []string) ([]ticket.Record, error)

	// Alerts reads the records of alerts by fingerprint, leaving out unknown
	// ones.
	Alerts(ctx context.Context, source string, fingerprints []string) ([]ticket.AlertRecord, error)

	// Grouped lists the fingerprints, sorted, of the alerts that fire or are
	// silent and came in that group of the sender's; some of closed tickets may be
	// among them, which Alerts leaves out. It reads no records: a group may have
	// hundreds of thousands.
	Grouped(ctx context.Context, source, senderGroup string) (fingerprints []string, err error)

	// Locate finds the source of a ticket; ErrNotFound if there is no such
	// ticket. A number that was reserved and never committed is ErrNotFound.
	Locate(ctx context.Context, number string) (source string, err error)

	// Numbers hands out n ticket numbers that start with prefix ("I261121_"),
	// ascending, one sequence over all daemons and sources, from 1, four
	// digits or more. A number is never handed out twice once it was part of a
	// commit or was answered by Numbers in the life of the store's data; gaps
	// are allowed (and made, rather than a risk taken, when a Redis came back
	// as another or an older one).
	Numbers(ctx context.Context, source, prefix string, n int) ([]string, error)

	// Commit applies changes, each one whole or not at all, together in one
	// durable write. The slice has one entry a change: nil if it was
	// applied, ErrConflict where what it expected is no longer so (somebody
	// else came first; nothing of that change was applied). The other changes
	// of the call are applied all the same.
	Commit(ctx context.Context, source string, changes []Change) ([]error, error)

	// Due lists what is due at now, over all sources, the earliest first, up
	// to limit, and when the next deadline after that is (zero: none known).
	// It changes nothing that a second call would miss: a deadline stands
	// until a commit moves it. Deadlines of alerts that were heard of in the
	// meantime are moved on by the store and not listed.
	Due(ctx context.Context, now time.Time, limit int) (due []Deadline, next time.Time, err error)

	// Clock is the store's own time; a daemon with a wrong clock pages by it.
	Clock(ctx context.Context) (time.Time, error)

	// Check returns an error where the store cannot be written now.
	Check(ctx context.Context) error
}

// Guesser is what a store may be besides: it says without asking anybody which
// numbers Numbers would most likely hand out.
type Guesser interface {
	// GuessNumbers returns n numbers for tickets of source as Numbers does, or
	// none if it has no idea. They are reserved for nobody: Commit gives them
	// to new tickets of that source where nobody else has them, and else refuses
	// the change by ErrConflict. A store guesses no number twice, and none that
	// its Numbers handed out.
	GuessNumbers(source, prefix string, n int) []string
}

// Errors of a store. Any other error means that the store could not be asked.
var (
	ErrNotFound = errors.New("not found")
	ErrConflict = errors.New("somebody else changed it first")
	ErrCursor   = errors.New("no list of this store ended there")
)

// Observation is one alert of a request, with what the rules made of it.
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
	// Unknown: resolved by its sender, and we never heard that it fired, or it
	// is over already. Nothing to do.
	Unknown Verdict = iota
	// Repeat: it fires, is known to fire with this urgency or a higher one and
	// to have begun then or later, and its ticket is active. It was counted.
	Repeat
	// Changed: the alert is known, and this is not a repeat: it resolves,
	// fires again after it was resolved or silent, has a higher urgency, fires
	// and began later than was known (a store may pass over that of an alert
	// that an older version stored), or
	// fires while its ticket is resolved (it was counted then, too).
	Changed
	// New: it fires and nothing is stored of it, or its ticket is closed or gone.
	New
)

// Observed is the answer to Observe.
type Observed struct {
	Items []ObservedAlert // one an observation, in order
	// Tickets holds those that Items name, Repeat's left out, by number.
	Tickets map[string]ticket.Record
	// Has is what the source has; where all Items are Repeat or Unknown it may
	// be left out.
	Has Crowd
	// Alerts is how many alerts are stored of the source, likewise: all but those
	// of closed tickets, of which some may be counted still.
	Alerts int
	// Unconfirmed says why what was observed may still be lost, where the
	// store cannot promise that it will not (its replicas do not answer).
	// Nothing that rests on it alone may be answered as taken.
	Unconfirmed error
}

// Crowd counts tickets of one source, whoever opened them. Stores count as they
// go; what a store in one process knows of Opened it may forget at a start.
type Crowd struct {
	Active int // that are active
	// Opened counts those that were opened in the minute before a time: before
	// the first observation's At, or before a new ticket's OpenedAt.
	Opened int
}

// Reaches says whether it is as many as most in anything, 0 being no bound.
func (c Crowd) Reaches(most Crowd) bool {
	return most.Active > 0 && c.Active >= most.Active || most.Opened > 0 && c.Opened >= most.Opened
}

// ObservedAlert is what is known of one observation.
type ObservedAlert struct {
	Verdict Verdict
	// Ticket is the ticket it belongs to (Repeat, Changed), or the latest
	// ticket of its group (New), which may be resolved; empty if there is
	// none. A closed ticket is never named.
	Ticket string
	// Alert is the record as stored (Changed); nil otherwise.
	Alert *ticket.AlertRecord
}

// Change is one ticket's change, committed whole or not at all.
type Change struct {
	// Ticket is its new state. The store indexes Ticket.NextDeadline(). A
	// ticket that is Closed loses its alerts' records, its group and its
	// deadline; itself, its pages and its timeline stay.
	Ticket ticket.Ticket
	// Revision is the one that Ticket was computed from; 0: it is new and must
	// not exist.
	Revision int64
	// TakeGroup points the group Ticket.GroupKey at this ticket; the change is
	// refused where the group's ticket is no longer GroupWas. A closed ticket
	// counts as none.
	TakeGroup bool
	GroupWas  string
	// Most bounds what the source has: the change of a new ticket (Revision 0)
	// is refused where that Reaches it already, with what was applied before in
	// the same call.
	Most Crowd
	// Alerts are stored as they are here, Ticket.Number being their ticket,
	// their SilentAt indexed while they fire. The change is refused where an
	// alert's ticket is no longer Was, or its LastAt no longer Heard.
	Alerts []AlertChange

	Timeline []ticket.Entry // appended; Step sees to it that there are ticket.MaxEntries at most
	Pages    []ticket.Page  // queued, to be claimed; a key that exists already is left as it is
	// Claimed has the Pages of a new ticket (Revision 0) stored as claimed
	// already; nil: they are queued.
	Claimed *Claimed
	// Records are written with it, in the source's home: the change is refused
	// where one has not the revision that its write knows (records.ErrConflict).
	Records []records.Write
}

// Claimed is a claim that is made by the commit that orders the pages: whoever
// commits sends them at once. It is one as package paging makes them.
type Claimed struct {
	Owner string
	Until time.Time
	Token int64 // drawn at random, above 0
	// Reserve are codes and links to file in the same write, or with it: an
	// orphan is harmless. The store sets Codes, one each (0: no phone), where
	// the change was applied.
	Reserve []ticket.Reservation
	Codes   []int
}

// AlertChange stores one alert.
type AlertChange struct {
	Record ticket.AlertRecord
	Was    string // the ticket it was seen to belong to, empty if none (or a closed one)
	// Heard is the LastAt that the change rests on; zero: it rests on none.
	Heard time.Time
}

// Deadline is something that is due: a ticket's, or an alert's that may have
// gone silent.
type Deadline struct {
	Source string
	Ticket string // number
	Alert  string // fingerprint, where it is an alert's
	At     time.Time
}
