package gateway

import (
	"sync"

	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// rememberedPages is how many messages a sender remembers by their ids.
const rememberedPages = 4096

// sent remembers which pages the latest messages were: a receipt may come
// before the store has heard of the id. The store knows the pages of receipts
// for other daemons.
type sent struct {
	mu   sync.Mutex
	byID map[string]page
	ring [rememberedPages]string // ids, the oldest at next
	next int
}

type page struct {
	source string
	key    ticket.PageKey
}

func (s *sent) keep(id string, m paging.Message) {
	if id == "" || m.Key == (ticket.PageKey{}) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byID == nil {
		s.byID = map[string]page{}
	}
	if _, again := s.byID[id]; !again {
		delete(s.byID, s.ring[s.next])
		s.ring[s.next] = id
		s.next = (s.next + 1) % len(s.ring)
	}
	s.byID[id] = page{m.Source, m.Key}
}

func (s *sent) of(id string) page {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.byID[id]
}
