// Package presence knows who is at a ticket right now, so that a second person is told of
// the first. It is a hint: it locks nothing, and nothing waits for it.
package presence

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Kind is the kind of its records: of the house, under the ticket's number and the person.
const Kind = "presence"

// Lasts is how long somebody counts as being there after he was last heard of.
const Lasts = 10 * time.Minute

// apart is how far apart signs of one person are worth a write.
const apart = time.Minute

// between stands between a number and a person's key. Neither has it.
const between = "\x1f"

// Present is somebody who is at a ticket.
type Present struct {
	Person string    `json:"person" holds:"personal"`
	Since  time.Time `json:"since"`
	Last   time.Time `json:"last"` // heard of
}

// Book keeps it. It is safe for concurrent use.
type Book struct {
	store records.Store
	shelf records.Shelf[Present]
}

// NewBook makes a Book.
func NewBook(store records.Store) *Book {
	return &Book{store: store, shelf: records.Shelf[Present]{Store: store, Home: records.House, Kind: Kind}}
}

// Here notes that somebody is at a ticket now.
func (b *Book) Here(ctx context.Context, number, person string, now time.Time) error {
	key := number + between + person
	at := Present{Person: person, Since: records.Instant(now), Last: records.Instant(now)}
	was, err := b.shelf.Get(ctx, key)
	if err == nil && now.Sub(was.Of.Last) < Lasts {
		if now.Sub(was.Of.Last) < apart {
			return nil
		}
		at.Since = was.Of.Since
	}
	write, err := b.shelf.Put(key, records.Any, at)
	if err == nil {
		write.Due = now.Add(Lasts)
		_, err = b.store.Write(ctx, records.House, write)
	}
	if err != nil {
		return fmt.Errorf("presence: %s at %s: %w", person, number, err)
	}
	return nil
}

// Others are those who are at a ticket now, but one, in the order of their keys.
func (b *Book) Others(ctx context.Context, number, but string, now time.Time) ([]Present, error) {
	prefix := number + between
	list, err := b.store.List(ctx, records.House, Kind, prefix, ticket.MaxHere)
	if err != nil {
		return nil, fmt.Errorf("presence: who is at %s: %w", number, err)
	}
	var all []Present
	for i := range list {
		if !strings.HasPrefix(list[i].Key, prefix) {
			break
		}
		item, err := b.shelf.Get(ctx, list[i].Key)
		if err == nil && item.Of.Person != but && now.Sub(item.Of.Last) < Lasts {
			all = append(all, item.Of)
		}
	}
	return all, nil
}
