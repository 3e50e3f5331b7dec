package ingest

import "sync"

const (
	// DefaultMemory is what bodies in flight may take if nobody says.
	DefaultMemory = 256 << 20
	// LeastMemory is what they may take on the smallest machine: enough for one
	// body of the usual max_body at a time.
	LeastMemory = 128 << 20
	// becomes is how many times its length a body takes at most, from its first
	// byte to its answer: the body, its alerts, their records.
	becomes = 10
)

// budget bounds the memory of bodies in flight, over all sources. One source
// gets at most three quarters of it, so that there is room for the others.
type budget struct {
	total int64
	mu    sync.Mutex
	taken int64
	by    map[string]int64 // by source
}

func newBudget(total int64) *budget {
	if total == 0 {
		total = DefaultMemory
	}
	return &budget{total: total, by: map[string]int64{}}
}

// each is what one source may take.
func (b *budget) each() int64 { return b.total / 4 * 3 }

// unknown is what the senders may take together whose key has not been read
// yet.
func (b *budget) unknown() int64 { return b.total / 4 }

// longest is the longest body for which there can be room.
func (b *budget) longest() int64 { return b.each()/becomes - 1 }

// lease is what one request has taken of a budget.
type lease struct {
	of     *budget
	source string // empty: not known yet
	taken  int64
}

// grow makes the lease large enough for a body of so many bytes. It is false
// if there is no room for it now.
func (l *lease) grow(body int64) bool {
	b := l.of
	b.mu.Lock()
	defer b.mu.Unlock()
	more := body*becomes - l.taken
	if more <= 0 {
		return true
	}
	share := b.each()
	if l.source == "" {
		share = b.unknown()
	}
	if b.taken+more > b.total || b.by[l.source]+more > share {
		return false
	}
	b.taken += more
	b.by[l.source] += more
	l.taken += more
	return true
}

// end gives everything back.
func (l *lease) end() {
	b := l.of
	b.mu.Lock()
	defer b.mu.Unlock()
	b.taken -= l.taken
	if b.by[l.source] -= l.taken; b.by[l.source] == 0 {
		delete(b.by, l.source)
	}
	l.taken = 0
}
