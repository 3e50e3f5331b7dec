package boltstore

import (
	"slices"

	"github.com/astreinte/astreinte/internal/ticket"
)

// readyPages are the pages of one source that may be claimed.
type readyPages struct {
	heap[*waitingPage]       // the first to go on top
	served             int64 // when one was last claimed, in the order of claims
}

// readyOf finds a source's readyPages. It makes them if there are none.
func (ix *index) readyOf(source string) *readyPages {
	r := ix.ready[source]
	if r == nil {
		r = &readyPages{heap: heap[*waitingPage]{less: byRank, place: placeOf}}
		ix.ready[source] = r
	}
	return r
}

// readyLen counts the pages that may be claimed.
func (ix *index) readyLen() (n int) {
	for _, r := range ix.ready {
		n += r.len()
	}
	return n
}

// wait files a page that waits, at its place.
func (ix *index) wait(key, source string, h *pageHead) {
	w := ix.waiting[key]
	if w == nil {
		w = &waitingPage{key: key, source: source, place: nowhere}
		ix.waiting[key] = w
	}
	ix.unqueue(w)
	w.pageHead = *h
	ix.enqueue(w)
}

// enqueue puts a page where Claim finds it.
func (ix *index) enqueue(w *waitingPage) {
	if w.gone {
		return
	}
	ix.unqueue(w)
	if w.inReady = w.readyAt == 0; w.inReady {
		ix.readyOf(w.source).put(w)
	} else {
		ix.later.put(w)
	}
}

func (ix *index) unqueue(w *waitingPage) {
	if w.inReady {
		ix.readyOf(w.source).drop(w)
	} else {
		ix.later.drop(w)
	}
}

// leave removes a page that no longer waits.
func (ix *index) leave(key string) {
	if w := ix.waiting[key]; w != nil {
		ix.unqueue(w)
		w.gone = true
		delete(ix.waiting, key)
	}
}

// next takes out the page that is to be claimed first; nil if none that is
// urgent enough is ready at now.
func (ix *index) next(now int64, atLeast ticket.Urgency, except []string) *waitingPage {
	ix.promote(now)
	for {
		r := ix.turn(atLeast, except)
		if r == nil {
			return nil
		}
		w := r.pop()
		if w.readyAt <= now {
			ix.turns++
			r.served = ix.turns
			return w
		}
		ix.enqueue(w) // a clock that runs ahead of this one made it ready
	}
}

// turn is the source whose turn it is. Of the sources with the most urgent
// page, it is the one that was served longest ago. If several were never
// served, it is the one whose page has waited longest.
func (ix *index) turn(atLeast ticket.Urgency, except []string) (first *readyPages) {
	for source, r := range ix.ready {
		if r.len() == 0 || r.top().urgency < atLeast || slices.Contains(except, source) {
			continue
		}
		switch {
		case first == nil, r.top().urgency > first.top().urgency:
			first = r
		case r.top().urgency < first.top().urgency:
		case r.served < first.served, r.served == first.served && byRank(r.top(), first.top()):
			first = r
		}
	}
	return first
}

// promote makes pages ready whose time has come.
func (ix *index) promote(now int64) {
	for ix.later.len() > 0 && ix.later.top().readyAt <= now {
		w := ix.later.pop()
		w.inReady = true
		ix.readyOf(w.source).put(w)
	}
}

// nextReady is when the next page becomes ready; 0 if none waits.
func (ix *index) nextReady(now int64) int64 {
	switch {
	case ix.readyLen() > 0:
		return now
	case ix.later.len() > 0:
		return ix.later.top().readyAt
	}
	return 0
}
