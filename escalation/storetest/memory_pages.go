package storetest

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// Claim implements paging.Store.
func (m *Memory) Claim(ctx context.Context, r paging.ClaimRequest) (claims []paging.Claim, next time.Time, err error) {
	err = m.do(ctx, "Claim", func() error {
		ready := readyPages{}
		for _, place := range m.d.queue.items {
			p := m.d.page(place.pageRef)
			switch at := p.readyAt(r.Now); {
			case at.After(r.Now):
				if next.IsZero() || at.Before(next) {
					next = at
				}
			case p.Urgency < r.AtLeast:
				next = r.Now
			case !slices.Contains(r.Except, p.Source):
				ready.add(p)
			}
		}
		for len(claims) < r.Limit {
			p := ready.next(m.served)
			if p == nil {
				return nil
			}
			if claim, wanted := m.claimPage(p, r.Owner, r.Until); wanted {
				claims = append(claims, claim)
				m.served[p.Source] = m.tokens
			}
		}
		if ready.left() {
			next = r.Now
		}
		return nil
	})
	return claims, next, err
}

// readyPages are the pages that may be claimed, by urgency and source, in their
// order.
type readyPages [ticket.Critical + 1]map[string][]*page

func (r *readyPages) add(p *page) {
	if r[p.Urgency] == nil {
		r[p.Urgency] = map[string][]*page{}
	}
	r[p.Urgency][p.Source] = append(r[p.Urgency][p.Source], p)
}

// next takes out the page whose turn it is; nil if there is none.
func (r *readyPages) next(served map[string]int64) *page {
	for u := ticket.Critical; u >= 0; u-- {
		var first *page
		for source, pages := range r[u] {
			if first == nil || served[source] < served[first.Source] || served[source] == served[first.Source] && before(pages[0], first) {
				first = pages[0]
			}
		}
		if first == nil {
			continue
		}
		if r[u][first.Source] = r[u][first.Source][1:]; len(r[u][first.Source]) == 0 {
			delete(r[u], first.Source)
		}
		return first
	}
	return nil
}

func before(a, b *page) bool { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.order, b.order)) < 0 }

func (r *readyPages) left() bool {
	for _, sources := range r {
		if len(sources) > 0 {
			return true
		}
	}
	return false
}

// claimPage claims a page. It cancels a page that is no longer wanted.
func (m *Memory) claimPage(p *page, owner string, until time.Time) (claim paging.Claim, wanted bool) {
	t := m.d.shelf(p.Source).tickets[p.Ticket].Ticket
	switch wanted := p.WantedFor(t.State, t.Progress.Episode); {
	case !wanted && p.held:
		m.d.leave(p, p.State)
		p.token, p.owner, p.held = 0, "", false
		return paging.Claim{}, false
	case !wanted:
		m.d.leave(p, ticket.PageCancelled)
		m.d.touch(p.Source, p.Ticket)
		return paging.Claim{}, false
	}
	again := p.State != ticket.PageQueued
	m.tokens++
	p.owner, p.until, p.token = owner, until, m.tokens
	if !p.held {
		p.State = ticket.PageSending
		p.Attempts++
	}
	return paging.Claim{Page: copied(p.Page), Ticket: copied(t), Token: p.token, Again: again}, true
}

// readyAt says when a page of the queue can be claimed: now, or later.
func (p *page) readyAt(now time.Time) time.Time {
	at := p.RetryAt
	if p.State == ticket.PageSending || p.held {
		at = p.until.Add(time.Nanosecond)
	}
	if at.Before(now) {
		return now
	}
	return at
}

// leave takes a page out of the queue.
func (d *data) leave(p *page, state ticket.PageState) {
	d.queue.remove(p.place())
	p.State = state
}

// Extend implements paging.Store.
func (m *Memory) Extend(ctx context.Context, claims []paging.ClaimRef, until time.Time) error {
	return m.do(ctx, "Extend", func() error {
		for _, c := range claims {
			if p := m.d.page(pageRef{c.Source, c.Key}); p != nil && p.State == ticket.PageSending && p.token == c.Token {
				p.until = until
			}
		}
		return nil
	})
}

// Pace implements paging.Store.
func (m *Memory) Pace(ctx context.Context, now time.Time, turns []paging.Turn, forced bool) (wait time.Time, err error) {
	err = m.do(ctx, "Pace", func() error {
		wait = m.paces.Take(now, turns, forced)
		return nil
	})
	return wait, err
}

// Finish implements paging.Store.
func (m *Memory) Finish(ctx context.Context, outcomes []paging.Outcome) (applied []bool, err error) {
	err = m.do(ctx, "Finish", func() error {
		applied = make([]bool, len(outcomes))
		for i := range outcomes {
			applied[i] = m.d.finish(&outcomes[i])
		}
		return nil
	})
	return applied, err
}

