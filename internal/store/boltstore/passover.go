package boltstore

import (
	"bytes"
	"context"
	"errors"

	bolt "go.etcd.io/bbolt"

	"github.com/astreinte/astreinte/internal/ticket"
)

// forgetTries is how many places that cannot be read one call passes over in a
// bucket. The next call goes on behind them.
const forgetTries = 512

// looking looks through a part of a bucket. With each key it moves at on,
// before it reads what the key leads to.
type looking struct {
	through bucket
	at      *[]byte
	read    func(tx *bolt.Tx)
}

// lookOn looks through a bucket. It notes what cannot be read there and passes
// over it, so that everything else can leave.
func (s *Store) lookOn(ctx context.Context, l looking) error {
	for range forgetTries {
		from := *l.at
		err := s.survey(ctx, func(tx *bolt.Tx) error {
			l.read(tx)
			return nil
		})
		if err == nil || ctx.Err() != nil || errors.Is(err, errClosed) {
			return err
		}
		s.Note(ticket.RecordIndex, "what is over, in "+string(l.through.name()), err)
		if bytes.Equal(*l.at, from) {
			*l.at = beyond(from)
		}
	}
	return nil
}

// beyond is a key some way behind another. It adds the lowest bit that is set,
// so the next step is at least twice as long. A few steps leave a page of the
// file that cannot be read behind. They pass over a few times as much as that
// page at most.
func beyond(key []byte) []byte {
	next := bytes.Clone(bytes.TrimRight(key, "\x00"))
	last := len(next) - 1
	if last < 0 {
		return []byte{1}
	}
	step := next[last] & -next[last]
	if last == 0 {
		step = 1 // all keys begin alike
	}
	for n, add := last, step; n >= 0; n, add = n-1, 1 {
		if next[n] += add; next[n] >= add {
			break
		}
		if n == 0 {
			return nil // from the beginning
		}
	}
	switch {
	case last == 0:
	case step == 1<<7:
		last--
		next[last] |= 1
	default:
		next[last] |= step << 1
	}
	return next[:last+1]
}

// forgetFound removes what was found. If that fails, it tries each ticket and
// each other kind alone, so that one that cannot be removed keeps no other
// from leaving.
func (s *Store) forgetFound(ctx context.Context, found *forgetting) (did forgot, err error) {
	if did, err = s.forgetOnce(ctx, found); err == nil || ctx.Err() != nil || errors.Is(err, errClosed) || isFull(err) {
		return did, err
	}
	apart := []forgetting{{links: found.links}, {codes: found.codes}, {ids: found.ids}}
	for _, number := range found.tickets {
		apart = append(apart, forgetting{tickets: [][]byte{number}})
	}
	did = forgot{}
	for i := range apart {
		one, err := s.forgetOnce(ctx, &apart[i])
		if err != nil {
			s.Note(ticket.RecordIndex, "what is over, and cannot be removed", err)
			continue
		}
		did.Add(one.Forgotten)
		did.short = did.short || one.short
	}
	return did, nil
}

func (s *Store) forgetOnce(ctx context.Context, found *forgetting) (did forgot, err error) {
	weight := len(found.links) + len(found.codes) + len(found.ids) + 8*len(found.tickets)
	if weight == 0 {
		return did, nil
	}
	err = s.write(ctx, weight, func(b *batch) (err error) {
		did, err = b.forgetAll(found)
		return err
	})
	if err != nil {
		return forgot{}, err
	}
	return did, nil
}
