package standby

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/internal/pager"
	"github.com/astreinte/astreinte/internal/spool"
	"github.com/astreinte/astreinte/internal/store/boltstore"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// lastMerge bounds the end of a merge, during which no alert is taken.
const lastMerge = 3 * time.Second

// merger brings what was kept into the store. After a crash it does so again:
//
//  1. A ticket that was paged from the spool, and whose group has no ticket in
//     the store, moves there as it is, in one commit. It keeps its
//     acknowledgement, its pages, its timeline and the time of its next round.
//     So nothing pages again that somebody has taken.
//  2. The records of the spool are fed in order. What moved is known by now.
//  3. What people did to the other tickets is done to those that their alerts
//     belong to.
type merger struct {
	s      *Standby
	store  pager.Store
	feeder *feeder
	since  time.Time

	// What was paged from the spool.
	from   *secondStore
	alerts map[string][]ticket.AlertRecord // by ticket
	links  map[string][]boltstore.FiledLink
	whole  []boltstore.FiledLink // links of messages for several tickets

	mu   sync.Mutex
	left []ticket.Ticket // tickets that did not move
}

// merge brings everything into the store and empties the spool. Then alerts go
// to the store again.
func (s *Standby) merge(ctx context.Context, since time.Time) error {
	m := &merger{s: s, store: s.main.Store, since: since, feeder: newFeeder(s.main.Store, s.main.Pager, true)}
	defer func() { _ = m.feeder.engine.Stop(context.WithoutCancel(ctx)) }() // nothing is under way
	if err := s.landed(ctx); err != nil {
		return err
	}
	if err := m.reopen(ctx); err != nil {
		return err
	}
	if err := m.moveTickets(ctx); err != nil {
		return err
	}
	at, err := m.feedAll(ctx, s.file.Start())
	if err == nil {
		err = m.actOnTheRest(ctx)
	}
	if err == nil {
		err = m.moveBundles(ctx)
	}
	if err != nil {
		return err
	}
	return m.finish(ctx, at)
}

// feedAll feeds the records from a place on until there are no more.
func (m *merger) feedAll(ctx context.Context, at int64) (int64, error) {
	for {
		records, next, err := m.s.file.Read(at, ReadTogether)
		if err != nil || len(records) == 0 {
			return at, err
		}
		if err := m.feeder.feed(ctx, records); err != nil {
			return at, err
		}
		at = next
	}
}

// finish feeds what came meanwhile, while nothing more comes, and removes what
// is merged.
func (m *merger) finish(ctx context.Context, at int64) error {
	s := m.s
	s.gate.Lock()
	defer s.gate.Unlock()
	limited, cancel := context.WithTimeout(ctx, lastMerge)
	defer cancel()
	if _, err := m.feedAll(limited, at); err != nil {
		return err
	}
	// What was found in the store already must be as durable as what was written
	// now.
	if err := m.store.Check(limited); err != nil {
		return err
	}
	if err := s.file.Reset(); err != nil {
		return err
	}
	s.core.Lock()
	if s.second != nil {
		s.second.close(ctx)
		s.second = nil
	}
	s.core.Unlock()
	s.mu.Lock()
	s.since, s.lost = time.Time{}, make(chan struct{})
	s.mu.Unlock()
	if err := removeSecond(s.dir); err != nil {
		s.log.Error("what is merged could not be forgotten", zap.Error(err))
	}
	if s.main.Merged != nil {
		s.main.Merged()
	}
	return nil
}

// reopen finds what was paged from the spool, before or after this daemon
// started.
func (m *merger) reopen(ctx context.Context) error {
	s := m.s
	s.core.Lock()
	if s.second == nil && secondExists(s.dir) {
		e, err := openSecond(ctx, s)
		if err != nil {
			s.core.Unlock()
			return err
		}
		s.second = e
	}
	if s.second != nil {
		m.from = s.second.store
	}
	s.core.Unlock()
	if m.from == nil {
		return nil
	}
	m.alerts, m.links = map[string][]ticket.AlertRecord{}, map[string][]boltstore.FiledLink{}
	links, err := m.from.Links(ctx)
	if err != nil {
		return err
	}
	for _, l := range links {
		if len(l.Bundle) > 0 {
			m.whole = append(m.whole, l)
			continue
		}
		m.links[l.Ticket] = append(m.links[l.Ticket], l)
	}
	return m.readSpool(ctx)
}

