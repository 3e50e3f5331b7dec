package signin

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/signin/passkey"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// Kinds of records.
const (
	kindAccount    = "sign-in account"    // under the person's key
	kindSession    = "session"            // under its token's hash
	kindInvitation = "sign-in invitation" // likewise
	kindBrowser    = "sign-in browser"    // likewise
)

// Expiring are the kinds of records that are removed when they are due.
func Expiring() []string { return append(passkey.Expiring(), kindSession, kindInvitation, kindBrowser) }

// DefaultSession is how long a session lasts without a request.
const DefaultSession = 12 * time.Hour

// Settings say how one may sign in.
type Settings struct {
	Passwords bool
	Passkeys  bool
	Session   time.Duration // without a request
}

// Options are a Book's parts. Records, Now and People are required.
type Options struct {
	Records  records.Store
	Now      func() time.Time
	People   func() *contacts.Directory // in force
	Settings Settings
	Log      *zap.Logger
}

// Book keeps who is signed in and by what one can sign in. It is safe for
// concurrent use.
type Book struct {
	store       records.Store
	accounts    records.Shelf[account]
	sessions    records.Shelf[Session]
	invitations records.Shelf[Invitation]
	browsers    records.Shelf[browser]
	now         func() time.Time
	people      func() *contacts.Directory
	settings    atomic.Pointer[Settings]
	seen        memory
	hasher      *hasher
	slow        *brakes
	log         *zap.Logger
}

// account is what a person signs in by. It has no name and no address: these are
// the configuration's.
type account struct {
	Password string    `json:"password,omitempty"` // its hash
	Changed  time.Time `json:"changed,omitzero"`   // when the password was set
	Writes   int       `json:"writes"`             // so that each write is a change
}

// browser has signed in as a person before.
type browser struct {
	Person string    `json:"person"`
	At     time.Time `json:"at"`
}

// New makes a Book.
func New(o Options) *Book {
	b := &Book{store: o.Records, now: o.Now, people: o.People, log: o.Log, hasher: newHasher(), slow: newBrakes()}
	if b.log == nil {
		b.log = zap.NewNop()
	}
	b.accounts = shelf[account](b, kindAccount)
	b.sessions = shelf[Session](b, kindSession)
	b.invitations = shelf[Invitation](b, kindInvitation)
	b.browsers = shelf[browser](b, kindBrowser)
	b.Set(o.Settings)
	return b
}

func shelf[T any](b *Book, kind string) records.Shelf[T] {
	return records.Shelf[T]{Store: b.store, Home: records.House, Kind: kind, Damaged: func(r records.Record, err error) {
		b.log.Warn("a record of who signs in cannot be read", zap.String("kind", r.Kind), zap.Error(err))
	}}
}

// Set puts other settings in force.
func (b *Book) Set(s Settings) {
	if s.Session <= 0 {
		s.Session = DefaultSession
	}
	b.settings.Store(&s)
}

// Settings are those in force.
func (b *Book) Settings() Settings { return *b.settings.Load() }

// Errors of a Book. Any other means that the store could not be asked.
var (
	// ErrNotFound: there is no such session, invitation or person.
	ErrNotFound = errors.New("there is no such thing")
	// ErrWrong: this does not sign anybody in.
	ErrWrong = errors.New("this signs nobody in")
	// ErrRole: the role may not do that.
	ErrOff = errors.New("the configuration does not allow it")
)

// newToken is 130 bits that nobody can guess.
func newToken() string { return rand.Text() }

// tokenBytes is how long a token may be that is looked up.
const tokenBytes = 64

// hashed is the key of what a token opens; false for what can be no token.
func hashed(token string) (key string, ok bool) {
	if len(token) < 20 || len(token) > tokenBytes {
		return "", false
	}
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:]), true
}

// person is somebody of the configuration in force.
func (b *Book) person(key string) (contacts.Person, bool) {
	if key == "" {
		return contacts.Person{}, false
	}
	return b.people().Person(key)
}

