package daemon

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/internal/ticket"
)

const (
	// unknownFor is how long health doubts a customer that nobody configured, after it
	// was last named.
	unknownFor = 24 * time.Hour
	// unknownLogged is how far apart the log says so, of all of them together.
	unknownLogged = time.Minute
	// unknownMost is how many of them are remembered.
	unknownMost = 20
)

// unknownCustomers are customers that sources named and nobody configured. The zero
// value is ready.
type unknownCustomers struct {
	mu     sync.Mutex
	named  map[unknownCustomer]time.Time // when they were last named
	logged time.Time
}

type unknownCustomer struct{ source, customer string }

// note keeps one. It reports whether the log should say so.
func (u *unknownCustomers) note(source, customer string, now time.Time) (log bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.named == nil {
		u.named = map[unknownCustomer]time.Time{}
	}
	who := unknownCustomer{source, ticket.Logged(customer)}
	if _, known := u.named[who]; !known && len(u.named) >= unknownMost {
		oldest := who
		for other, at := range u.named {
			if oldest == who || at.Before(u.named[oldest]) {
				oldest = other
			}
		}
		delete(u.named, oldest)
	}
	u.named[who] = now
	if log = now.Sub(u.logged) >= unknownLogged; log {
		u.logged = now
	}
	return log
}

// doubts say which were named lately, for health. known says which are configured by now.
func (u *unknownCustomers) doubts(now time.Time, known func(customer string) bool) (list []string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	maps.DeleteFunc(u.named, func(who unknownCustomer, at time.Time) bool {
		return now.Sub(at) >= unknownFor || known(who.customer)
	})
	for who := range u.named {
		list = append(list, fmt.Sprintf("source %s names the customer %q, which is not configured: its alerts page as those of no known customer, under no contract", who.source, who.customer))
	}
	slices.Sort(list)
	return list
}

// unknownCustomer hears of an alert whose sender names a customer that nobody
// configured.
func (d *Daemon) unknownCustomer(source, customer string) {
	if d.unknown.note(source, customer, d.clock.Now()) {
		d.log.Warn("an alert names a customer that is not configured: it pages as one of no known customer",
			zap.String("source", source), zap.String("customer", ticket.Logged(customer)))
	}
}
