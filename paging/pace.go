package paging

import "time"

// Paces are how far each pace has been used up: for stores that keep them in
// memory. The zero value is ready; it is not safe for use by several at once.
type Paces struct {
	used map[string]time.Time // a pace's name → when all turns taken so far are paid for
}

// pacesKept is how many paces are remembered before those that are paid for
// are forgotten.
const pacesKept = 1024

// Take implements Store.Pace: the generic cell rate algorithm.
func (p *Paces) Take(now time.Time, turns []Turn, forced bool) (wait time.Time) {
	for _, t := range turns {
		if at := p.used[t.Pace].Add(-time.Duration(max(t.Burst, 1)-1) * t.Every); !forced && at.After(now) && at.After(wait) {
			wait = at
		}
	}
	if !wait.IsZero() {
		return wait
	}
	if p.used == nil || len(p.used) > pacesKept {
		p.forget(now)
	}
	for _, t := range turns {
		from := p.used[t.Pace]
		if from.Before(now) {
			from = now
		}
		p.used[t.Pace] = from.Add(t.Every)
	}
	return time.Time{}
}

// forget leaves out what is paid for.
func (p *Paces) forget(now time.Time) {
	kept := map[string]time.Time{}
	for name, at := range p.used {
		if at.After(now) {
			kept[name] = at
		}
	}
	p.used = kept
}
