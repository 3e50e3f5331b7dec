package ingest

import (
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// refusedFor is how long all requests of a source may be refused before
// somebody is told (docs/REFERENCE.md#http).
const refusedFor = 5 * time.Minute

// logEvery keeps a sender that posts the same bad body for ever from filling
// the log.
const logEvery = time.Minute

// refusals remembers for each source since when all of its requests have been
// refused. The zero value, with tell set, is ready.
type refusals struct {
	tell    func(source, reason string)
	mu      sync.Mutex
	sources map[string]*refusal
	heard   map[string]time.Time // when a request of each source was last taken
	tests   map[string]time.Time // when a test message of each was
}

type refusal struct {
	since  time.Time
	reason string // the last one
	logged time.Time
	told   bool
}

func (r *refusals) accepted(source string, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.sources, source)
	if r.heard == nil {
		r.heard = map[string]time.Time{}
	}
	r.heard[source] = now
}

// tested notes that a test message of a source came.
func (r *refusals) tested(source string, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.tests == nil {
		r.tests = map[string]time.Time{}
	}
	r.tests[source] = now
}

// last is what is known of a source's last requests.
func (r *refusals) last(source string) (w Word) {
	r.mu.Lock()
	defer r.mu.Unlock()
	w.HeardAt, w.TestedAt = r.heard[source], r.tests[source]
	if f := r.sources[source]; f != nil {
		w.RefusedAt, w.Reason = f.since, f.reason
	}
	return w
}

// Word is what a source last said, since this daemon's start.
type Word struct {
	Source, Type string
	HeardAt      time.Time // when a request was last taken; zero: none was
	TestedAt     time.Time // when a test message last came; zero: none did
	RefusedAt    time.Time // all requests have been refused since then; zero: they are not
	Reason       string    // why the last refused one was
}

// Words are the last words of all sources, in the order of their names.
func (h *Handler) Words() []Word {
	sources := *h.sources.Load()
	words := make([]Word, 0, len(sources))
	for _, name := range slices.Sorted(maps.Keys(sources)) {
		w := h.refusals.last(name)
		w.Source, w.Type = name, sources[name].Type
		words = append(words, w)
	}
	return words
}

// refused counts a refusal, and reports whether it is worth a line in the log.
func (r *refusals) refused(source, reason string, now time.Time) bool {
	r.mu.Lock()
	if r.sources == nil {
		r.sources = map[string]*refusal{}
	}
	f := r.sources[source]
	if f == nil {
		f = &refusal{since: now}
		r.sources[source] = f
	}
	f.reason = ticket.Logged(reason)
	tell := !f.told && now.Sub(f.since) >= refusedFor
	f.told = f.told || tell
	log := f.logged.IsZero() || now.Sub(f.logged) >= logEvery
	if log {
		f.logged = now
	}
	r.mu.Unlock()
	if tell && r.tell != nil {
		r.tell(source, reason)
	}
	return log
}
