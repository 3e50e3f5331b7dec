package boltstore

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// claimScan is how many pages one Claim looks at. If it finds more pages than
// this that are no longer wanted, the next call goes on.
const claimScan = 1000

// taking is one Claim as the writer runs it.
type taking struct {
	paging.ClaimRequest
	now int64

	claims  []paging.Claim
	heads   []ticketHead // of the pages' tickets
	tickets [][]byte     // not decoded yet
	next    int64
}

// Claim asks the index whether a page is ready. Only then does it write.
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
	if damaged := t.decode(s); len(damaged) > 0 {
		_ = s.abandon(ctx, damaged) // whoever reads them next does it
	}
	return t.claims, instant(t.next), nil
}

// decode reads the tickets of the claims. If a ticket cannot be read, its page
// goes out with what is known of it.
func (t *taking) decode(s *Store) (damaged []string) {
	for i, body := range t.tickets {
		c, h := &t.claims[i], &t.heads[i]
		var err error
		if c.Ticket, err = decodeTicket(c.Page.Ticket, body); err == nil {
			continue
		}
		_ = s.damagedTicket(c.Page.Ticket, err)
		damaged = append(damaged, c.Page.Ticket)
		c.Ticket = ticket.Damaged(c.Page.Ticket, c.Page.Source, h.state.long(), c.Page.Urgency, int(h.episode))
	}
	return damaged
}

// anyReady says whether a page can be claimed now. If not, at says when.
func (s *Store) anyReady(now int64) (at int64, ready bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ix.promote(now)
	at = s.ix.nextReady(now)
	return at, at != 0 && at <= now
}

func (t *taking) run(b *batch) error {
	t.claims, t.heads, t.tickets = nil, nil, nil
	for scanned := 0; len(t.claims) < t.Limit && scanned < claimScan; scanned++ {
		w := b.popWaiting(t.now, t.AtLeast, t.Except)
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

// popWaiting takes the next page out of the index. It stays out until the
// batch has succeeded or failed.
func (b *batch) popWaiting(now int64, atLeast ticket.Urgency, except []string) *waitingPage {
	b.s.mu.Lock()
	defer b.s.mu.Unlock()
	w := b.s.ix.next(now, atLeast, except)
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

// claim claims a page, or cancels it. It leaves a page that this batch has
// changed already.
func (t *taking) claim(b *batch, w *waitingPage) error {
	rec := b.waitingPage(w, t.now)
	if rec == nil {
		return b.dropWaiting(w)
	}
	if !rec.waits() {
		return nil
	}
	if rec.readyAt() > t.now {
		h := rec.head()
		b.then(func(ix *index) { ix.wait(w.key, rec.Source, &h) })
		return nil
	}
	h, body := b.ticketOf(rec)
	if !rec.WantedFor(h.state.long(), int(h.episode)) {
		if rec.Held {
			rec.release()
		} else {
			rec.State = ticket.PageCancelled
			b.touch(rec.Source, rec.Ticket)
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
	t.heads, t.tickets = append(t.heads, h), append(t.tickets, bytes.Clone(body))
	return b.putPage(w.key, rec)
}

// ticketOf reads the head and the rest of a page's ticket. If the head cannot
// be read, the page is wanted if somebody has to act.
func (b *batch) ticketOf(rec *pageRecord) (h ticketHead, body []byte) {
	v := b.in(inTickets).Get(ticketKey(rec.Ticket))
	h, body, err := readTicket(v)
	switch {
	case err == nil:
		return h, body
	case rec.Kind != ticket.KindPage || v == nil && b.s.ix.tickets[rec.Ticket] == nil:
		return ticketHead{}, nil
	}
	return ticketHead{state: stateOpen, episode: int64(rec.Episode)}, nil
}

// Extend writes the claims' new end to the file, so that it also holds for the
// next process that opens the file.
func (s *Store) Extend(ctx context.Context, claims []paging.ClaimRef, until time.Time) error {
	err := s.usable(ctx)
	if held := slices.Clone(claims); err == nil && len(held) > 0 {
		err = s.write(ctx, len(held), func(b *batch) error { return b.extend(held, until) })
	}
	if err != nil {
		return fmt.Errorf("boltstore: extend %d claims: %w", len(claims), err)
	}
	return nil
}

func (b *batch) extend(claims []paging.ClaimRef, until time.Time) error {
	for _, c := range claims {
		key := pageKey(c.Key)
		rec, err := b.page(key)
		if err != nil || rec == nil || rec.State != ticket.PageSending || rec.Token != c.Token || rec.Source != c.Source {
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
