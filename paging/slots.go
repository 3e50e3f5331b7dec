package paging

import (
	"slices"
	"sync"

	"github.com/astreinte/astreinte/internal/ticket"
)

// sourceShare is how many times as many messages a source may have with
// providers as there are places left: alone it comes to all but a few, and the
// more sources there are the less each has. So there is always a place for one
// that comes new, however slow the others' are.
const sourceShare = 8

// slots are how many messages may be with providers at once. The last ones are
// kept for what is critical, so that it never waits behind a slow storm, and
// each source has its share, so that it never waits behind another's.
type slots struct {
	mu       sync.Mutex
	total    int
	reserved int
	taken    int
	sources  map[string]*inUse
	freed    chan struct{} // closed when one comes back
}

// inUse are the places that a source has.
type inUse struct{ all, critical int }

// room is what is free.
type room struct {
	normal, urgent int           // for any page, and for critical ones
	sated, full    []string      // sources that have their share of either
	freed          chan struct{} // closed when another comes back
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

// of is how many are free for a source's pages.
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

// allows says whether a source may take one more: the last one goes to who has
// none. s.mu is held.
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

// acquire waits for a slot; false if stopping is closed first.
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

// count moves what is taken; s.mu is held.
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

// give gives back what take took.
func (s *slots) give(source string, u ticket.Urgency) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count(source, u, -1)
	close(s.freed)
	s.freed = make(chan struct{})
}
