package signin

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// How long an invitation is good.
const (
	InvitedFor  = 24 * time.Hour
	EnrolledFor = 15 * time.Minute // a phone's
)

// Invitation lets a person in once, without a password.
type Invitation struct {
	Person  string    `json:"person"`
	By      string    `json:"by"` // who made it
	Phone   bool      `json:"phone,omitempty"`
	For     string    `json:"for,omitempty"` // the mail that it goes out by; empty: none
	Expires time.Time `json:"expires"`
}

// Invite makes an invitation and returns its token. One that the person has of the
// kind is good no longer if there are too many.
func (b *Book) Invite(ctx context.Context, person, by string, phone bool) (token string, made Invitation, err error) {
	if _, ok := b.person(person); !ok {
		return "", made, ErrNotFound
	}
	now := b.now()
	made = Invitation{Person: person, By: cut(by), Phone: phone, Expires: records.Instant(now.Add(InvitedFor))}
	if phone {
		made.Expires = records.Instant(now.Add(EnrolledFor))
	}
	return b.file(ctx, made)
}

// file writes an invitation under a new token.
func (b *Book) file(ctx context.Context, made Invitation) (token string, _ Invitation, err error) {
	if err := b.fewInvitations(ctx, made.Person); err != nil {
		return "", made, err
	}
	token = newToken()
	key, _ := hashed(token)
	w, err := b.invitations.Put(key, 0, made)
	if err == nil {
		w.Due = made.Expires
		_, err = b.store.Write(ctx, records.House, w)
	}
	if err != nil {
		return "", made, fmt.Errorf("signin: invite %s: %w", made.Person, err)
	}
	return token, made, nil
}

// fewInvitations removes those that end first where a person has as many as there
// may be.
func (b *Book) fewInvitations(ctx context.Context, person string) error {
	for {
		items, err := b.invitations.List(ctx)
		if err != nil {
			return fmt.Errorf("signin: invitations of %s: %w", person, err)
		}
		first, n := -1, 0
		for i := range items {
			if items[i].Of.Person != person {
				continue
			}
			if n++; first < 0 || items[i].Of.Expires.Before(items[first].Of.Expires) {
				first = i
			}
		}
		if n < ticket.MaxInvitations {
			return nil
		}
		if _, err := b.store.Write(ctx, records.House, b.invitations.Remove(items[first].Key, records.Any)); err != nil {
			return fmt.Errorf("signin: invitations of %s: %w", person, err)
		}
	}
}

// Invitation reads one by its token, ErrNotFound if it is not good: it was used,
// it is too old, it is for something else, its person is gone.
func (b *Book) Invitation(ctx context.Context, token string, phone bool) (Invitation, error) {
	item, err := b.invitation(ctx, token, phone)
	return item.Of, err
}

func (b *Book) invitation(ctx context.Context, token string, phone bool) (records.Item[Invitation], error) {
	key, ok := hashed(token)
	if !ok {
		return records.Item[Invitation]{}, ErrNotFound
	}
	item, err := paging.Readable(b.invitations.Get(ctx, key))
	if err != nil {
		return item, fmt.Errorf("signin: read an invitation: %w", err)
	}
	_, known := b.person(item.Of.Person)
	if !known || item.Of.Phone != phone || !b.now().Before(item.Of.Expires) {
		return item, ErrNotFound
	}
	return item, nil
}

// Accept uses an invitation up and signs its person in: with a new password, which ends
// the person's other sessions, or as a phone. Of two who use one at once one
// is refused.
func (b *Book) Accept(ctx context.Context, token string, phone bool, password string, from From) (session string, by Invitation, err error) {
	hash := ""
	if !phone {
		if !b.Settings().Passwords {
			return "", by, ErrOff
		}
		if _, err := b.invitation(ctx, token, phone); err != nil { // before the work of a hash
			return "", by, err
		}
		if err := weak(password); err != nil {
			return "", by, err
		}
		if hash, err = b.hasher.hash(ctx, password); err != nil {
			return "", by, err
		}
	}
	return b.use(ctx, token, phone, from, func(of *account) {
		if !phone {
			of.Password, of.Changed = hash, records.Instant(b.now())
		}
	})
}

// AcceptBy uses an invitation up by something else than a password, which is written with
// it, and ends the person's other sessions: ErrWrong if it cannot be written any more.
func (b *Book) AcceptBy(ctx context.Context, token string, from From, with ...records.Write) (session string, by Invitation, err error) {
	session, by, err = b.use(ctx, token, false, from, func(*account) {}, with...)
	if errors.Is(err, records.ErrConflict) {
		return "", by, ErrWrong
	}
	return session, by, err
}

// use uses an invitation up, with a change of its person's account.
func (b *Book) use(ctx context.Context, token string, phone bool, from From, change func(of *account), with ...records.Write) (session string, by Invitation, err error) {
	err = again(func() error {
		item, err := b.invitation(ctx, token, phone)
		if err != nil {
			return err
		}
		by = item.Of
		was, err := b.account(ctx, by.Person)
		if err != nil {
			return err
		}
		// Once more, now that the account is read: who used it meanwhile has written that.
		if item, err = b.invitation(ctx, token, phone); err != nil {
			return err
		}
		change(&was.Of)
		session, err = b.enter(ctx, by.Person, was, ByInvitation, from, phone, append(with[:len(with):len(with)], b.invitations.Remove(item.Key, item.Revision))...)
		return err
	})
	if err != nil {
		if errors.Is(err, ErrNotFound) {
			return "", by, ErrNotFound
		}
		return "", by, fmt.Errorf("signin: accept an invitation: %w", err)
	}
	if !phone {
		key, _ := hashed(session)
		if _, err := b.end(ctx, func(who string) bool { return who == by.Person }, key); err != nil {
			return session, by, fmt.Errorf("signin: end the sessions of %s: %w", by.Person, err)
		}
	}
	return session, by, nil
}
