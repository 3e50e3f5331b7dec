package signin

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// Ways to sign in.
const (
	ByPassword   = "password"
	ByPasskey    = "passkey"
	ByProvider   = "oidc"
	ByInvitation = "invitation"
)

// Session is a browser that is signed in.
type Session struct {
	ID      string    `json:"-"` // what it is called by; no part of its token
	Key     string    `json:"-"` // its record's
	Person  string    `json:"person"`
	How     string    `json:"how"`    // password, passkey, oidc or invitation
	Device  string    `json:"device"` // as the browser calls itself
	Address string    `json:"address"`
	Created time.Time `json:"created"`
	Used    time.Time `json:"used"` // at least; written every 10 minutes at most
	Phone   bool      `json:"phone,omitempty"`
}

const (
	// usedEvery is how often a session's last use is written.
	usedEvery = 10 * time.Minute
	// phoneFor is how long a phone's record is kept without a request: for ever, so
	// far as it is looked after.
	idBytes = 12
)

// From is who asks.
type From struct {
	Device  string // as the browser calls itself
	Address string
}

// open is the write of a new session, and its token.
func (b *Book) open(person, how string, from From, phone bool) (records.Write, string, error) {
	now := b.now()
	token := newToken()
	key, _ := hashed(token)
	s := Session{
		Person: person, How: how, Device: cut(from.Device), Address: cut(from.Address), Created: records.Instant(now), Used: records.Instant(now), Phone: phone,
	}
	w, err := b.sessions.Put(key, 0, s)
	w.Due, w.Vital = b.ends(&s), true
	return w, token, err
}

// ends is when a session is over without another request; zero: never.
func (b *Book) ends(s *Session) time.Time {
	if s.Phone {
		return time.Time{}
	}
	return s.Used.Add(b.Settings().Session + usedEvery)
}

// enter signs a person in whose account was read: it writes both, or nothing if
// the account has changed meanwhile. more is written with it.
func (b *Book) enter(ctx context.Context, person string, was records.Item[account], how string, from From, phone bool, more ...records.Write) (token string, err error) {
	session, token, err := b.open(person, how, from, phone)
	if err != nil {
		return "", err
	}
	w, err := b.put(person, was)
	if err != nil {
		return "", err
	}
	if err := b.makeRoom(ctx, person, phone); err != nil {
		return "", err
	}
	if _, err := b.store.Write(ctx, records.House, append([]records.Write{w, session}, more...)...); err != nil {
		return "", err //nolint:wrapcheck // its callers do
	}
	return token, nil
}

// makeRoom ends the sessions that were used longest ago where a person has as many
// as there may be. Phones are counted apart: no browser that signs in ends the session
// of a phone, which somebody sleeps beside.
func (b *Book) makeRoom(ctx context.Context, person string, phone bool) error {
	list, err := b.Sessions(ctx, person)
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(s Session) bool { return s.Phone != phone })
	slices.SortFunc(list, func(a, b Session) int { return a.Used.Compare(b.Used) })
	for i := range list[:max(0, len(list)-ticket.MaxSessions+1)] {
		if _, err := b.store.Write(ctx, records.House, b.sessions.Remove(list[i].Key, records.Any)); err != nil {
			return err //nolint:wrapcheck // its callers do
		}
	}
	return nil
}

// Find is the session of a token, ErrNotFound if none is good. Its last use is
// written if that was some time ago.
func (b *Book) Find(ctx context.Context, token string) (Session, error) {
	key, ok := hashed(token)
	if !ok {
		return Session{}, ErrNotFound
	}
	item, err := paging.Readable(b.sessions.Get(ctx, key))
	if err != nil {
		return Session{}, fmt.Errorf("signin: find a session: %w", err)
	}
	s := named(item)
	now := b.now()
	_, known := b.person(s.Person)
	if ends := b.ends(&s); !known || !ends.IsZero() && !now.Before(ends) {
		b.seen.forget(key)
		return Session{}, ErrNotFound
	}
	b.seen.see(key, s, now)
	if now.Sub(s.Used) >= usedEvery {
		s.Used = records.Instant(now)
		w, err := b.sessions.Put(key, item.Revision, s)
		w.Due = b.ends(&s)
		if err == nil {
			_, err = b.store.Write(ctx, records.House, w)
		}
		if err != nil && !errors.Is(err, records.ErrConflict) { // it is good, though it will be over sooner
			b.log.Debug("a session's last use was not written")
		}
	}
	return s, nil
}

// named is a session with what its record says of it.
func named(item records.Item[Session]) Session {
	s := item.Of
	s.Key = item.Key
	s.ID = s.Key[:min(idBytes, len(s.Key))]
	return s
}

// Remembered is a session that was seen here within the last hour: for as long as
// the store is away.
func (b *Book) Remembered(token string) (Session, bool) {
	key, ok := hashed(token)
	if !ok {
		return Session{}, false
	}
	s, ok := b.seen.seen(key, b.now())
	if ok {
		_, ok = b.person(s.Person)
	}
	return s, ok
}

// Sessions lists a person's, or everybody's if person is empty: who used one
// last comes first.
func (b *Book) Sessions(ctx context.Context, person string) ([]Session, error) {
	items, err := b.sessions.List(ctx)
	if err != nil {
		return nil, fmt.Errorf("signin: sessions: %w", err)
	}
	var list []Session
	now := b.now()
	for i := range items {
		s := named(items[i])
		_, known := b.person(s.Person)
		if ends := b.ends(&s); known && (ends.IsZero() || now.Before(ends)) && (person == "" || person == s.Person) {
			list = append(list, s)
		}
	}
	slices.SortFunc(list, func(a, b Session) int { return cmp.Or(b.Used.Compare(a.Used), strings.Compare(a.ID, b.ID)) })
	return list, nil
}

// End ends one session by its ID, ErrNotFound if there is none. person is whose it
// must be; empty: anybody's.
func (b *Book) End(ctx context.Context, id, person string) (Session, error) {
	list, err := b.Sessions(ctx, person)
	if err != nil {
		return Session{}, err
	}
	for i := range list {
		if list[i].ID != id {
			continue
		}
		if _, err := b.store.Write(ctx, records.House, b.sessions.Remove(list[i].Key, records.Any)); err != nil {
			return Session{}, fmt.Errorf("signin: end a session of %s: %w", list[i].Person, err)
		}
		b.seen.forget(list[i].Key)
		return list[i], nil
	}
	return Session{}, ErrNotFound
}

// SignOut ends the session of a token.
func (b *Book) SignOut(ctx context.Context, token string) error {
	key, ok := hashed(token)
	if !ok {
		return nil
	}
	b.seen.forget(key)
	if _, err := b.store.Write(ctx, records.House, b.sessions.Remove(key, records.Any)); err != nil {
		return fmt.Errorf("signin: sign out: %w", err)
	}
	return nil
}
