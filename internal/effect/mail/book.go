package mail

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/effect"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Receiver is what the effects of this package call who carries them.
const Receiver = "smtp"

// Kinds of records, beside ticket.LetterRecords: what became of a mail, under its name,
// and when a person's last ones were recorded, under the person's key.
const (
	kindMailed  = "letter sent"
	kindMeasure = "letters of"
)

// keptFor is how long it is known that a mail was recorded, and what became of it.
const keptFor = 30 * 24 * time.Hour

// Expiring are the kinds of records that are removed when they are due.
func Expiring() []string { return []string{kindMailed, kindMeasure} }

// Why a mail is not recorded. Any other error means that the store could not be asked.
var (
	// ErrOff: no mail is configured.
	ErrOff = errors.New("no mail is configured")
	// ErrNobody: there is no such person, or the person has no address.
	ErrNobody = errors.New("nobody with an address has this name")
	// ErrTooMany: the person has had as many as one may have within an hour.
	ErrTooMany = errors.New("the person has had as many mails as one may have within an hour")
)

// Mail is a mail to a person.
type Mail struct {
	Kind string // what it is for, one word: "handover"
	// Key names the mail among those of its kind to its person. The same one goes out
	// once.
	Key           string
	Subject, Body string    // plain text, in the person's language
	Until         time.Time // it is no use after that; zero: for a day
}

// Book records mails. It is safe for concurrent use.
type Book struct {
	store  records.Store
	now    func() time.Time
	people func() *contacts.Directory
	on     atomic.Bool
}

var _ effect.Tickets = (*Book)(nil)

// NewBook makes one for a store, and for the people in force. Nothing is configured yet.
func NewBook(store records.Store, now func() time.Time, people func() *contacts.Directory) *Book {
	return &Book{store: store, now: now, people: people}
}

// Set says whether mail is configured.
func (b *Book) Set(on bool) { b.on.Store(on) }

// On says whether mail is configured.
func (b *Book) On() bool { return b.on.Load() }

// measure is when a person's last mails were recorded.
type measure struct {
	Mails []mailed `json:"mails"`
}

type mailed struct {
	Kind string    `json:"kind"`
	At   time.Time `json:"at"`
}

// outcome is what became of a mail. It is there as soon as the mail is.
type outcome struct {
	Person string    `json:"person"` // or the address that it went to
	Kind   string    `json:"kind"`
	Queued time.Time `json:"queued"`
	Ended  time.Time `json:"ended,omitzero"`
	Sent   bool      `json:"sent,omitempty"`
	Tries  int       `json:"tries,omitempty"` // that failed
	Error  string    `json:"error,omitempty"`
}

// To records a mail to a person, which goes out soon. If the same one was recorded
// before, it changes nothing. The error is ErrOff, ErrNobody or ErrTooMany, or says
// that the store could not be asked.
func (b *Book) To(ctx context.Context, person string, m Mail) error {
	if !b.On() {
		return ErrOff
	}
	if p, ok := b.people().Person(person); !ok || p.Email == "" {
		return ErrNobody
	}
	return b.record(ctx, &ticket.Letter{Person: person}, person, &m)
}

// ToAddress is To for an address that is no person's.
func (b *Book) ToAddress(ctx context.Context, address string, m Mail) error {
	if !b.On() {
		return ErrOff
	}
	return b.record(ctx, &ticket.Letter{Address: address}, address, &m)
}

// record records a mail, once. to names whoever gets it.
func (b *Book) record(ctx context.Context, letter *ticket.Letter, to string, m *Mail) error {
	name := nameOf(m.Kind, to, m.Key)
	err := again(func() error {
		_, err := b.store.Get(ctx, records.House, kindMailed, name)
		if !errors.Is(err, records.ErrNotFound) {
			return err // nil: it was recorded before
		}
		writes, err := b.writes(ctx, name, to, letter, m)
		if err == nil {
			_, err = b.store.Write(ctx, records.House, writes...)
		}
		return err
	})
	if err != nil && !errors.Is(err, ErrTooMany) {
		return fmt.Errorf("mail: record one of %s to %s: %w", m.Kind, ticket.Logged(to), err)
	}
	return err
}

// writes are the records of a mail that is new.
func (b *Book) writes(ctx context.Context, name, to string, letter *ticket.Letter, m *Mail) ([]records.Write, error) {
	now := records.Instant(b.now())
	counted, err := b.counted(ctx, to, m.Kind, now, ticket.MaxMails)
	if err != nil {
		return nil, err
	}
	letter.Subject, letter.Body, letter.Until = ticket.Cut(m.Subject, ticket.MaxMailSubject), ticket.Cut(m.Body, ticket.MaxMailBody), m.Until
	e := ticket.Effect{Ticket: name, To: Receiver, Order: "1", Event: m.Kind, At: now, Queued: now, Letter: letter}
	value, err := e.Value()
	if err != nil {
		return nil, err //nolint:wrapcheck // it names itself
	}
	shelf := b.outcomes()
	ledger, err := shelf.Put(name, 0, outcome{Person: to, Kind: m.Kind, Queued: now})
	ledger.Due = now.Add(keptFor)
	return []records.Write{counted, ledger, {Kind: ticket.LetterRecords, Key: e.Key(), Value: value, Due: now}}, err
}

