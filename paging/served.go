package paging

import (
	"sync"
	"time"
)

// served remembers when each of those who share a pace last had a turn.
// Without it, the order of the pages would decide. If rounds came faster than
// turns, one ticket would then have all turns: a later round would overtake
// each page of the other tickets, and take its place in the line.
//
// Each daemon remembers only its own turns. What it forgets costs somebody a
// turn.
type served struct {
	mu   sync.Mutex
	last map[string]time.Time
}

// servedKept is how many are remembered before those of more than an hour ago
// are forgotten.
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

// at is when somebody last had a turn. If there was none it is zero, which is
// before all others.
func (s *served) at(name string) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last[name]
}

func (b box) name() string { return "box/" + b.shared() + "/" + b.customer }

// line names a ticket's place in the line for a person.
func line(c *Claim) string { return "ticket/" + c.Page.Ticket + "/" + c.Page.Person }

// linesOf names a box's lines, and those of what is sent of it.
func linesOf(b box, claims []Claim) []string {
	names := []string{b.name()}
	for i := range claims {
		names = append(names, line(&claims[i]))
	}
	return names
}