func (d *data) finish(o *paging.Outcome) bool {
	p := d.page(pageRef{o.Source, o.Key})
	if p == nil {
		return false
	}
	if o.ProviderID != "" {
		d.ids[o.ProviderID] = p.ref()
	}
	if p.token == 0 || p.token != o.Token {
		return false
	}
	d.touch(p.Source, p.Ticket)
	if p.held {
		d.leave(p, p.State)
	}
	p.token, p.owner, p.until, p.held = 0, "", time.Time{}, false
	p.Address = o.Address
	p.Unclear = p.Unclear || o.Unclear
	if o.Untried {
		p.Attempts--
	}
	if len(o.Carries) > 0 {
		p.Carries = slices.Clone(o.Carries)
	}
	if o.ProviderID != "" {
		p.ProviderID = o.ProviderID
	}
	if o.Provider != "" {
		p.Provider = o.Provider
	}
	if o.State == ticket.PageSent {
		p.SentAt = o.At
	}
	// A receipt may have come first; its word stands.
	if p.State == ticket.PageSending || (p.State == ticket.PageCancelled && o.State != ticket.PageQueued) {
		d.settle(p, o)
	}
	if o.Entry != nil {
		d.note(p, *o.Entry)
	}
	return true
}

// settle moves a claimed page to its outcome.
func (d *data) settle(p *page, o *paging.Outcome) {
	p.Error = o.Error
	if o.State == ticket.PageQueued {
		p.State, p.RetryAt = ticket.PageQueued, o.RetryAt
		return
	}
	d.leave(p, o.State)
}

// note appends to the timeline of the page's ticket, unless the page is quiet.
func (d *data) note(p *page, e ticket.Entry) {
	if p.Quiet {
		return
	}
	s := d.shelf(p.Source)
	s.entries[p.Ticket] = append(s.entries[p.Ticket], copied(e))
}

// Receipt implements paging.Store.
func (m *Memory) Receipt(ctx context.Context, r paging.Receipt) (got ticket.Page, changed bool, err error) {
	err = m.do(ctx, "Receipt", func() error {
		ref := pageRef{r.Source, r.Key}
		if r.Key == (ticket.PageKey{}) {
			ref = m.d.ids[r.ProviderID]
		}
		p := m.d.page(ref)
		if p == nil {
			return escalation.ErrNotFound
		}
		if changed = p.State.Later(r.State); changed {
			m.d.leave(p, r.State)
			m.d.touch(p.Source, p.Ticket)
			if h := r.Hold; h != nil && p.token == 0 {
				p.owner, p.until, p.token, p.held = h.Owner, h.Until, h.Token, true
				m.d.queue.add(p.place())
			}
			p.ReceiptAt = r.At
			if r.Error != "" {
				p.Error = r.Error
			}
			if r.Entry != nil {
				m.d.note(p, *r.Entry)
			}
		}
		got = copied(p.Page)
		return nil
	})
	return got, changed, err
}

// Pages implements paging.Store.
func (m *Memory) Pages(ctx context.Context, source, number string) (pages []ticket.Page, err error) {
	err = m.do(ctx, "Pages", func() error {
		pages = m.d.shelf(source).pagesOf(number)
		return nil
	})
	return pages, err
}

func (s *shelf) pagesOf(number string) []ticket.Page {
	var pages []ticket.Page
	for _, p := range s.pages[number] {
		page := p.Page // copied field by field: a ticket that flaps has a thousand pages, and each read copies them
		page.Carries = slices.Clone(page.Carries)
		pages = append(pages, page)
	}
	return pages
}

// Stats implements paging.Store.
func (m *Memory) Stats(ctx context.Context) (stats ticket.Stats, err error) {
	err = m.do(ctx, "Stats", func() error {
		stats.Tickets = m.d.countTickets()
		for _, place := range m.d.queue.items {
			if p := m.d.page(place.pageRef); p.State == ticket.PageQueued {
				stats.Queued++
				if stats.Oldest.IsZero() || p.At.Before(stats.Oldest) {
					stats.Oldest = p.At
				}
			}
		}
		return nil
	})
	return stats, err
}

func (d *data) countTickets() map[ticket.Urgency]map[ticket.State]int {
	counts := map[ticket.Urgency]map[ticket.State]int{}
	for _, u := range ticket.Urgencies() {
		counts[u] = map[ticket.State]int{}
	}
	for _, s := range d.shelves {
		for _, record := range s.tickets {
			if t := &record.Ticket; t.State != ticket.Closed {
				counts[t.Urgency][t.State]++
			}
		}
	}
	return counts
}
