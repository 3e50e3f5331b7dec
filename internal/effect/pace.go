package effect

import (
	"sync"
	"time"
)

const (
	maxTurns  = 20_000
	turnStays = 10 * time.Minute // after its time, if nobody takes it
)

// Pace gives turns: one each Every. Who asks and has none gets the next one that is
// free, so that each of many comes once, at its time. It is this daemon's alone: a
// receiver that hears from several says itself when they are too fast.
type Pace struct {
	Every time.Duration

	mu    sync.Mutex
	next  time.Time // the first turn that is free
	went  time.Time // when the last one was taken
	turns map[string]time.Time
}

// Turn is when the holder of a key may go (Paced.Turn).
func (p *Pace) Turn(key string, now time.Time) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	at, has := p.turns[key]
	if !has {
		if at = p.next; at.Before(now) {
			at = now
		}
		p.next = at.Add(p.Every)
	}
	if soonest := p.went.Add(p.Every); !p.went.IsZero() && !at.After(now) && soonest.After(now) {
		at = soonest // several come late, at once
	}
	if at.After(now) {
		p.keep(key, at, now)
		return at
	}
	delete(p.turns, key)
	p.went = now
	return at
}

// keep notes a turn. Those that nobody took are forgotten.
func (p *Pace) keep(key string, at, now time.Time) {
	if p.turns == nil {
		p.turns = map[string]time.Time{}
	}
	if len(p.turns) >= maxTurns {
		for other, at := range p.turns {
			if now.Sub(at) > turnStays {
				delete(p.turns, other)
			}
		}
	}
	if _, has := p.turns[key]; has || len(p.turns) < maxTurns {
		p.turns[key] = at
	}
}

// Hold puts off all turns until a time, in their order.
func (p *Pace) Hold(until, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	first := p.next
	for _, at := range p.turns {
		if at.Before(first) {
			first = at
		}
	}
	if first.Before(now) {
		first = now
	}
	late := until.Sub(first)
	if late <= 0 {
		return
	}
	for key, at := range p.turns {
		if at.Before(first) {
			at = first
		}
		p.turns[key] = at.Add(late)
	}
	p.next = p.next.Add(late)
	if p.next.Before(until) {
		p.next = until
	}
}
