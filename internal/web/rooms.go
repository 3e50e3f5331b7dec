package web

import (
	"context"
	"errors"
	"net/http"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/internal/effect/room"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Rooms are the rooms of chat (room.Rooms).
type Rooms interface {
	// Statuses lists the rooms.
	Statuses() []room.Status
	// Of lists a ticket's messages in rooms.
	Of(ctx context.Context, t *ticket.Ticket) ([]room.Message, error)
	// Test posts a test message; room.ErrNoRoom, room.ErrTooMany, or what the product
	// answered.
	Test(ctx context.Context, name, by string) (id string, err error)
}

var _ Rooms = (*room.Rooms)(nil)

// roomBody is a room as the API tells it, as this daemon has seen it.
type roomBody struct {
	Name     string    `json:"name"`
	Product  string    `json:"product"`
	SentAt   time.Time `json:"sent_at,omitzero"`
	FailedAt time.Time `json:"failed_at,omitzero"`
	Error    string    `json:"error,omitempty"`
}

// messageBody is a ticket's message in a room.
type messageBody struct {
	Room      string    `json:"room"`
	Product   string    `json:"product,omitempty"`
	State     string    `json:"state"`
	PostedAt  time.Time `json:"posted_at,omitzero"`
	ChangedAt time.Time `json:"changed_at,omitzero"`
	Error     string    `json:"error,omitempty"`
}

func (s *Server) listRooms(w http.ResponseWriter, _ *http.Request, _ Token) error {
	list := []roomBody{}
	if s.rooms != nil {
		for _, r := range s.rooms.Statuses() {
			list = append(list, roomBody{r.Room, r.Product, r.SentAt.UTC(), r.FailedAt.UTC(), r.Error})
		}
	}
	return writeJSON(w, http.StatusOK, map[string]any{"rooms": list})
}

func (s *Server) testRoom(w http.ResponseWriter, r *http.Request, by Token) error {
	name := r.PathValue("name")
	if s.rooms == nil {
		return refusef(http.StatusNotImplemented, "unsupported", "rooms are told nothing while the store is away")
	}
	id, err := s.rooms.Test(r.Context(), name, by.Name)
	switch {
	case errors.Is(err, room.ErrNoRoom):
		return refusef(http.StatusNotFound, "not_found", "no room is named %q", logged(name))
	case errors.Is(err, room.ErrTooMany):
		return refusef(http.StatusTooManyRequests, "too_many", "%s", err)
	}
	answer := map[string]any{"room": name, "state": "posted", "id": id}
	if err != nil {
		answer = map[string]any{"room": name, "state": "failed", "error": ticket.Cut(err.Error(), ticket.MaxEffectError)}
	}
	return writeJSON(w, http.StatusOK, answer)
}

// RoomsOf are a ticket's messages in rooms; nothing, if they cannot be read.
func (s *Server) RoomsOf(ctx context.Context, t *ticket.Ticket) []room.Message {
	if s.rooms == nil || len(t.Rooms) == 0 {
		return nil
	}
	list, err := s.rooms.Of(ctx, t)
	if err != nil {
		s.log.Warn("what rooms of chat have of a ticket could not be read", zap.String("ticket", t.Number), zap.Error(err))
		return nil
	}
	return list
}

// roomsOf are they as the API tells them.
func (s *Server) roomsOf(ctx context.Context, t *ticket.Ticket) []messageBody {
	var bodies []messageBody
	for _, m := range s.RoomsOf(ctx, t) {
		bodies = append(bodies, messageBody{m.Room, m.Product, m.State, m.Posted.UTC(), m.Changed.UTC(), m.Error})
	}
	return bodies
}
