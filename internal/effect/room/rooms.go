package room

import (
	"context"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/effect"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging/chat"
)

// Tickets reads tickets: a store's, without waiting for anybody's turn.
type Tickets interface {
	// View reads everything of one ticket; escalation.ErrNotFound if there is none.
	View(ctx context.Context, number string) (ticket.View, error)
}

// Desk does what people order (desk.Desk).
type Desk interface {
	// Act gives an order to tickets, and says what came of it.
	Act(ctx context.Context, by desk.Actor, o desk.Order, targets ...desk.Target) []desk.Result
}

// Options are the parts of Rooms. Log and Registerer may be nil.
type Options struct {
	Records    records.Store
	Tickets    Tickets
	Desk       Desk
	Rules      func() *escalation.Rules
	Link       func(path string) string // the whole address of one of our paths
	Now        func() time.Time
	Log        *zap.Logger
	Registerer prometheus.Registerer
}

// Setting is one room of the configuration.
type Setting struct {
	Name     string
	Language string // of what it reads
	Discreet bool   // it is shown the number and the urgency alone
	Room     chat.Room
}

// Rooms are the rooms in force. It is safe for concurrent use.
type Rooms struct {
	o       Options
	all     atomic.Pointer[map[string]*Room]
	presses *prometheus.CounterVec
	tests   *counted
	told    *counted // strangers who pressed, and were told what to do
}

var (
	_ chat.Listener  = (*Rooms)(nil)
	_ effect.Tickets = (*Rooms)(nil)
)

// New makes Rooms without any.
func New(o Options) *Rooms {
	if o.Log == nil {
		o.Log = zap.NewNop()
	}
	r := &Rooms{o: o, tests: &counted{of: map[string][]time.Time{}}, told: &counted{of: map[string][]time.Time{}}, presses: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "astreinte_chat_presses_total", Help: "Presses of buttons in rooms of chat, by room and what came of them.",
	}, []string{"room", "outcome"})}
	if o.Registerer != nil {
		o.Registerer.MustRegister(r.presses)
	}
	r.Set(nil)
	return r
}

// Set puts rooms in force. What is known of one that stays under its name stays.
func (r *Rooms) Set(settings []Setting) {
	all := make(map[string]*Room, len(settings))
	for _, s := range settings {
		room := &Room{Setting: s, rooms: r, pace: &effect.Pace{Every: s.Room.Traits().Every}, said: &said{}}
		if was := r.room(s.Name); was != nil {
			room.said, room.pace = was.said, was.pace
		}
		all[s.Name] = room
	}
	r.all.Store(&all)
}

// room finds a room; nil if there is none of that name.
func (r *Rooms) room(name string) *Room {
	if all := r.all.Load(); all != nil {
		return (*all)[name]
	}
	return nil
}

// Refused counts what a room's door observes, but presses: those are counted by what
// comes of them.
func (r *Rooms) Refused(room string) func(event string) {
	return func(event string) {
		if event != chat.EventPress {
			r.presses.WithLabelValues(room, event).Inc()
		}
	}
}

// Receivers are the rooms as receivers of effects, by the names that effects have.
func (r *Rooms) Receivers() map[string]effect.Receiver {
	receivers := map[string]effect.Receiver{}
	for name, room := range *r.all.Load() {
		receivers[ticket.RoomReceiver(name)] = room
	}
	return receivers
}

// Status is how a room is, as this daemon has seen it.
type Status struct {
	Room, Product string
	SentAt        time.Time // it last took something; zero: not yet
	FailedAt      time.Time // it last refused something; zero: not since SentAt
	Error         string
}

// Statuses lists the rooms in the order of their names.
func (r *Rooms) Statuses() []Status {
	all := *r.all.Load()
	list := make([]Status, 0, len(all))
	for _, name := range slices.Sorted(maps.Keys(all)) {
		room := all[name]
		s := room.said.read()
		s.Room, s.Product = name, room.Room.Traits().Product
		list = append(list, s)
	}
	return list
}

// said is what a room last said.
type said struct {
	mu sync.Mutex
	s  Status
}

func (s *said) read() Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.s
}

// note keeps what came of a call.
func (s *said) note(at time.Time, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil {
		s.s.SentAt, s.s.FailedAt, s.s.Error = at, time.Time{}, ""
		return
	}
	s.s.FailedAt, s.s.Error = at, ticket.Cut(err.Error(), ticket.MaxEffectError)
}
