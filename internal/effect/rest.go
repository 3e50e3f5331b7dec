package effect

import (
	"sync"
	"time"
)

const (
	longestRest = time.Minute
	perReceiver = 4 // that are sent to one at once
)

// rests knows which receivers are busy, and which ones rest because they failed.
type rests struct {
	mu sync.Mutex
	of map[string]*rest
}

type rest struct {
	busy  int
	fails int // one after the other
	until time.Time
}

// enter takes a place at a receiver. If it has none now, later says when to ask
// again.
func (r *rests) enter(to string, now time.Time) (later time.Time, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	at := r.of[to]
	if at == nil {
		at = &rest{}
		r.of[to] = at
	}
	switch {
	case now.Before(at.until):
		return at.until, false
	case at.busy >= perReceiver:
		return now.Add(time.Second), false
	}
	at.busy++
	return time.Time{}, true
}

// leave gives the place back. A receiver that failed rests a while, longer each
// time; one that answered is all right.
func (r *rests) leave(to string, failed bool, now time.Time, chance float64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	at := r.of[to]
	at.busy--
	if !failed {
		at.fails, at.until = 0, time.Time{}
		return
	}
	if now.Before(at.until) {
		return // of those that were sent together, one counts
	}
	at.until = now.Add(pause(at.fails, longestRest, chance))
	at.fails++
}
