package boltstore

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// claimScan is how many pages one Claim looks at; where more of them than this
// are no longer wanted, the next call goes on.
const claimScan = 1000

// taking is one Claim as the writer runs it.
type taking struct {
	owner string
	now   int64
	until time.Time
	limit int

	claims  []paging.Claim
	tickets [][]byte // of claims, not decoded yet
	next    int64
}

// Claim asks the index whether a page is ready, and writes only then.
func (s *Store) Claim(
	ctx context.Context, owner string, now, until time.Time, limit int,
) (claims []paging.Claim, next time.Time, err error) {
	t := taking{owner: owner, now: stamp(now), until: until, limit: limit}
	if err := s.usable(ctx); err != nil {
		return nil, time.Time{}, fmt.Errorf("boltstore: claim pages for %s: %w", owner, err)
	}
	if at, ready := s.anyReady(t.now); !ready || limit < 1 {
		return nil, instant(at), nil
	}
	if err := s.write(ctx, limit, t.run); err != nil {
		return nil, time.Time{}, fmt.Errorf("boltstore: claim pages for %s: %w", owner, err)
	}
	for i, body := range t.tickets {
		if err := json.Unmarshal(body, &t.claims[i].Ticket); err != nil {
			return nil, time.Time{}, fmt.Errorf("boltstore: claim page %s: its ticket: %w", t.claims[i].Page.String(), err)
		}
	}
	return t.claims, instant(t.next), nil
}

// anyReady says whether a page can be claimed, and otherwise when.
func (s *Store) anyReady(now int64) (at int64, ready bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ix.promote(now)
	at = s.ix.nextReady(now)
	return at, at != 0 && at <= now
}

func (t *taking) run(b *batch) error {
	t.claims, t.tickets = nil, nil
	for scanned := 0; len(t.claims) < t.limit && scanned < claimScan; scanned++ {
		w := b.take(t.now)
		if w == nil {
			break
		}
		if err := t.claim(b, w); err != nil {
			return fmt.Errorf("page %q: %w", w.key, err)
		}
	}
	b.s.mu.Lock()
	defer b.s.mu.Unlock()
	t.next = b.s.ix.nextReady(t.now)
	return nil
}

// take takes the next page out of the index until the batch is done, one way
// or the other.
func (b *batch) take(now int64) *waitingPage {
	b.s.mu.Lock()
	defer b.s.mu.Unlock()
	w := b.s.ix.next(now)
	if w != nil {
		ix := b.s.ix
		b.undo = append(b.undo, func() {
			b.s.mu.Lock()
			defer b.s.mu.Unlock()
			ix.enqueue(w)
		})
	}
	return w
}

// claim claims a page, or cancels it, or leaves it where this batch has
// changed it already.
func (t *taking) claim(b *batch, w *waitingPage) error {
	rec, err := b.page([]byte(w.key))
	if err != nil || rec == nil || !rec.waits() {
		return err
	}
	if rec.readyAt() > t.now {
		h := rec.head()
		b.then(func(ix *index) { ix.wait(w.key, &h) })
		return nil
	}
	h, body, err := readTicket(b.in(inTickets).Get(ticketKey(rec.Ticket)))
	if err != nil {
		return err
	}
	if !rec.WantedFor(h.state.long(), int(h.episode)) {
		rec.State = ticket.PageCancelled
		return b.putPage(w.key, rec)
	}
	again := rec.State == ticket.PageSending
	rec.State = ticket.PageSending
	rec.Attempts++
	rec.Owner, rec.Until, rec.Token = t.owner, t.until, int64(rec.Attempts)
	t.claims = append(t.claims, paging.Claim{Page: rec.Page, Token: rec.Token, Again: again})
	t.tickets = append(t.tickets, bytes.Clone(body))
	return b.putPage(w.key, rec)
}

// Extend writes the claims' new end, so that it also holds for the next who
// opens the file.
func (s *Store) Extend(ctx context.Context, owner string, until time.Time) error {
	err := s.usable(ctx)
	if keys := s.claimedBy(owner); err == nil && len(keys) > 0 {
		err = s.write(ctx, len(keys), func(b *batch) error { return b.extend(keys, owner, until) })
	}
	if err != nil {
		return fmt.Errorf("boltstore: extend the claims of %s: %w", owner, err)
	}
	return nil
}

func (s *Store) claimedBy(owner string) (keys []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range s.ix.waiting {
		if w.claimed && w.owner == owner {
			keys = append(keys, w.key)
		}
	}
	return keys
}

func (b *batch) extend(keys []string, owner string, until time.Time) error {
	for _, key := range keys {
		rec, err := b.page([]byte(key))
		if err != nil {
			return err
		}
		if rec == nil || rec.State != ticket.PageSending || rec.Owner != owner {
			continue
		}
		rec.Until = until
		if err := b.putPage(key, rec); err != nil {
			return err
		}
	}
	return nil
}
