package ingest

import (
	"sync"
	"time"
)

// refusedFor is how long a source may be refused before somebody is told
// (docs/REFERENCE.md#http).
const refusedFor = 5 * time.Minute

// logEvery keeps a sender that posts the same bad body for ever from filling
// the log.
const logEvery = time.Minute

// refusals remembers since when each source's requests have all been refused.
// The zero value, with tell set, is ready.
type refusals struct {
	tell    func(source, reason string)
	mu      sync.Mutex
	sources map[string]*refusal
}

type refusal struct {
	since  time.Time
	logged time.Time
	told   bool
}

func (r *refusals) accepted(source string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.sources, source)
}

// refused counts one and reports whether it is worth a line in the log.
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
