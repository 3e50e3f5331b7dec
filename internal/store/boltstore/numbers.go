package boltstore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"

	bolt "go.etcd.io/bbolt"

	"github.com/astreinte/astreinte/internal/ticket"
)

// numberBlock is how many numbers ahead of those handed out the file is told
// of. A crash skips as many at most; Close skips none.
const numberBlock = 32

// numbers hands out ticket numbers from memory. The file says up to which
// number they may have been handed out. It is told ahead, mostly with a commit
// of something else.
type numbers struct {
	sync.Mutex
	sequences map[string]*sequence // by prefix
	settled   bool                 // no more are handed out
}

// maxPrefix keeps a number short enough to be a key.
const maxPrefix = 1000

// sequence is one prefix's numbers.
type sequence struct {
	next   int64 // not handed out yet
	high   int64 // the file says that numbers up to this one may be out
	wanted int64 // asked for by those who wait for high to rise
}

// Numbers hands out numbers from memory. Only if it has no more that the file
// knows of must the file be told first.
func (s *Store) Numbers(ctx context.Context, _, prefix string, n int) ([]string, error) {
	if prefix == "" || len(prefix) > maxPrefix {
		return nil, fmt.Errorf("boltstore: reserve numbers: a prefix has 1 to %d bytes, not %d", maxPrefix, len(prefix))
	}
	if err := s.refusal(); err != nil { // a full store could not use them
		return nil, fmt.Errorf("boltstore: reserve %d numbers %s…: %w", n, prefix, err)
	}
	given := make([]string, 0, max(n, 0))
	for len(given) < n {
		some, err := s.someNumbers(ctx, prefix, n-len(given))
		if err != nil {
			return nil, fmt.Errorf("boltstore: reserve %d numbers %s…: %w", n, prefix, err)
		}
		given = append(given, some...)
	}
	return given, nil
}

// someNumbers reserves n numbers. It returns those that no ticket has, as far
// as the file and the index know.
func (s *Store) someNumbers(ctx context.Context, prefix string, n int) (given []string, err error) {
	first, err := s.advance(ctx, prefix, int64(n))
	if err != nil {
		return nil, err
	}
	err = s.view(ctx, func(tx *bolt.Tx) error {
		for i := range int64(n) {
			number := fmt.Sprintf("%s%04d", prefix, first+i)
			if in(tx, inTickets).Get(ticketKey(number)) == nil && !s.isLive(number) {
				given = append(given, number)
			}
		}
		return nil
	})
	return given, err
}

func (s *Store) isLive(number string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ix.tickets[number] != nil
}

// advance takes n numbers of a sequence, and returns the first.
func (s *Store) advance(ctx context.Context, prefix string, n int64) (first int64, err error) {
	for {
		q, err := s.sequence(ctx, prefix)
		if err != nil {
			return 0, err
		}
		s.numbers.Lock()
		if s.numbers.settled {
			s.numbers.Unlock()
			return 0, errClosed
		}
		first = q.next
		if first+n-1 <= q.high {
			q.next += n
			s.numbers.Unlock()
			return first, nil
		}
		q.wanted += n
		s.numbers.Unlock()

		err = s.write(ctx, 1, func(b *batch) error {
			s.numbers.Lock()
			defer s.numbers.Unlock()
			b.reserve(prefix, q.next-1+q.wanted+numberBlock)
			return nil
		})
		s.numbers.Lock()
		q.wanted -= n
		s.numbers.Unlock()
		if err != nil {
			return 0, err
		}
	}
}

// sequence finds a prefix's numbers. The first time it reads the file.
func (s *Store) sequence(ctx context.Context, prefix string) (*sequence, error) {
	s.numbers.Lock()
	q := s.numbers.sequences[prefix]
	s.numbers.Unlock()
	if q != nil {
		return q, nil
	}
	var high int64
	err := s.peek(ctx, func(tx *bolt.Tx) error {
		v := in(tx, inNumbers).Get([]byte(prefix))
		if v == nil {
			return nil
		}
		var err error
		if high, err = strconv.ParseInt(string(v), 10, 64); err != nil || high < 0 {
			s.Note(ticket.RecordIndex, "numbers "+prefix, cmp.Or(err, errHead))
			high = highestNumber(tx, prefix)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	s.numbers.Lock()
	defer s.numbers.Unlock()
	if q = s.numbers.sequences[prefix]; q == nil {
		q = &sequence{next: high + 1, high: high}
		s.numbers.sequences[prefix] = q
	}
	return q, nil
}

// reserve has the batch write that numbers up to high may be out.
func (b *batch) reserve(prefix string, high int64) {
	if b.prefixes == nil {
		b.prefixes = map[string]int64{}
	}
	b.prefixes[prefix] = max(b.prefixes[prefix], high)
	b.dirty = true
}

// reserveAhead finds the sequences that run low, and writes their new limits
// with this batch, along with those that others asked for.
func (b *batch) reserveAhead() error {
	n := &b.s.numbers
	n.Lock()
	for prefix, q := range n.sequences {
		if ahead := q.high - q.next + 1; !n.settled && q.high > 0 && ahead < numberBlock/2 {
			b.reserve(prefix, q.next-1+numberBlock)
		}
	}
	n.Unlock()
	for prefix, high := range b.prefixes {
		if err := b.put(inNumbers, []byte(prefix), strconv.AppendInt(nil, high, 10)); err != nil {
			return err
		}
	}
	raised := b.prefixes
	b.then(func(*index) {
		n.Lock()
		defer n.Unlock()
		for prefix, high := range raised {
			if q := n.sequences[prefix]; q != nil {
				q.high = max(q.high, high)
			}
		}
	})
	return nil
}

// settleNumbers writes at Close exactly which numbers are out.
func (s *Store) settleNumbers() error {
	_, err := s.attempt([]*op{{ctx: context.Background(), run: func(b *batch) error {
		s.numbers.Lock()
		defer s.numbers.Unlock()
		s.numbers.settled, b.filed = true, true
		var errs []error
		for prefix, q := range s.numbers.sequences {
			if q.next <= q.high {
				errs = append(errs, b.put(inNumbers, []byte(prefix), strconv.AppendInt(nil, q.next-1, 10)))
			}
		}
		return errors.Join(errs...)
	}}})
	return err
}
