package ticket

import (
	"errors"
	"slices"
	"time"
)

// RecordKind names what a stored record holds.
type RecordKind string

// The kinds of records that can be damaged.
const (
	RecordTicket RecordKind = "ticket"
	RecordAlert  RecordKind = "alert"
	RecordPage   RecordKind = "page"
	RecordEntry  RecordKind = "entry" // one of a timeline
	RecordCode   RecordKind = "code"
	RecordLink   RecordKind = "link"
	RecordOther  RecordKind = "record" // any that package records keeps
	RecordIndex  RecordKind = "index"  // it leads to the others: lists, queues, deadlines, numbers
)

// RecordKinds lists all of them.
func RecordKinds() []RecordKind {
	return []RecordKind{RecordTicket, RecordAlert, RecordPage, RecordEntry, RecordCode, RecordLink, RecordOther, RecordIndex}
}

// errUnsound is the error of Sound for a record that can be read but cannot be
// what was written.
var errUnsound = errors.New("it is not the record that was written here")

func sound(ok bool) error {
	if ok {
		return nil
	}
	return errUnsound
}

// Sound says why what was read under a number cannot be its ticket. A damaged
// record may still be JSON, such as null or {}.
func (t *Ticket) Sound(number string) error {
	known := t.State.Active() || t.State == StateResolved || t.State == Closed
	return sound(known && t.Number == number && len(t.Progress.Steps) <= len(t.Policy.Steps))
}

// Sound says why what was read under a fingerprint cannot be its alert.
func (r *AlertRecord) Sound(fingerprint string) error {
	return sound(r.Fingerprint == fingerprint && r.Status.known())
}

// known says whether a status is one that stores keep.
func (s AlertStatus) known() bool {
	return slices.Contains([]AlertStatus{Firing, Silent, Resolved}, s)
}

// Sound says why what was read under a key cannot be its page.
func (p *Page) Sound(key PageKey) error { return sound(p.PageKey == key && p.Kind != "") }

// Sound says why what was read cannot be a line of a timeline.
func (e *Entry) Sound() error { return sound(e.Kind != "" && !e.At.IsZero()) }

// Sound says why what was read cannot be a link.
func (l *Link) Sound() error { return sound(l.Ticket != "") }

// Damaged stands for a ticket whose record cannot be read. Its pages still go
// out. The arguments are what is known of it besides the record.
func Damaged(number, source string, s State, u Urgency, episode int) Ticket {
	return Ticket{
		Number: number, Source: source, Kind: Incident, State: s, Urgency: max(u, Low),
		Title: "the record of this ticket is damaged", Progress: Progress{Episode: episode},
	}
}

// DamagedPage stands for a page whose record cannot be read: what its key
// says, and what is known besides the record. It is sent as the page would
// have been.
func DamagedPage(key PageKey, source string, u Urgency, at time.Time) Page {
	kind := key.Step.Kind.Side()
	if kind == "" {
		kind = KindPage
	}
	return Page{PageKey: key, Source: source, Kind: kind, Urgency: max(u, Low), At: at, State: PageQueued}
}

// DamagedAlert stands for an alert whose record cannot be read: what is known
// of it besides the record.
func DamagedAlert(a Alert, number string, s AlertStatus, u Urgency) AlertRecord {
	if a.Status = s; !s.known() {
		a.Status = Firing
	}
	return AlertRecord{Alert: a, Ticket: number, Urgency: u}
}