func (b *Book) outcomes() records.Shelf[outcome] {
	return records.Shelf[outcome]{Store: b.store, Home: records.House, Kind: kindMailed}
}

// counted counts one more mail to a person: ErrTooMany if there are so many of the last
// hour, or most of the kind.
func (b *Book) counted(ctx context.Context, person, kind string, now time.Time, most int) (records.Write, error) {
	shelf := records.Shelf[measure]{Store: b.store, Home: records.House, Kind: kindMeasure}
	was, err := shelf.Get(ctx, person)
	if err != nil && !errors.Is(err, records.ErrNotFound) && !errors.Is(err, records.ErrUnreadable) {
		return records.Write{}, err
	}
	all := slices.DeleteFunc(was.Of.Mails, func(m mailed) bool { return now.Sub(m.At) >= time.Hour })
	like := 0
	for _, m := range all {
		if m.Kind == kind {
			like++
		}
	}
	if len(all) >= ticket.MaxMails || like >= most {
		return records.Write{}, ErrTooMany
	}
	w, err := shelf.Put(person, was.Revision, measure{append(all, mailed{kind, now})})
	w.Due = now.Add(time.Hour)
	return w, err
}

// Late records a mail of which nothing is known yet but what somebody typed: whom it is
// to and what it says is found when it is sent (Options.Late), or that it is to nobody.
// It takes the same whatever was typed. Two of one minute that wait to be sent are one.
func (b *Book) Late(ctx context.Context, kind, asked string, until time.Time) error {
	if !b.On() {
		return ErrOff
	}
	now := records.Instant(b.now())
	e := ticket.Effect{
		Ticket: nameOf(kind, "", strings.ToLower(asked)+" "+now.Format("200601021504")), To: Receiver, Order: "1", Event: kind, At: now, Queued: now,
		Letter: &ticket.Letter{Asked: asked, Until: until},
	}
	value, err := e.Value()
	if err == nil {
		_, err = b.store.Write(ctx, records.House, records.Write{Kind: ticket.LetterRecords, Key: e.Key(), Value: value, Due: now})
	}
	if err != nil && !errors.Is(err, records.ErrConflict) {
		return fmt.Errorf("mail: record one of %s: %w", kind, err)
	}
	return nil
}

// charge counts a mail whose person was just found.
func (b *Book) charge(ctx context.Context, person, kind string, most int) error {
	return again(func() error {
		w, err := b.counted(ctx, person, kind, records.Instant(b.now()), most)
		if err == nil {
			_, err = b.store.Write(ctx, records.House, w)
		}
		return err
	})
}

// EndEffect records what became of a mail, and forgets what it said (effect.Tickets).
func (b *Book) EndEffect(ctx context.Context, end ticket.EffectEnd) error {
	e := &end.Effect
	writes := []records.Write{{Kind: ticket.LetterRecords, Key: e.Key(), Revision: end.Revision, Remove: true}}
	if e.Letter != nil && e.Letter.Whom() != "" {
		now := records.Instant(b.now())
		shelf := b.outcomes()
		w, err := shelf.Put(e.Ticket, records.Any, outcome{
			Person: e.Letter.Whom(), Kind: e.Event, Queued: e.Queued, Ended: now, Sent: end.Sent, Tries: e.Tries, Error: ticket.Cut(end.Why, ticket.MaxEffectError),
		})
		if err != nil {
			return err //nolint:wrapcheck // it names itself
		}
		w.Due, w.Vital = now.Add(keptFor), true
		writes = append(writes, w)
	}
	if _, err := b.store.Write(ctx, records.House, writes...); err != nil {
		return fmt.Errorf("mail: end the mail %s: %w", e.Key(), err)
	}
	return nil
}

// Over says of an error of EndEffect that somebody else has the mail, or has ended it.
func Over(err error) bool { return errors.Is(err, records.ErrConflict) }

// Gone is never so: there is always somewhere to tell a mail's end.
func Gone(error) bool { return false }

// nameOf names a mail. A key may be as long as it likes.
func nameOf(kind, person, key string) string {
	sum := sha256.Sum256([]byte(key))
	return kind + " " + person + " " + hex.EncodeToString(sum[:16])
}

// tries is how often a write is done anew if somebody else changed the same.
const tries = 10

func again(do func() error) error {
	for try := 1; ; try++ {
		if err := do(); !errors.Is(err, records.ErrConflict) || try == tries {
			return err
		}
	}
}
