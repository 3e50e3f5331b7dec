package recheck

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
	"golang.org/x/time/rate"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
)

const (
	// answeredWithin is when an answer is there, whatever happens.
	answeredWithin = 50 * time.Second
	// answerRoom is left of it to write the answer down and to tell it.
	answerRoom = 5 * time.Second
	// lease is how long a daemon that is silent still has a re-check; extendEvery is
	// how often one that works says so.
	lease, extendEvery = 8 * time.Second, 2 * time.Second
	// keptFor is how long an answer can be read where it was asked for.
	keptFor = 10 * time.Minute
	// joinFor is how long an answer is new enough for whoever asks again.
	joinFor = 3 * time.Second
	// lookEvery is how often a daemon looks for what no hint told of.
	lookEvery = 2 * time.Second
	// tellTries is how often a phone is told that takes no message, tellAgain after how
	// long, times the tries so far.
	tellTries, tellAgain = 6, 2 * time.Second
	workers              = 8
	perTicket            = 4 // alerts of one ticket that are checked at once
	storeLimit           = 5 * time.Second
	backEvery            = time.Second // while the store does not answer
)

// Clock is escalation.Clock.
type Clock = escalation.Clock

// Tickets reads tickets.
type Tickets interface {
	// View reads everything of one ticket; escalation.ErrNotFound if there is none.
	View(ctx context.Context, number string) (ticket.View, error)
}

// Engine writes down what was found.
type Engine interface {
	// Act does something to a ticket, and commits it (escalation.Engine).
	Act(ctx context.Context, number string, a escalation.Acted) (ticket.Ticket, error)
}

// Options are the parts of Checks. Log, Registerer and Tell may be nil.
type Options struct {
	Records records.Store
	Tickets Tickets
	Engine  Engine
	Clock   Clock
	Owner   string // of claims: one start of one daemon
	// Tell sends an answer to the phone that asked. An error means that it is to be
	// tried again; again says that it was tried before.
	Tell       func(ctx context.Context, to desk.Asked, number string, found *ticket.Found, again bool) error
	Log        *zap.Logger
	Registerer prometheus.Registerer
}

// Checks has tickets checked again. It is safe for concurrent use.
type Checks struct {
	o       Options
	book    book
	means   atomic.Pointer[Means]
	metrics *metrics
	asked   askedLately
	health  health
	slots   chan struct{}
	turns   chan struct{} // of questions and probes that are under way
	waiting chan struct{} // of those who wait for an answer
	soon    chan struct{}
	working sync.WaitGroup
}

var _ desk.Checker = (*Checks)(nil)

// New makes Checks that can ask nothing until SetMeans.
func New(o Options) *Checks {
	if o.Log == nil {
		o.Log = zap.NewNop()
	}
	if o.Tell == nil {
		o.Tell = func(context.Context, desk.Asked, string, *ticket.Found, bool) error { return nil }
	}
	c := &Checks{
		o: o, book: book{o.Records}, slots: make(chan struct{}, workers), turns: make(chan struct{}, ticket.MaxProbesNow),
		waiting: make(chan struct{}, mostWaiting), soon: make(chan struct{}, 1), metrics: newMetrics(o.Registerer),
	}
	c.SetMeans(&Means{})
	return c
}

// SetMeans puts in force what can be asked.
func (c *Checks) SetMeans(m *Means) {
	c.means.Store(m)
	c.health.keep(m)
}

// Can says whether anything can be asked about a ticket (desk.Checker).
func (c *Checks) Can(v *ticket.View) bool {
	m := c.means.Load()
	alerts, _ := chosen(v)
	for _, a := range alerts {
		if m.can(a) {
			return true
		}
	}
	return false
}

// Ask has a ticket checked again (desk.Checker). Whoever asks while that is under way
// joins. The error is desk.ErrBusy, or says that the store could not be asked.
func (c *Checks) Ask(ctx context.Context, v *ticket.View, who *desk.Asked) error {
	home, number := v.Ticket.Source, v.Ticket.Number
	id := who.Once
	if id == "" {
		id = strings.ToLower(rand.Text()[:16])
	}
	spent := false
	_, err := c.book.change(ctx, home, number, func(a *asking, due time.Time) (time.Time, error) {
		now := c.o.Clock.Now()
		switch {
		case a.ID != "" && a.ID == who.Once && a.Found != nil:
			return due, errLeft // the same text again: it is answered, or will be
		case a.ID != "" && a.Found == nil:
			a.join(who)
			return due, nil
		case a.ID != "" && now.Sub(a.FoundAt) < joinFor:
			if a.join(who); a.Holder == "" {
				due = now
			}
			return due, nil
		}
		if !spent && !c.asked.spend(who, now) {
			return due, desk.ErrBusy
		}
		spent = true
		waits := a.Askers[:0:0] // of the one before, whom nobody could tell yet
		for i := range a.Askers {
			if a.Askers[i].waits() {
				waits = append(waits, a.Askers[i])
			}
		}
		*a = asking{ID: id, At: now, Until: now.Add(answeredWithin), Askers: waits}
		a.join(who)
		return now, nil
	})
	if errors.Is(err, errLeft) {
		return nil
	}
	if err == nil {
		c.wake()
	}
	return err
}

// State is how the latest re-check of a ticket stands.
func (c *Checks) State(ctx context.Context, source, number string) (ticket.Recheck, error) {
	item, err := c.book.get(ctx, source, number)
	if err != nil || item.Of.ID == "" {
		return ticket.Recheck{}, err
	}
	return ticket.Recheck{Asked: item.Of.At, Found: item.Of.Found}, nil
}

// How those wait who look for an answer: so many at once, and how often they look.
const (
	mostWaiting = ticket.MaxRecheckWaits
	waitEvery   = 250 * time.Millisecond
)

// Wait is State once the answer is there, or d has passed. If many wait already it is
// State.
func (c *Checks) Wait(ctx context.Context, source, number string, d time.Duration) (ticket.Recheck, error) {
	select {
	case c.waiting <- struct{}{}:
		defer func() { <-c.waiting }()
	default:
		return c.State(ctx, source, number)
	}
	over, stop := context.WithTimeout(ctx, d)
	defer stop()
	look := time.NewTicker(waitEvery)
	defer look.Stop()
	for {
		state, err := c.State(ctx, source, number)
		if err != nil || !state.Waits() {
			return state, err
		}
		select {
		case <-look.C:
		case <-over.Done():
			return state, nil
		}
	}
}

func (c *Checks) wake() {
	select {
	case c.soon <- struct{}{}:
	default:
	}
}

// askedLately is how many re-checks each person has begun lately. It has a row for each
// person and token that asked.
type askedLately struct {
	mu sync.Mutex
	of map[string]*rate.Limiter
}

// spend takes one from what somebody may begin within a minute.
func (l *askedLately) spend(who *desk.Asked, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	key := string(who.Actor.Kind) + " " + who.Actor.Name
	of := l.of[key]
	if of == nil {
		if l.of == nil {
			l.of = map[string]*rate.Limiter{}
		}
		of = rate.NewLimiter(rate.Every(time.Minute/ticket.MaxRechecks), ticket.MaxRechecks)
		l.of[key] = of
	}
	return of.AllowN(now, 1)
}
