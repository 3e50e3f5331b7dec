// Package audit writes down who changed which duty, device, session, setting or contact, from
// what to what.
//
// [Over] stands before a store's records. A write of an audited kind takes its line of
// the log with it, in the same commit: nothing is changed without it, and no line tells
// of a change that never was. What a line says of a record are the fields that [Kinds]
// names, so no secret gets there. What is kept elsewhere is noted afterwards ([Store.Note]).
// Lines leave when they are old, and when there are more than [MostKept] ([Trim]).
package audit

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync/atomic"
	"time"

	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
)

// KindLine is that of the records of lines.
const KindLine = "audit"

// What became of a thing.
const (
	Made    = "made"
	Changed = "changed"
	Removed = "removed"

	// Of contacts, whose changes are noted (Store.Note).
	Ended      = "ended"
	Anonymised = "anonymised"
	Imported   = "imported"
)

// Line is one change. From and To have the fields that are told; both only if
// something was changed.
type Line struct {
	At    time.Time                  `json:"at"`
	Who   string                     `json:"who"`           // a person's key, a token's name; empty: the daemon by itself
	Via   string                     `json:"via,omitempty"` // web, api, sms, command; empty: the daemon by itself
	About string                     `json:"about"`         // duty, device, session, …
	Of    string                     `json:"of"`            // whose it is: a person, a group
	What  string                     `json:"what"`
	From  map[string]json.RawMessage `json:"from,omitempty"`
	To    map[string]json.RawMessage `json:"to,omitempty"`
}

// Kind is what is told of a kind of record, whose value is a JSON object.
type Kind struct {
	About  string
	Of     string   // the field that says whose it is; empty: the record's key
	By     []string // fields that say who did it, if the context does not: the first that says something
	Fields []string // what else is told; a change of nothing else is not written down
	Which  []string // those of Fields that say which thing it is: each line has them
}

// Kinds are the audited kinds, by their names in a store.
type Kinds map[string]Kind

// actor is who does something.
type actor struct{ who, via string }

type actorKey struct{}

// By says who does what a context is for, and by what. Who is said to first stays.
func By(ctx context.Context, who, via string) context.Context {
	if _, said := ctx.Value(actorKey{}).(actor); said || who == "" {
		return ctx
	}
	return context.WithValue(ctx, actorKey{}, actor{who, via})
}

// Itself says that what a context is for is done by the daemon by itself, whoever made
// what is changed.
func Itself(ctx context.Context) context.Context {
	return context.WithValue(ctx, actorKey{}, actor{})
}

// Over is a store whose writes of those kinds are audited.
func Over(store records.Store, kinds Kinds, now func() time.Time) *Store {
	return &Store{Store: store, kinds: kinds, now: now}
}

// Store is a store whose writes are audited.
type Store struct {
	records.Store
	kinds   Kinds
	now     func() time.Time
	written atomic.Int64
}

// Written is how many lines were written by it.
func (o *Store) Written() int64 { return o.written.Load() }

// Write does the writes with their lines, all or none.
func (o *Store) Write(ctx context.Context, home string, writes ...records.Write) ([]int64, error) {
	all := writes[:len(writes):len(writes)]
	// A full store takes what replaces or removes something, and so its line. It refuses
	// what is new, and has no room to keep for a line about that.
	vital := !slices.ContainsFunc(writes, func(w records.Write) bool { return w.Grows() })
	for i := range writes {
		w := &writes[i]
		kind, audited := o.kinds[w.Kind]
		if !audited || home != records.House {
			continue
		}
		was, err := o.Store.Get(ctx, home, w.Kind, w.Key)
		if err != nil && !errors.Is(err, records.ErrNotFound) {
			return nil, err //nolint:wrapcheck // it stands before the store
		}
		line, tells := kind.line(w, was.Value)
		if !tells {
			continue
		}
		if by, said := ctx.Value(actorKey{}).(actor); said {
			line.Who, line.Via = by.who, by.via
		}
		written, err := Write(&line, o.now())
		if err != nil {
			return nil, err
		}
		written.Vital = vital
		all = append(all, written)
	}
	revisions, err := o.Store.Write(ctx, home, all...)
	if err == nil {
		o.written.Add(int64(len(all) - len(writes)))
	}
	if len(revisions) > len(writes) {
		revisions = revisions[:len(writes)]
	}
	return revisions, err //nolint:wrapcheck // it stands before the store
}

