package feed

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Kind is that of the records of feeds.
const Kind = "feed"

// The errors of a Book.
var (
	ErrNotFound = errors.New("feed: there is no such feed")
	ErrTooMany  = fmt.Errorf("feed: a person has %d feeds at most: revoke one", ticket.MaxFeeds)
)

// Feed is an address that somebody's calendar reads.
type Feed struct {
	ID     string    `json:"id"`
	Person string    `json:"person"`          // whose it is
	Group  string    `json:"group,omitempty"` // the turns of all of it; empty: the person's, in all groups
	By     string    `json:"by"`              // who made it
	At     time.Time `json:"at"`
}

// Book keeps feeds. It is safe for concurrent use.
type Book struct {
	store records.Store
	shelf records.Shelf[Feed]
}

// NewBook keeps them in a store.
func NewBook(store records.Store) *Book {
	return &Book{store: store, shelf: records.Shelf[Feed]{Store: store, Home: records.House, Kind: Kind}}
}

// Make makes a feed and returns its token, which is kept nowhere. ErrTooMany if the
// person has as many as there may be.
func (b *Book) Make(ctx context.Context, f Feed) (token string, made Feed, err error) {
	theirs, err := b.Of(ctx, f.Person)
	switch {
	case err != nil:
		return "", f, err
	case len(theirs) >= ticket.MaxFeeds:
		return "", f, ErrTooMany
	}
	token = strings.ToLower(rand.Text())
	key := hashed(token)
	f.ID, f.At = key[:12], records.Instant(f.At)
	write, err := b.shelf.Put(key, 0, f)
	if err == nil {
		_, err = b.store.Write(ctx, records.House, write)
	}
	if err != nil {
		return "", f, fmt.Errorf("feed: make one of %s: %w", f.Person, err)
	}
	return token, f, nil
}

// Find is the feed of a token; ErrNotFound if it is none of ours.
func (b *Book) Find(ctx context.Context, token string) (Feed, error) {
	item, err := b.shelf.Get(ctx, hashed(token))
	switch {
	case errors.Is(err, records.ErrNotFound), errors.Is(err, records.ErrUnreadable):
		return Feed{}, ErrNotFound
	case err != nil:
		return Feed{}, fmt.Errorf("feed: find one: %w", err)
	}
	return item.Of, nil
}

// Of lists the feeds of a person, the oldest first.
func (b *Book) Of(ctx context.Context, person string) (list []Feed, err error) {
	items, err := b.shelf.List(ctx)
	if err != nil {
		return nil, fmt.Errorf("feed: list those of %s: %w", person, err)
	}
	for i := range items {
		if items[i].Of.Person == person {
			list = append(list, items[i].Of)
		}
	}
	slices.SortFunc(list, func(a, b Feed) int { return cmp.Or(a.At.Compare(b.At), strings.Compare(a.ID, b.ID)) })
	return list, nil
}

// Revoke ends the feed of that ID, or all of a person if id is empty, and says how
// many there were.
func (b *Book) Revoke(ctx context.Context, person, id string) (revoked int, err error) {
	items, err := b.shelf.List(ctx)
	if err != nil {
		return 0, fmt.Errorf("feed: list those of %s: %w", person, err)
	}
	var writes []records.Write
	for i := range items {
		if f := &items[i].Of; f.Person == person && (id == "" || f.ID == id) {
			writes = append(writes, b.shelf.Remove(items[i].Key, records.Any))
		}
	}
	if len(writes) == 0 {
		return 0, nil
	}
	if _, err := b.store.Write(ctx, records.House, writes...); err != nil {
		return 0, fmt.Errorf("feed: revoke those of %s: %w", person, err)
	}
	return len(writes), nil
}

func hashed(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}
