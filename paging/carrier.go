package paging

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/sony/gobreaker/v2"
	"go.uber.org/zap"

	"github.com/astreinte/astreinte/internal/ticket"
)

// When a provider counts as down, and for how long.
const (
	tripAfter   = 5                // failures in a row
	tripFor     = 15 * time.Second // then one page asks how it is
	silentFor   = 10 * time.Minute // how long, if its receipts stopped
	circuitOpen = "circuit_open"   // the code of a page for which no provider was asked
)

// carrier is a provider and its health.
type carrier struct {
	Provider
	*health
}

// carriers are the providers of all channels.
type carriers struct {
	mu     sync.Mutex
	lists  map[string][]carrier
	health map[string]*health // by channel and name; kept across reloads
}

func (cs *carriers) set(providers map[string][]Provider, m *Metrics, log *zap.Logger) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	known := cs.health
	cs.lists, cs.health = map[string][]carrier{}, map[string]*health{}
	for channel, list := range providers {
		for _, p := range list {
			name := channel + "/" + p.Name
			h := known[name]
			if h == nil {
				h = newHealth(channel, p.Name, m, log)
			}
			cs.health[name] = h
			cs.lists[channel] = append(cs.lists[channel], carrier{p, h})
		}
	}
	for name, h := range known {
		if cs.health[name] == nil {
			m.failing.DeleteLabelValues(h.channel, h.name)
		}
	}
}

// Doing says how a provider is doing.
type Doing struct {
	Channel, Name string
	Failing       bool // it failed so often and has not worked since, or its receipts stopped
}

// Doing says how each provider is doing, in the order of the configuration.
func (o *Outbox) Doing() []Doing {
	var all []Doing
	for _, way := range AllWays() {
		for _, c := range o.carriers.of(way.Name) {
			all = append(all, Doing{Channel: way.Name, Name: c.Name, Failing: c.failing(time.Now())})
		}
	}
	return all
}

// of lists a channel's providers in the order of the configuration.
func (cs *carriers) of(channel string) []carrier {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	return cs.lists[channel]
}

// replies says whether phones can answer through any provider.
func (cs *carriers) replies() bool {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	for _, list := range cs.lists {
		if slices.ContainsFunc(list, func(c carrier) bool { return c.Replies }) {
			return true
		}
	}
	return false
}

// inOrder lists a channel's providers in the order in which to ask them.
// Healthy ones come first. Among equals, the one whose last message to the
// person did not arrive comes last.
func (cs *carriers) inOrder(channel, failed string, now time.Time) []carrier {
	list := slices.Clone(cs.of(channel))
	rank := func(c carrier) int {
		switch {
		case c.down(now):
			return 2
		case c.Name == failed:
			return 1
		}
		return 0
	}
	slices.SortStableFunc(list, func(a, b carrier) int { return rank(a) - rank(b) })
	return list
}

// askNow lists them in the order in which to ask them now.
func (cs *carriers) askNow(channel, failed string) []carrier {
	return cs.inOrder(channel, failed, time.Now())
}

// first is the provider that is asked first now. If the channel has none, it
// is the zero provider.
func (cs *carriers) first(channel string) Provider {
	if list := cs.inOrder(channel, "", time.Now()); len(list) > 0 {
		return list[0].Provider
	}
	return Provider{}
}

// named finds the health of a provider; nil if the provider is gone.
func (cs *carriers) named(channel, name string) *health {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	return cs.health[channel+"/"+name]
}

// health says how a provider is doing: it has a circuit breaker, and watches
// whether receipts come. It uses real time, as the provider does.
type health struct {
	channel, name string
	metrics       *Metrics
	log           *zap.Logger

	mu      sync.Mutex
	breaker *gobreaker.TwoStepCircuitBreaker[struct{}]
	silent  time.Time // its receipts do not come: until then it is not asked first
	heard   bool      // a receipt came once
	missing int       // receipts in a row that did not come
}

func newHealth(channel, name string, m *Metrics, log *zap.Logger) *health {
	h := &health{channel: channel, name: name, metrics: m, log: log}
	h.breaker = h.closedBreaker()
	m.failing.WithLabelValues(channel, name).Set(0)
	return h
}

func (h *health) closedBreaker() *gobreaker.TwoStepCircuitBreaker[struct{}] {
	return gobreaker.NewTwoStepCircuitBreaker[struct{}](gobreaker.Settings{
		Timeout:     tripFor,
		ReadyToTrip: func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= tripAfter },
		OnStateChange: func(_ string, _, to gobreaker.State) {
			if to == gobreaker.StateOpen {
				h.metrics.failing.WithLabelValues(h.channel, h.name).Set(1)
				h.log.Error("a provider fails: pages that are not critical ask it only now and then",
					zap.String("channel", h.channel), zap.String("provider", h.name))
			}
			if to == gobreaker.StateClosed {
				h.well()
			}
		},
	})
}

func (h *health) well() {
	h.metrics.failing.WithLabelValues(h.channel, h.name).Set(0)
	h.log.Info("a provider works again", zap.String("channel", h.channel), zap.String("provider", h.name))
}

// down says whether others should be asked before the provider.
func (h *health) down(now time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.breaker.State() == gobreaker.StateOpen || now.Before(h.silent)
}

// failing says whether the provider failed and has not worked since, as the
// metric does. down is false between two tries of a provider that fails.
func (h *health) failing(now time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.breaker.State() != gobreaker.StateClosed || now.Before(h.silent)
}

// allow says whether the provider may be asked now. tell takes its answer.
// Critical pages are never held back: they ask a provider that is down too.
func (h *health) allow(u ticket.Urgency) (tell func(Result), ok bool) {
	h.mu.Lock()
	breaker := h.breaker
	h.mu.Unlock()
	done, err := breaker.Allow()
	switch {
	case err == nil:
		return func(r Result) { done(asError(r)) }, true
	case u != ticket.Critical:
		return nil, false
	}
	return func(r Result) {
		if asError(r) == nil {
			h.mend(breaker)
		}
	}, true
}

// mend closes the breaker that was open: a page got through.
func (h *health) mend(was *gobreaker.TwoStepCircuitBreaker[struct{}]) {
	h.mu.Lock()
	mended := h.breaker == was && was.State() != gobreaker.StateClosed
	if mended {
		h.breaker = h.closedBreaker()
	}
	h.mu.Unlock()
	if mended {
		h.well()
	}
}

// asError is nil if the provider works, whatever it says of the page.
func asError(r Result) error {
	switch r.Class {
	case Transient:
		if r.TooFast {
			return nil
		}
	case OutcomeUnknown, DeadAccount:
	case Accepted, DeadAddress, Filtered:
		return nil
	}
	return fmt.Errorf("paging: provider: %s", r.Error())
}

// receipt notes that a receipt came, or that an expected one did not.
func (h *health) receipt(came bool, now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if came {
		if now.Before(h.silent) {
			h.log.Info("a provider's receipts come again", zap.String("channel", h.channel), zap.String("provider", h.name))
		}
		h.heard, h.missing, h.silent = true, 0, time.Time{}
		return
	}
	if h.missing++; !h.heard || h.missing < receiptsMissing {
		return
	}
	h.missing, h.silent = 0, now.Add(silentFor)
	h.metrics.silent.WithLabelValues(h.channel, h.name).Inc()
	h.log.Error("a provider takes messages and tells no longer what becomes of them: another is asked first, where there is one",
		zap.String("channel", h.channel), zap.String("provider", h.name), zap.Duration("for", silentFor))
}
