package records

import (
	"context"
	"encoding/json"
	"fmt"
)

// Shelf is one kind of record in one home. Its values are of type T, in JSON.
type Shelf[T any] struct {
	Store Store
	Home  string
	Kind  string
	// Damaged is called for a record that is no T. List passes over such a
	// record. It may be nil.
	Damaged func(r Record, err error)
}

// Item is a record with its value.
type Item[T any] struct {
	Record
	Of T
}

// Get reads one record; ErrNotFound if there is none.
func (s *Shelf[T]) Get(ctx context.Context, key string) (Item[T], error) {
	r, err := s.Store.Get(ctx, s.Home, s.Kind, key)
	if err != nil {
		return Item[T]{}, err
	}
	return s.item(r)
}

// listed is how many records one part of a list has.
const listed = 500

// List reads all records in the order of their keys, as they are when it comes
// to them. A kind has a few thousand at most.
func (s *Shelf[T]) List(ctx context.Context) ([]Item[T], error) {
	var all []Item[T]
	for after := ""; ; {
		part, err := s.Store.List(ctx, s.Home, s.Kind, after, listed)
		if err != nil {
			return nil, err
		}
		for i := range part {
			if item, err := s.item(part[i]); err == nil {
				all = append(all, item)
			}
		}
		if len(part) < listed {
			return all, nil
		}
		after = part[len(part)-1].Key
	}
}

// Put makes a write of a value over the given revision (see Write.Revision).
func (s *Shelf[T]) Put(key string, revision int64, value T) (Write, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return Write{}, fmt.Errorf("records: write %s %q: %w", s.Kind, key, err)
	}
	return Write{Kind: s.Kind, Key: key, Revision: revision, Value: text}, nil
}

// Remove makes a write that removes a record of the given revision.
func (s *Shelf[T]) Remove(key string, revision int64) Write {
	return Write{Kind: s.Kind, Key: key, Revision: revision, Remove: true}
}

func (s *Shelf[T]) item(r Record) (Item[T], error) {
	item := Item[T]{Record: r}
	if err := json.Unmarshal(r.Value, &item.Of); err != nil {
		if s.Damaged != nil {
			s.Damaged(r, err)
		}
		return item, fmt.Errorf("records: read %s %q: %w (%w)", s.Kind, r.Key, ErrUnreadable, err)
	}
	return item, nil
}
