package events

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"sync"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// Pace is the least time between two events of one ticket.
const Pace = 250 * time.Millisecond

const (
	tellTimeout = 500 * time.Millisecond // of what others are told
	tellAtOnce  = 200                    // tickets of one message
	lookTimeout = 500 * time.Millisecond // of a look at tickets that were moved
	lookAtOnce  = 100                    // of these; more are one resync, which costs the store nothing
)

// Hint is what is told of a ticket.
type Hint struct {
	Number    string         `json:"number"`
	State     ticket.State   `json:"state"`
	Urgency   ticket.Urgency `json:"urgency"`
	UpdatedAt time.Time      `json:"updated_at"`
}

// Wire carries what one daemon says to the others of its store. What it carries
// may be lost, and Hear says so if it knows.
type Wire interface {
	// Tell tells all daemons, this one too.
	Tell(ctx context.Context, said []byte) error
	// Hear hands on what is told until ctx ends. It calls broke when something may
	// have been missed.
	Hear(ctx context.Context, heard func(said []byte), broke func())
}

// Source is where tickets are read.
type Source interface {
	// Load reads tickets of one source by number, leaving out those that do not
	// exist.
	Load(ctx context.Context, source string, numbers []string) ([]ticket.Record, error)
}

// place is where a ticket is read.
type place struct {
	from   Source
	source string
}

// message is what goes over a wire.
type message struct {
	From    string `json:"from"` // the hub that has it already
	Tickets []Hint `json:"tickets,omitempty"`
	Resync  bool   `json:"resync,omitempty"`
	Health  bool   `json:"health,omitempty"` // of what all daemons of the store show
}

// Changes gathers the tickets that change and publishes them, each as it is by
// then. It is safe for concurrent use.
type Changes struct {
	hub  *Hub
	wire Wire
	wake chan struct{}

	mu      sync.Mutex
	pending map[string]Hint           // by number
	moved   map[place]map[string]bool // numbers of tickets that are to be looked at
	moves   int                       // how many
	resync  bool                      // there are too many to be told one by one
	unwell  bool                      // the health that all daemons show has changed
	untold  bool                      // others missed something: of Run's goroutine
}

// NewChanges makes a Changes. Without a wire, nil, only this hub hears.
func NewChanges(hub *Hub, wire Wire) *Changes {
	return &Changes{hub: hub, wire: wire, wake: make(chan struct{}, 1), pending: map[string]Hint{}, moved: map[place]map[string]bool{}}
}

// Changed notes that a ticket changed, and returns at once.
func (c *Changes) Changed(t *ticket.Ticket) {
	if t.Number == "" {
		return
	}
	c.mu.Lock()
	known, ok := c.pending[t.Number]
	switch {
	case c.resync, ok && known.UpdatedAt.After(t.UpdatedAt):
	case !ok && len(c.pending) >= Kept:
		c.everything()
	default:
		c.pending[t.Number] = hintOf(t)
	}
	c.mu.Unlock()
	c.rouse()
}

func hintOf(t *ticket.Ticket) Hint {
	return Hint{Number: t.Number, State: t.State, Urgency: t.Urgency, UpdatedAt: t.UpdatedAt.UTC()}
}

// Moved notes that something beside a ticket changed, such as what became of a page of
// it, and returns at once. The ticket is read where it is kept when it is told of.
func (c *Changes) Moved(from Source, source, number string) {
	c.mu.Lock()
	at := place{from, source}
	switch {
	case c.resync, c.moved[at][number]:
	case c.moves >= lookAtOnce:
		c.everything()
	default:
		if c.moved[at] == nil {
			c.moved[at] = map[string]bool{}
		}
		c.moved[at][number] = true
		c.moves++
	}
	c.mu.Unlock()
	c.rouse()
}

// Unwell notes that something of the pager's health changed that the screens of all
// daemons show, and returns at once.
func (c *Changes) Unwell() {
	c.mu.Lock()
	c.unwell = true
	c.mu.Unlock()
	c.rouse()
}

// Anything notes that any ticket may have changed, and returns at once.
func (c *Changes) Anything() {
	c.mu.Lock()
	c.everything()
	c.mu.Unlock()
	c.rouse()
}

