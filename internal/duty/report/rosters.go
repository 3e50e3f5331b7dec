package report

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"time"

	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Kinds of records: the versions, and which of them is in force.
const (
	KindRoster = "duty roster"
	kindNow    = "duty roster in force"
)

// RostersKeptFor is how long a version is kept after another one took its place: wages
// can be claimed for three years (Code du travail, L3245-1).
const RostersKeptFor = (3*366 + 31) * 24 * time.Hour

// packedFrom is from how many bytes on a version is packed.
const packedFrom = 16 << 10

// Version is a roster and when it came into force.
type Version struct {
	At     time.Time
	Roster Roster
}

// kept is a version as it is stored: plain, or packed by gzip.
type kept struct {
	At     time.Time       `json:"at"`
	Roster json.RawMessage `json:"roster,omitempty"`
	Packed []byte          `json:"packed,omitempty"`
}

// inForce names the version in force.
type inForce struct {
	Key  string `json:"key"`
	Hash string `json:"hash"`
	At   time.Time
}

// Rosters keeps versions. It is safe for concurrent use.
type Rosters struct {
	store    records.Store
	versions records.Shelf[kept]
	now      records.Shelf[inForce]
}

// NewRosters keeps them in a store.
func NewRosters(store records.Store) *Rosters {
	return &Rosters{
		store:    store,
		versions: records.Shelf[kept]{Store: store, Home: records.House, Kind: KindRoster},
		now:      records.Shelf[inForce]{Store: store, Home: records.House, Kind: kindNow},
	}
}

// tries is how often a change is tried anew if somebody else was first.
const tries = 10

// Keep writes down that a roster came into force, unless it is the one in force. Of
// several daemons that put one configuration in force, the first one writes it. A roster
// that was in force before is a version of its own once it is again.
func (b *Rosters) Keep(ctx context.Context, r Roster, at time.Time) (written bool, err error) {
	text, err := r.text()
	if err != nil {
		return false, err
	}
	sum := sha256.Sum256(text)
	hash := hex.EncodeToString(sum[:16])
	for try := 0; ; try++ {
		written, err = b.keep(ctx, text, hash, records.Instant(at))
		if !errors.Is(err, records.ErrConflict) || try == tries {
			return written, err
		}
	}
}

func (b *Rosters) keep(ctx context.Context, text []byte, hash string, at time.Time) (bool, error) {
	was, err := b.now.Get(ctx, "now")
	if err != nil && !errors.Is(err, records.ErrNotFound) && !errors.Is(err, records.ErrUnreadable) {
		return false, fmt.Errorf("report: read the roster in force: %w", err)
	}
	if was.Of.Hash == hash {
		return false, nil
	}
	if !was.Of.At.IsZero() && !at.After(was.Of.At) { // the other daemon's clock is ahead
		at = was.Of.At.Add(time.Microsecond)
	}
	version := kept{At: at, Roster: text}
	if len(text) > packedFrom {
		if version.Packed, err = pack(text); err != nil {
			return false, err
		}
		version.Roster = nil
	}
	key := versionKey(at) + "-" + hash[:8]
	writes, err := b.ends(ctx, was.Of.Key, at)
	if err != nil {
		return false, err
	}
	write, err := b.versions.Put(key, 0, version)
	if err != nil {
		return false, fmt.Errorf("report: %w", err)
	}
	mark, err := b.now.Put("now", was.Revision, inForce{Key: key, Hash: hash, At: at})
	if err != nil {
		return false, fmt.Errorf("report: %w", err)
	}
	if _, err := b.store.Write(ctx, records.House, append(writes, write, mark)...); err != nil {
		return false, fmt.Errorf("report: write the roster of %s: %w", at.Format(time.RFC3339), err)
	}
	return true, nil
}

// ends is the write by which a version knows when it may be forgotten.
func (b *Rosters) ends(ctx context.Context, key string, at time.Time) ([]records.Write, error) {
	if key == "" {
		return nil, nil
	}
	was, err := b.versions.Get(ctx, key)
	switch {
	case errors.Is(err, records.ErrNotFound), errors.Is(err, records.ErrUnreadable):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("report: read the roster %s: %w", key, err)
	}
	return []records.Write{{Kind: KindRoster, Key: key, Revision: was.Revision, Value: was.Value, Due: at.Add(RostersKeptFor)}}, nil
}

// versionKey begins a key, so that the order of keys is that of time, backwards.
func versionKey(at time.Time) string { return fmt.Sprintf("%019d", math.MaxInt64-at.UnixMicro()) }

// versionsAtOnce is how many versions one part of a list has.
const versionsAtOnce = 20

// Between are the versions that were in force at some time between two instants, the
// earliest first.
func (b *Rosters) Between(ctx context.Context, from, to time.Time) ([]Version, error) {
	var list []Version
	for after := versionKey(to); ; {
		part, err := b.store.List(ctx, records.House, KindRoster, after, versionsAtOnce)
		if err != nil {
			return nil, fmt.Errorf("report: read rosters: %w", err)
		}
		for i := range part {
			after = part[i].Key
			v, err := readVersion(part[i].Value)
			if errors.Is(err, records.ErrUnreadable) {
				continue // the one before it goes on
			}
			if err != nil {
				return nil, err
			}
			if list = append(list, v); !v.At.After(from) {
				slices.Reverse(list)
				return list, nil
			}
		}
		if len(part) < versionsAtOnce {
			slices.Reverse(list)
			return list, nil
		}
	}
}

func readVersion(value []byte) (v Version, err error) {
	var k kept
	if json.Unmarshal(value, &k) != nil {
		return v, records.ErrUnreadable
	}
	if k.Packed != nil {
		if k.Roster, err = unpack(k.Packed); err != nil {
			return v, records.ErrUnreadable
		}
	}
	v.At = k.At
	if json.Unmarshal(k.Roster, &v.Roster) != nil {
		return v, records.ErrUnreadable
	}
	return v, nil
}

func pack(text []byte) ([]byte, error) {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(text); err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	return out.Bytes(), nil
}

// unpackedMost bounds what a packed version may come to.
const unpackedMost = 64 * ticket.MaxRecordValue

func unpack(packed []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	text, err := io.ReadAll(io.LimitReader(r, unpackedMost))
	if err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	return text, nil
}
