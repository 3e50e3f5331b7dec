package signin

import (
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"time"
)

// Slow is the error of a try that comes too soon after others that failed.
type Slow struct{ After time.Duration }

// Error says when to try again.
func (s *Slow) Error() string {
	return fmt.Sprintf("too many tries: try again in %s", s.After.Round(time.Second))
}

// pace is how many tries may fail at once, and how soon there is another one.
type pace struct {
	burst float64
	every time.Duration
}

var (
	addressPace = pace{20, 10 * time.Second}
	namePace    = pace{10, 30 * time.Second}
	browserPace = pace{20, 5 * time.Second} // of one that signed in as that person before
	lostPace    = pace{3, 20 * time.Minute} // of asking for a mail by one name
	askPace     = pace{60, time.Second}     // … by all names
)

// braked is how many addresses, names and browsers are told apart; the others share.
const braked = 10_000

// brakes slow down who tries passwords. What they keep has a bound.
type brakes struct {
	mu    sync.Mutex
	level map[string]*level
	swept time.Time
}

// level fills with tries that fail, and drains with time.
type level struct {
	pace  pace
	tries float64
	at    time.Time
}

func newBrakes() *brakes { return &brakes{level: map[string]*level{}} }

// charge counts a try, before it is known whether it fails: many at once get no
// more than one after the other. done says that it did not fail. An exempt browser
// has a measure of its own, which others' tries do not fill.
func (b *brakes) charge(now time.Time, address, name, browser string, exempt bool) (done func(ok bool), err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var all []*level
	if exempt {
		all = append(all, b.of("b:"+browser, browserPace, now))
	} else {
		all = append(all, b.of("a:"+network(address), addressPace, now), b.of("n:"+strings.ToLower(name[:min(len(name), maxName)]), namePace, now))
	}
	return b.taken(all)
}

// back counts that a browser comes back from the identity provider, before that is asked
// whether it says so too: who brings what the provider does not know asks it of us again
// and again.
func (b *brakes) back(now time.Time, address string) (done func(ok bool), err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.taken([]*level{b.of("a:"+network(address), addressPace, now)})
}

// taken takes one from each level, and says how to give them back; b.mu is held.
func (b *brakes) taken(all []*level) (done func(ok bool), err error) {
	if err := take(all); err != nil {
		return nil, err
	}
	return func(ok bool) {
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, l := range all {
			if ok {
				l.tries = max(0, l.tries-1)
			}
		}
	}, nil
}

// ask counts that somebody asked for a mail. An address has one measure for that and for
// passwords that fail.
func (b *brakes) ask(now time.Time, address, name string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return take([]*level{
		b.of("a:"+network(address), addressPace, now), b.of("l:"+strings.ToLower(name[:min(len(name), maxName)]), lostPace, now), b.of("m:", askPace, now),
	})
}

// take adds one to each level, unless it is too much for one of them.
func take(all []*level) error {
	var wait time.Duration
	for _, l := range all {
		if over := l.tries + 1 - l.pace.burst; over > 0 {
			wait = max(wait, time.Duration(over*float64(l.pace.every)))
		}
	}
	if wait > 0 {
		return &Slow{After: max(wait, time.Second)}
	}
	for _, l := range all {
		l.tries++
	}
	return nil
}

// of is the level of a key, drained; b.mu is held.
func (b *brakes) of(key string, p pace, now time.Time) *level {
	l, ok := b.level[key]
	if !ok {
		if len(b.level) >= braked && now.Sub(b.swept) >= time.Second {
			b.sweep(now)
		}
		if len(b.level) >= braked {
			key = key[:2] // all others of its sort
			l = b.level[key]
		}
		if l == nil {
			l = &level{pace: p, at: now}
			b.level[key] = l
		}
	}
	l.drain(now)
	return l
}

func (l *level) drain(now time.Time) {
	if past := now.Sub(l.at); past > 0 {
		l.tries = max(0, l.tries-float64(past)/float64(l.pace.every))
		l.at = now
	}
}

func (b *brakes) sweep(now time.Time) {
	b.swept = now
	for key, l := range b.level {
		if l.drain(now); l.tries == 0 {
			delete(b.level, key)
		}
	}
}

// network is what one has of addresses at once: one of IPv4, a /64 of IPv6.
func network(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return ""
	}
	if a = a.Unmap().WithZone(""); a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.String()
}
