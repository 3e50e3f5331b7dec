package escalation

import (
	"slices"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// Room is a room of chat that steps of policies name. It is told of tickets; it is
// nobody, and so never reached.
type Room struct {
	Name      string
	Customers []string // whose tickets it may show; none: all tickets
}

// Shows reports whether the room may show tickets of a customer.
func (r *Room) Shows(customer string) bool {
	return len(r.Customers) == 0 || slices.Contains(r.Customers, customer)
}

// FindRoom finds the room of a name; nil if there is none.
func FindRoom(rooms []Room, name string) *Room {
	if i := slices.IndexFunc(rooms, func(r Room) bool { return r.Name == name }); i >= 0 {
		return &rooms[i]
	}
	return nil
}

// tellRooms has the rooms of a step told of the ticket from now on.
func (s *stepper) tellRooms(step *ticket.Step) {
	for _, name := range step.Rooms {
		if !slices.Contains(s.t.Rooms, name) {
			s.t.Rooms = slices.Concat(s.t.Rooms, []string{name})
			s.shown = true
		}
	}
}

// RoomEffects makes the effects by which the rooms that know of a ticket are told that
// it changed. It is pure. A room is left out that may not show the ticket, or that is
// in the configuration no more. An effect has little of the ticket: what the room shows
// is read when it is sent.
func RoomEffects(rooms []Room, t *ticket.Ticket, revision int64, now time.Time) []ticket.Effect {
	var all []ticket.Effect
	for _, name := range t.Rooms {
		room := FindRoom(rooms, name)
		if room == nil || !room.Shows(t.Customer) {
			continue
		}
		all = append(all, ticket.Effect{
			Ticket: t.Number, To: ticket.RoomReceiver(name), Order: ticket.EffectOrder(revision, 0),
			Event: ticket.ToldChanged, At: now, Queued: now, About: ticket.Ticket{Source: t.Source, Customer: t.Customer},
		})
	}
	return all
}