// readSpool finds the alerts of the tickets, and which tickets have moved
// already.
func (m *merger) readSpool(ctx context.Context) error {
	bySource := map[string]map[string]bool{}
	for at := m.s.file.Start(); ; {
		records, next, err := m.s.file.Read(at, ReadTogether)
		if err != nil {
			return err
		}
		if len(records) == 0 {
			break
		}
		for i := range records {
			m.remember(bySource, &records[i])
		}
		at = next
	}
	for source, set := range bySource {
		fingerprints := make([]string, 0, len(set))
		for fp := range set {
			fingerprints = append(fingerprints, fp)
		}
		for some := range slices.Chunk(fingerprints, ReadTogether) {
			known, err := m.from.Alerts(ctx, source, some)
			if err != nil {
				return err
			}
			for i := range known {
				m.alerts[known[i].Ticket] = append(m.alerts[known[i].Ticket], known[i])
			}
		}
	}
	return nil
}

func (m *merger) remember(bySource map[string]map[string]bool, r *spool.Record) {
	if r.Moved != nil {
		m.s.hasMoved(r.Moved.From, moving{r.Moved.To, r.At})
		return
	}
	if bySource[r.Source] == nil {
		bySource[r.Source] = map[string]bool{}
	}
	for i := range r.Alerts {
		bySource[r.Source][r.Alerts[i].Fingerprint] = true
	}
}

func (s *Standby) hasMoved(from string, to moving) {
	s.core.Lock()
	defer s.core.Unlock()
	s.moved[from] = to
}

// movedTo says what became of a ticket that was paged from the spool. known is
// false if it has not moved.
func (s *Standby) movedTo(number string) (to moving, known bool) {
	s.core.RLock()
	defer s.core.RUnlock()
	to, known = s.moved[number]
	return to, known
}

// settle writes down that a ticket has moved.
func (m *merger) settle(from, to string) error {
	r, err := m.s.file.Append(spool.Record{At: m.s.at(m.since), Moved: &spool.Moved{From: from, To: to}})
	if err == nil {
		m.s.hasMoved(from, moving{to, r.At})
	}
	return err
}

// fileLinks points the links of a ticket to a ticket in the store.
func (m *merger) fileLinks(ctx context.Context, e *ticket.Ticket, to string) error {
	for _, l := range m.links[e.Number] {
		l.Source, l.Ticket = e.Source, to
		if _, err := m.store.Reserve(ctx, paging.Reservation{Hash: l.Hash, Link: l.Link}); err != nil {
			return fmt.Errorf("standby: the links of %s: %w", e.Number, err)
		}
	}
	return nil
}

// moveBundles points the links of messages for several tickets to where those
// are now.
func (m *merger) moveBundles(ctx context.Context) error {
	for _, l := range m.whole {
		bundle := l.Bundle
		l.Bundle = nil
		for _, ref := range bundle {
			if to, _ := m.s.movedTo(ref.Number); to.to != "" {
				l.Bundle = append(l.Bundle, ticket.Ref{Source: ref.Source, Number: to.to})
			}
		}
		if len(l.Bundle) == 0 {
			continue
		}
		if _, err := m.store.Reserve(ctx, paging.Reservation{Hash: l.Hash, Link: l.Link}); err != nil {
			return fmt.Errorf("standby: the link of a message for %d tickets: %w", len(bundle), err)
		}
	}
	return nil
}

func fingerprints(alerts []ticket.AlertRecord) []string {
	out := make([]string, len(alerts))
	for i := range alerts {
		out[i] = alerts[i].Fingerprint
	}
	return out
}
