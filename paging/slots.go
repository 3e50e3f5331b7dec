package paging

import (
	"slices"
	"sync"

	"github.com/astreinte/astreinte/internal/ticket"
)

// sourceShare says how many messages a source may have with providers: at most
// so many times the places that are still free. A source that is alone gets
// all but a few. The more sources there are, the less each gets. So there is
// always a place for a new source, however slow the others' messages are.
const sourceShare = 8

// slots are how many messages may be with providers at once. The last ones are
// kept for critical pages, so that these never wait behind a slow storm. Each
// source has its share, so that it never waits behind another source.
type slots struct {
	mu       sync.Mutex
	total    int
	reserved int
	taken    int
	sources  map[string]*inUse
	freed    chan struct{} // closed when one is given back
}

// inUse are the slots that a source uses.
type inUse struct{ all, critical int }

// room is what is free.
type room struct {
	normal, urgent int           // for any page, and for critical ones
	sated, full    []string      // sources that have their share of either
	freed          chan struct{} // closed when another slot is given back
}

func newSlots(total int) *slots {
	return &slots{total: total, reserved: total / 8, sources: map[string]*inUse{}, freed: make(chan struct{})}
}

// free says what is free.
func (s *slots) free() room {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := room{normal: max(s.total-s.reserved-s.taken, 0), urgent: max(s.total-s.taken, 0), freed: s.freed}
	for source := range s.sources {
		if !s.allows(source, ticket.Major) {
			r.sated = append(r.sated, source)
		}
		if !s.allows(source, ticket.Critical) {
			r.full = append(r.full, source)
		}
	}
	return r
}

// of is how many slots are free for a source's pages.
func (r *room) of(source string, u ticket.Urgency) int {
	n, sated := r.normal, r.sated
	if u == ticket.Critical {
		n, sated = r.urgent, r.full
	}
	if slices.Contains(sated, source) {
		return 0
	}
	return n
}

// allows says whether a source may take one more. A source that has none gets
// the last one. s.mu is held.
func (s *slots) allows(source string, u ticket.Urgency) bool {
	var has inUse
	if is := s.sources[source]; is != nil {
		has = *is
	}
	left, own := s.total-s.reserved-s.taken, has.all
	if u == ticket.Critical {
		left, own = s.total-s.taken, has.critical
	}
	return left > 0 && (own == 0 || own < sourceShare*(left-1))
}

// acquire waits for a slot. It is false if stopping is closed first.
func (s *slots) acquire(source string, u ticket.Urgency, stopping <-chan struct{}) bool {
	for {
		s.mu.Lock()
		if s.allows(source, u) {
			s.count(source, u, 1)
			s.mu.Unlock()
			return true
		}
		freed := s.freed
		s.mu.Unlock()
		select {
		case <-freed:
		case <-stopping:
			return false
		}
	}
}

// count changes the number of slots in use. s.mu is held.
func (s *slots) count(source string, u ticket.Urgency, by int) {
	has := s.sources[source]
	if has == nil {
		has = &inUse{}
		s.sources[source] = has
	}
	s.taken += by
	has.all += by
	if u == ticket.Critical {
		has.critical += by
	}
	if has.all == 0 {
		delete(s.sources, source)
	}
}

// give gives back a slot that acquire took.
func (s *slots) give(source string, u ticket.Urgency) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count(source, u, -1)
	close(s.freed)
	s.freed = make(chan struct{})
}
