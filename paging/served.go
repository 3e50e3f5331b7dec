package paging

import (
	"sync"
	"time"
)

// served remembers when whoever shares a pace had a turn last. Without it the
// order in which pages were ordered decides, and where rounds come faster than
// turns one ticket has them all: each page of the others is overtaken by a later
// round of its own, and loses its place in the line with it.
//
// Each daemon remembers its own: what it forgets costs somebody a turn.
type served struct {
	mu   sync.Mutex
	last map[string]time.Time
}

// servedKept is how many are remembered before those of more than an hour ago are
// forgotten.
const servedKept = 4096

func (s *served) turn(now time.Time, names ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.last == nil {
		s.last = map[string]time.Time{}
	}
	if len(s.last) > servedKept {
		for name, at := range s.last {
			if now.Sub(at) > time.Hour {
				delete(s.last, name)
			}
		}
	}
	for _, name := range names {
		s.last[name] = now
	}
}

// at is when somebody had a turn last; zero, which is before all others, where
// that was never.
func (s *served) at(name string) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last[name]
}

func (b box) name() string { return "box/" + b.shared() + "/" + b.customer }

// line names a ticket's place in the line to a person.
func line(c *Claim) string { return "ticket/" + c.Page.Ticket + "/" + c.Page.Person }

// linesOf names a box, and what is sent of it.
func linesOf(b box, claims []Claim) []string {
	names := []string{b.name()}
	for i := range claims {
		names = append(names, line(&claims[i]))
	}
	return names
}
