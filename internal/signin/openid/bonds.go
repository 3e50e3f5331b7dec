package openid

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/astreinte/astreinte/internal/records"
)

// Kinds of records. An identity is under the hash of issuer and subject; the
// person it is bound to has one of each issuer, under the hash of issuer and
// person. They are written together.
const (
	kindIdentity = "sign-in identity"
	kindBound    = "sign-in bound"
)

// bond is of an identity to a person.
type bond struct {
	Issuer  string    `json:"issuer"`
	Subject string    `json:"subject"`
	Person  string    `json:"person"`
	At      time.Time `json:"at"`
}

type bonds struct {
	store      records.Store
	identities records.Shelf[bond]
	bound      records.Shelf[bond]
}

func newBonds(store records.Store) bonds {
	return bonds{
		store:      store,
		identities: records.Shelf[bond]{Store: store, Home: records.House, Kind: kindIdentity},
		bound:      records.Shelf[bond]{Store: store, Home: records.House, Kind: kindBound},
	}
}

func keyOf(issuer, name string) string {
	sum := sha256.Sum256([]byte(issuer + "\x00" + name))
	return hex.EncodeToString(sum[:])
}

// of is the person whom an identity is bound to; empty: nobody.
func (b *bonds) of(ctx context.Context, who identity) (person string, err error) {
	item, err := b.identities.Get(ctx, keyOf(who.issuer, who.subject))
	switch {
	case errors.Is(err, records.ErrNotFound):
		return "", nil
	case err != nil:
		return "", fmt.Errorf("openid: find whom an identity is bound to: %w", err)
	}
	return item.Of.Person, nil
}

// bind binds an identity to a person, ErrNobody if the person is bound to
// another of the issuer.
func (b *bonds) bind(ctx context.Context, who identity, person string, now time.Time) error {
	of := bond{Issuer: who.issuer, Subject: who.subject, Person: person, At: records.Instant(now)}
	identity, err := b.identities.Put(keyOf(who.issuer, who.subject), 0, of)
	if err != nil {
		return err //nolint:wrapcheck // it names itself
	}
	bound, err := b.bound.Put(keyOf(who.issuer, person), 0, of)
	if err != nil {
		return err //nolint:wrapcheck // it names itself
	}
	_, err = b.store.Write(ctx, records.House, identity, bound)
	if errors.Is(err, records.ErrConflict) { // perhaps the same, a moment ago
		if now, again := b.of(ctx, who); again == nil && now == person {
			return nil
		}
		return fmt.Errorf("%w: %q is bound to another identity of the provider", ErrNobody, person)
	}
	if err != nil {
		return fmt.Errorf("openid: bind an identity to %s: %w", person, err)
	}
	return nil
}

// Bound are those who are bound to an identity of any provider.
func Bound(ctx context.Context, store records.Store) (people []string, err error) {
	b := newBonds(store)
	list, err := b.bound.List(ctx)
	if err != nil {
		return nil, fmt.Errorf("openid: who is bound: %w", err)
	}
	for i := range list {
		people = append(people, list[i].Of.Person)
	}
	return people, nil
}

// Unbind unbinds a person from all providers that there ever were.
func Unbind(ctx context.Context, store records.Store, person string) error {
	b := newBonds(store)
	list, err := b.bound.List(ctx)
	if err != nil {
		return fmt.Errorf("openid: who is bound: %w", err)
	}
	for i := range list {
		if of := &list[i].Of; of.Person == person {
			if err := b.forget(ctx, of.Issuer, person); err != nil {
				return err
			}
		}
	}
	return nil
}

// forget unbinds a person from an issuer.
func (b *bonds) forget(ctx context.Context, issuer, person string) error {
	item, err := b.bound.Get(ctx, keyOf(issuer, person))
	if errors.Is(err, records.ErrNotFound) {
		return nil
	}
	if err == nil {
		_, err = b.store.Write(ctx, records.House, b.bound.Remove(item.Key, item.Revision),
			b.identities.Remove(keyOf(item.Of.Issuer, item.Of.Subject), records.Any))
	}
	if err != nil {
		return fmt.Errorf("openid: unbind %s: %w", person, err)
	}
	return nil
}
