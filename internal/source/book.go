package source

import (
	"context"
	"fmt"
	"time"

	"github.com/astreinte/astreinte/ingest"
	"github.com/astreinte/astreinte/internal/records"
)

// The kinds of the records, all in the house's home. A word has the name of its source
// for a key, a payload that with its outcome.
const (
	KindWord    = "said"
	KindPayload = "said_payload"
)

// keptFor is how long a word is kept after it was written down.
const keptFor = 30 * 24 * time.Hour

// word is what a source last said, without what it posted.
type word struct {
	Taken   *ingest.Request `json:"taken,omitempty"`
	Refused *ingest.Request `json:"refused,omitempty"`
	Strange *ingest.Request `json:"strange,omitempty"`
}

// payload is the body of one request, masked.
type payload struct {
	At    time.Time `json:"at"` // the request's
	Text  string    `json:"text"`
	Whole bool      `json:"whole,omitempty"` // none of it was left out
}

// The outcomes of a request, as addresses and the API call them.
const (
	outcomeTaken   = "taken"
	outcomeRefused = "refused"
	outcomeStrange = "strange"
)

// Book keeps what sources last said.
type Book struct {
	store    records.Store
	words    records.Shelf[word]
	payloads records.Shelf[payload]
}

// NewBook makes the book of a store.
func NewBook(store records.Store) *Book {
	return &Book{
		store:    store,
		words:    records.Shelf[word]{Store: store, Home: records.House, Kind: KindWord},
		payloads: records.Shelf[payload]{Store: store, Home: records.House, Kind: KindPayload},
	}
}

// all are the words of all sources, by their names.
func (b *Book) all(ctx context.Context) (map[string]word, error) {
	list, err := b.words.List(ctx)
	if err != nil {
		return nil, fmt.Errorf("source: read what was said: %w", err)
	}
	of := make(map[string]word, len(list))
	for i := range list {
		of[list[i].Key] = list[i].Of
	}
	return of, nil
}

// payload is what a request posted, if that is written down.
func (b *Book) payload(ctx context.Context, source, outcome string, at time.Time) (payload, bool) {
	p, err := b.payloads.Get(ctx, payloadKey(source, outcome))
	return p.Of, err == nil && p.Of.At.Equal(at)
}

func payloadKey(source, outcome string) string { return source + "/" + outcome }

// newer is the later one of two requests; either may be nil.
func newer(a, b *ingest.Request) *ingest.Request {
	if a == nil || b != nil && b.At.After(a.At) {
		return b
	}
	return a
}

// with is the word with what is newer in the other one.
func (w word) with(o word) word {
	return word{newer(w.Taken, o.Taken), newer(w.Refused, o.Refused), newer(w.Strange, o.Strange)}
}

// of is the request of an outcome; nil if there is none.
func (w word) of(outcome string) *ingest.Request {
	switch outcome {
	case outcomeTaken:
		return w.Taken
	case outcomeRefused:
		return w.Refused
	case outcomeStrange:
		return w.Strange
	}
	return nil
}

// wordOf is what the door remembers.
func wordOf(s *ingest.Said) word { return word{s.Taken, s.Refused, s.Strange} }