// named finds a person by the key or by the address, whatever the case. An
// address of several is nobody's.
func (b *Book) named(name string) (contacts.Person, bool) {
	name = strings.TrimSpace(name)
	if name == "" || len(name) > maxName {
		return contacts.Person{}, false
	}
	if p, ok := b.person(name); ok {
		return p, true
	}
	return b.only(func(p *contacts.Person) bool {
		return strings.EqualFold(p.Key, name) || (p.Email != "" && strings.EqualFold(p.Email, name))
	})
}

// only is the one person of whom something is true.
func (b *Book) only(is func(p *contacts.Person) bool) (found contacts.Person, ok bool) {
	people := b.people().People()
	for i := range people {
		if !is(&people[i]) {
			continue
		}
		if ok {
			return contacts.Person{}, false
		}
		found, ok = people[i], true
	}
	return found, ok
}

// maxName is how long a name may be that somebody signs in by.
const maxName = ticket.MaxSignInName

// account reads a person's; there may be none yet.
func (b *Book) account(ctx context.Context, person string) (records.Item[account], error) {
	item, err := paging.Readable(b.accounts.Get(ctx, person))
	if err != nil {
		return item, fmt.Errorf("signin: account of %s: %w", person, err)
	}
	return item, nil
}

// put is a write of an account that was read.
func (b *Book) put(person string, was records.Item[account]) (records.Write, error) {
	was.Of.Writes++
	w, err := b.accounts.Put(person, was.Revision, was.Of)
	w.Vital = true
	return w, err
}

// tries is how often a write is done anew if somebody else changed the same.
const tries = 10

// again does something until nobody else changes the same meanwhile.
func again(do func() error) error {
	for try := 1; ; try++ {
		if err := do(); !errors.Is(err, records.ErrConflict) || try == tries {
			return err
		}
	}
}

// EndAll ends all sessions of a person, and what was to open others. It reports how many
// sessions there were. keep is the key of a session that stays.
func (b *Book) EndAll(ctx context.Context, person, keep string) (ended int, err error) {
	err = again(func() error { // no sign-in that is under way comes through after this
		was, err := b.account(ctx, person)
		if err != nil || was.Revision == 0 {
			return err
		}
		w, err := b.put(person, was)
		if err == nil {
			_, err = b.store.Write(ctx, records.House, w)
		}
		return err //nolint:wrapcheck // below
	})
	if err == nil {
		ended, err = b.end(ctx, func(who string) bool { return who == person }, keep)
	}
	if err != nil {
		return ended, fmt.Errorf("signin: end the sessions of %s: %w", person, err)
	}
	return ended, nil
}

// end removes sessions and invitations.
func (b *Book) end(ctx context.Context, of func(person string) bool, keep string) (ended int, err error) {
	sessions, err := b.sessions.List(ctx)
	if err != nil {
		return 0, err //nolint:wrapcheck // its callers do
	}
	for i := range sessions {
		if s := &sessions[i]; of(s.Of.Person) && s.Key != keep {
			if _, err := b.store.Write(ctx, records.House, b.sessions.Remove(s.Key, records.Any)); err != nil {
				return ended, err //nolint:wrapcheck // its callers do
			}
			b.seen.forget(s.Key)
			ended++
		}
	}
	invitations, err := b.invitations.List(ctx)
	if err != nil {
		return ended, err //nolint:wrapcheck // its callers do
	}
	for i := range invitations {
		if n := &invitations[i]; of(n.Of.Person) {
			if _, err := b.store.Write(ctx, records.House, b.invitations.Remove(n.Key, records.Any)); err != nil {
				return ended, err //nolint:wrapcheck // its callers do
			}
		}
	}
	return ended, nil
}

// Sweep ends the sessions of those who are no longer configured.
func (b *Book) Sweep(ctx context.Context) error {
	people := b.people()
	ended, err := b.end(ctx, func(person string) bool { _, ok := people.Person(person); return !ok }, "")
	if ended > 0 {
		b.log.Info("sessions ended of people who are no longer configured", zap.Int("sessions", ended))
	}
	if err != nil {
		return fmt.Errorf("signin: end the sessions of who is gone: %w", err)
	}
	return nil
}

// cut is as much of foreign text as is kept.
func cut(text string) string { return ticket.Cut(strings.ToValidUTF8(text, ""), ticket.MaxLogged) }
