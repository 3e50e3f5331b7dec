package boltstore

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// claimScan is how many pages one Claim looks at; where more of them than this
// are no longer wanted, the next call goes on.
const claimScan = 1000

// taking is one Claim as the writer runs it.
type taking struct {
	paging.ClaimRequest
	now int64

	claims  []paging.Claim
	tickets [][]byte // of claims, not decoded yet
	next    int64
}

// Claim asks the index whether a page is ready, and writes only then.
func (s *Store) Claim(ctx context.Context, r paging.ClaimRequest) (claims []paging.Claim, next time.Time, err error) {
	t := taking{ClaimRequest: r, now: stamp(r.Now)}
	if err := s.usable(ctx); err != nil {
		return nil, time.Time{}, fmt.Errorf("boltstore: claim pages for %s: %w", r.Owner, err)
	}
	if at, ready := s.anyReady(t.now); !ready || r.Limit < 1 {
		return nil, instant(at), nil
	}
	if err := s.write(ctx, r.Limit, t.run); err != nil {
		return nil, time.Time{}, fmt.Errorf("boltstore: claim pages for %s: %w", r.Owner, err)
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
	for scanned := 0; len(t.claims) < t.Limit && scanned < claimScan; scanned++ {
		w := b.take(t.now, t.AtLeast)
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
func (b *batch) take(now int64, atLeast ticket.Urgency) *waitingPage {
	b.s.mu.Lock()
	defer b.s.mu.Unlock()
	w := b.s.ix.next(now, atLeast)
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
		if rec.Held {
			rec.release()
		} else {
			rec.State = ticket.PageCancelled
		}
		return b.putPage(w.key, rec)
	}
	token, err := b.next(inQueue)
	if err != nil {
		return err
	}
	again := rec.claimed()
	if !rec.Held {
		rec.State = ticket.PageSending
		rec.Attempts++
	}
	rec.Owner, rec.Until, rec.Token = t.Owner, t.Until, int64(token) //nolint:gosec // a sequence does not come that far
	t.claims = append(t.claims, paging.Claim{Page: rec.Page, Token: rec.Token, Again: again})
	t.tickets = append(t.tickets, bytes.Clone(body))
	return b.putPage(w.key, rec)
}

// Extend writes the claims' new end, so that it also holds for the next who
// opens the file.
func (s *Store) Extend(ctx context.Context, claims []paging.Held, until time.Time) error {
	err := s.usable(ctx)
	if held := slices.Clone(claims); err == nil && len(held) > 0 {
		err = s.write(ctx, len(held), func(b *batch) error { return b.extend(held, until) })
	}
	if err != nil {
		return fmt.Errorf("boltstore: extend %d claims: %w", len(claims), err)
	}
	return nil
}

func (b *batch) extend(claims []paging.Held, until time.Time) error {
	for _, c := range claims {
		key := pageKey(c.Key)
		rec, err := b.page(key)
		if err != nil {
			return err
		}
		if rec == nil || rec.State != ticket.PageSending || rec.Token != c.Token || rec.Source != c.Source {
			continue
		}
		rec.Until = until
		if err := b.putPage(string(key), rec); err != nil {
			return err
		}
	}
	return nil
}

// Pace keeps paces in memory: a start forgets them.
func (s *Store) Pace(ctx context.Context, now time.Time, turns []paging.Turn, forced bool) (time.Time, error) {
	if err := s.usable(ctx); err != nil {
		return time.Time{}, fmt.Errorf("boltstore: take a turn: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.paces.Take(now, turns, forced), nil
}
