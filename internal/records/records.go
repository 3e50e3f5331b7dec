package records

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/astreinte/astreinte/internal/ticket"
)

// House is the home of what belongs to no source.
const House = "house"

// Errors of a store. Any other error means that the store could not be asked,
// and that a write may have happened.
var (
	ErrNotFound = errors.New("there is no such record")
	// ErrUnreadable: the record's value is not a value of its kind.
	ErrUnreadable = errors.New("its value cannot be read")
	// ErrConflict: the record has another revision than its writer knew. Nothing
	// of the write was done.
	ErrConflict = errors.New("somebody else changed the record first")
)

// Record is what a store keeps under a home, a kind and a key. Stores keep its
// times to the microsecond.
type Record struct {
	Home, Kind, Key string

	Value    []byte
	Revision int64     // never zero
	Due      time.Time // when it asks for work; zero: never
	Owner    string    // of the present claim; empty if there is none
	Until    time.Time // when the present claim runs out
}

// Write is a change of one record of a home.
type Write struct {
	Kind, Key string

	// Revision is the revision that the record must have. Zero: there must be no
	// record. Any: it does not matter.
	Revision int64

	Remove bool // removes the record; it may be gone already
	// Vital marks a record that is needed to answer or to end what was accepted.
	// A full store takes it while its spare room lasts, and refuses other new
	// records.
	Vital bool
	Value []byte
	Due   time.Time
}

// Any is the Revision of a write that overwrites whatever is there.
const Any int64 = -1

// Claim asks for records that are due.
type Claim struct {
	Kind  string
	Owner string
	Now   time.Time
	Until time.Time // when the claims run out
	Most  int
}

// Store keeps records. It is safe for concurrent use.
type Store interface {
	// Get reads one record; ErrNotFound if there is none.
	Get(ctx context.Context, home, kind, key string) (Record, error)

	// List reads the records of a kind in the order of their keys (by bytes). It
	// reads at most most of those whose keys come after the given one.
	List(ctx context.Context, home, kind, after string, most int) ([]Record, error)

	// Write does all of the writes or none of them, in one durable commit. The
	// writes are of different records. It returns their new revisions; zero for a
	// record that was removed. A write ends the record's claim. Writes that Check
	// refuses are refused before the store is asked.
	Write(ctx context.Context, home string, writes ...Write) (revisions []int64, err error)

	// Claim gives the owner those records of a kind, of all homes, that are due
	// and not claimed, or whose claim ran out, the earliest first. Each then has
	// a new revision. Whoever writes its outcome needs that revision.
	Claim(ctx context.Context, c Claim) ([]Record, error)

	// Watch returns a channel that receives soon after a record of that kind has
	// changed, on any daemon. It is a hint: one may come for several changes, for
	// none, or not at all. So its reader must also look again every few seconds.
	// The channel is never closed. When the context ends, nothing more comes.
	Watch(ctx context.Context, kind string) <-chan struct{}
}

// Instant is t as a store keeps it.
func Instant(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Microsecond)
}

// Grows reports whether a full store refuses the write.
func (w *Write) Grows() bool { return w.Revision <= 0 && !w.Remove && !w.Vital }

// Check says what is wrong with writes of a home. Stores call it before they
// do anything.
func Check(home string, writes []Write) error {
	if err := name("home", home, ticket.MaxRecordKey); err != nil {
		return err
	}
	seen := make(map[[2]string]bool, len(writes))
	for i := range writes {
		w := &writes[i]
		if err := errors.Join(name("kind", w.Kind, ticket.MaxRecordKind), name("key", w.Key, ticket.MaxRecordKey)); err != nil {
			return err
		}
		if len(w.Value) > ticket.MaxRecordValue {
			return fmt.Errorf("records: %s %q has %d bytes, at most %d are kept", w.Kind, w.Key, len(w.Value), ticket.MaxRecordValue)
		}
		id := [2]string{w.Kind, w.Key}
		if seen[id] {
			return fmt.Errorf("records: %s %q is written twice at once", w.Kind, w.Key)
		}
		seen[id] = true
	}
	return nil
}

// name refuses what cannot be part of a key in every store.
func name(what, s string, most int) error {
	switch {
	case s == "":
		return fmt.Errorf("records: the %s is empty", what)
	case len(s) > most:
		return fmt.Errorf("records: a %s has %d bytes at most, not %d", what, most, len(s))
	case !utf8.ValidString(s):
		return fmt.Errorf("records: the %s %q is not UTF-8", what, s)
	}
	if strings.ContainsRune(s, 0) {
		return fmt.Errorf("records: the %s %q has a zero byte", what, s)
	}
	return nil
}