// everything makes one resync of what waits; mu is held.
func (c *Changes) everything() {
	c.resync = true
	c.drop()
}

func (c *Changes) drop() {
	clear(c.pending)
	clear(c.moved)
	c.moves = 0
}

// rouse has Run look once more.
func (c *Changes) rouse() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// Run publishes until ctx ends, and hands on what other daemons tell.
func (c *Changes) Run(ctx context.Context) {
	var hearing sync.WaitGroup
	defer hearing.Wait()
	if c.wire != nil {
		hearing.Go(func() { c.wire.Hear(ctx, c.heard, c.Resync) })
	}
	pace := time.NewTimer(0)
	defer pace.Stop()
	<-pace.C
	for {
		select {
		case <-c.wake:
		case <-ctx.Done():
			return
		}
		m := c.take(ctx)
		c.hub.publish(&m)
		c.tell(ctx, m)
		if c.untold { // they are told again, though nothing more may happen
			c.rouse()
		}
		pace.Reset(Pace)
		select {
		case <-pace.C:
		case <-ctx.Done():
			return
		}
	}
}

// take is what is to be told, in the order of numbers.
func (c *Changes) take(ctx context.Context) message {
	c.mu.Lock()
	m := message{From: c.hub.epoch, Resync: c.resync, Health: c.unwell}
	looks := map[place][]string{}
	for at, numbers := range c.moved {
		for number := range numbers {
			if _, told := c.pending[number]; !told {
				looks[at] = append(looks[at], number)
			}
		}
	}
	for _, hint := range c.pending {
		m.Tickets = append(m.Tickets, hint)
	}
	c.drop()
	c.resync, c.unwell = false, false
	c.mu.Unlock()
	if c.wire != nil || c.hub.Readers() > 0 {
		c.look(ctx, looks, &m)
	}
	slices.SortFunc(m.Tickets, func(a, b Hint) int {
		return cmp.Or(cmp.Compare(len(a.Number), len(b.Number)), cmp.Compare(a.Number, b.Number))
	})
	return m
}

// look reads tickets of which something moved. Where that cannot be done, whoever
// hears is to look by himself.
func (c *Changes) look(ctx context.Context, looks map[place][]string, m *message) {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	for at, numbers := range looks {
		tickets, err := at.from.Load(ctx, at.source, numbers)
		if err != nil {
			m.Resync = true
			return
		}
		for i := range tickets {
			m.Tickets = append(m.Tickets, hintOf(&tickets[i].Ticket))
		}
	}
}

// tell tells the others. What they could not be told they are told to look for.
func (c *Changes) tell(ctx context.Context, m message) {
	if c.wire == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, tellTimeout)
	defer cancel()
	m.Resync = m.Resync || c.untold
	if m.Resync {
		m.Tickets = nil
	}
	tickets := m.Tickets
	for first := true; first || len(tickets) > 0; first = false {
		m.Tickets = tickets[:min(tellAtOnce, len(tickets))]
		tickets = tickets[len(m.Tickets):]
		said, err := json.Marshal(m)
		if err == nil {
			err = c.wire.Tell(ctx, said)
		}
		if c.untold = err != nil; c.untold {
			return
		}
	}
}

// heard takes what a daemon told.
func (c *Changes) heard(said []byte) {
	var m message
	switch {
	case json.Unmarshal(said, &m) != nil || len(m.Tickets) > Kept:
		c.Resync() // a daemon of another version
	case m.From != c.hub.epoch:
		c.hub.publish(&m)
	}
}

// Resync tells this hub's readers that anything may have changed.
func (c *Changes) Resync() { c.hub.publish(&message{Resync: true}) }

// publish publishes a message's events at once.
func (h *Hub) publish(m *message) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if m.Resync {
		h.put(Resync, []byte("{}"))
	}
	if m.Health {
		h.put(Health, []byte("{}"))
	}
	for i := range m.Tickets {
		if data, err := json.Marshal(&m.Tickets[i]); err == nil {
			h.put(Ticket, data)
		}
	}
	h.wake()
}