// Note writes a line of what was done elsewhere than in the store. Whom the context names
// did it, else whom the line does.
func (o *Store) Note(ctx context.Context, line *Line) error {
	if by, said := ctx.Value(actorKey{}).(actor); said {
		line.Who, line.Via = by.who, by.via
	}
	write, err := Write(line, o.now())
	if err != nil {
		return err
	}
	if _, err = o.Store.Write(ctx, records.House, write); err == nil {
		o.written.Add(1)
	}
	return err //nolint:wrapcheck // it stands before the store
}

// Write is how a line is written.
func Write(line *Line, now time.Time) (records.Write, error) {
	line.At = records.Instant(now)
	value, err := json.Marshal(line)
	if err != nil {
		return records.Write{}, fmt.Errorf("audit: %w", err)
	}
	return records.Write{Kind: KindLine, Key: newest(line.At) + "-" + rand.Text()[:8], Value: value}, nil
}

// newest begins a key, so that the order of keys is that of time, backwards.
func newest(at time.Time) string { return fmt.Sprintf("%019d", math.MaxInt64-at.UnixMicro()) }

// line is what a write changes of what is told; false if that is nothing.
func (k *Kind) line(w *records.Write, was []byte) (Line, bool) {
	line := Line{About: k.About, What: Changed}
	before, after := fieldsOf(was), fieldsOf(w.Value)
	if w.Remove {
		after = nil
	}
	switch {
	case before == nil && after == nil:
		return line, false
	case before == nil:
		line.What = Made
	case after == nil:
		line.What = Removed
	}
	now := after
	if now == nil {
		now = before
	}
	line.Of = w.Key
	if k.Of != "" {
		line.Of = text(now[k.Of])
	}
	for _, by := range k.By {
		line.Who = cmp.Or(line.Who, text(now[by]))
	}
	line.From, line.To = k.told(before), k.told(after)
	if line.What != Changed {
		return line, len(line.From)+len(line.To) > 0
	}
	changed := false
	for _, name := range k.Fields {
		same := bytes.Equal(line.From[name], line.To[name])
		changed = changed || !same
		if same && !slices.Contains(k.Which, name) {
			delete(line.From, name)
			delete(line.To, name)
		}
	}
	return line, changed
}

// told are the fields that a line has; nil of what is not there.
func (k *Kind) told(fields map[string]json.RawMessage) map[string]json.RawMessage {
	if fields == nil {
		return nil
	}
	told := make(map[string]json.RawMessage, len(k.Fields))
	for _, name := range k.Fields {
		if value, has := fields[name]; has && len(value) <= ticket.MaxAuditField {
			told[name] = value
		}
	}
	return told
}

func fieldsOf(value []byte) (fields map[string]json.RawMessage) {
	if len(value) == 0 || json.Unmarshal(value, &fields) != nil {
		return nil
	}
	return fields
}

func text(raw json.RawMessage) (s string) {
	_ = json.Unmarshal(raw, &s) // what is no text says nothing
	return ticket.Cut(s, ticket.MaxAuditName)
}

// Log reads lines.
type Log struct{ store records.Store }

// NewLog reads those of a store.
func NewLog(store records.Store) *Log {
	return &Log{store}
}

// Query asks for lines.
type Query struct {
	About string    // empty: whatever it is about
	Of    string    // a person or a group; empty: whosever
	Since time.Time // not before
	After string    // the cursor of an earlier answer
	Most  int
}

// scanned is how many lines one answer looks at, at most.
const scanned = 5000

// Lines are those that a query asks for, the newest first, and the cursor of the next
// ones; empty: there are no more.
func (l *Log) Lines(ctx context.Context, q Query) (list []Line, next string, err error) {
	after := q.After
	for seen := 0; ; {
		part, err := l.store.List(ctx, records.House, KindLine, after, min(q.Most+1, 500))
		if err != nil {
			return nil, "", fmt.Errorf("audit: %w", err)
		}
		for i := range part {
			var line Line
			if json.Unmarshal(part[i].Value, &line) != nil {
				continue
			}
			switch {
			case line.At.Before(q.Since):
				return list, "", nil
			case q.About != "" && line.About != q.About, q.Of != "" && line.Of != q.Of:
			case len(list) == q.Most:
				return list, after, nil
			default:
				list = append(list, line)
			}
			after = part[i].Key
			if seen++; seen == scanned {
				return list, after, nil
			}
		}
		if len(part) < min(q.Most+1, 500) {
			return list, "", nil
		}
	}
}
