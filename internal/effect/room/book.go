package room

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
)

// kindMessage is the kind of the records that say which message of a room stands for a
// ticket, under the ticket's number and the room's name, in the house.
const kindMessage = "room message"

// keptFor is how long that is known after the last change. A ticket that changes later
// gets another message, which is nearer to where people look.
const keptFor = 90 * 24 * time.Hour

// Expiring are the kinds of records that are removed when they are due.
func Expiring() []string { return []string{kindMessage} }

// message is what is known of a ticket's message in a room.
type message struct {
	ID        string    `json:"id,omitempty"`  // the product's; empty: none was posted
	Sum       string    `json:"sum,omitempty"` // of what it shows
	Posted    time.Time `json:"posted,omitzero"`
	Changed   time.Time `json:"changed,omitzero"`
	Notes     int       `json:"notes,omitempty"` // of the ticket, that its thread has
	Times     int       `json:"times,omitempty"` // that one was posted: again, if it was deleted
	FailedAt  time.Time `json:"failed_at,omitzero"`
	LastError string    `json:"error,omitempty"` // why something was given up; empty: not since the last change
}

func (r *Rooms) shelf() *records.Shelf[message] {
	return &records.Shelf[message]{Store: r.o.Records, Home: records.House, Kind: kindMessage}
}

func keyOf(number, room string) string { return number + " " + room }

// read is what is known; nothing, if that cannot be read.
func (r *Rooms) read(ctx context.Context, number, room string) (message, error) {
	item, err := r.shelf().Get(ctx, keyOf(number, room))
	switch {
	case errors.Is(err, records.ErrNotFound), errors.Is(err, records.ErrUnreadable):
		return message{}, nil
	case err != nil:
		return message{}, fmt.Errorf("room: the message of %s: %w", number, err)
	}
	return item.Of, nil
}

// saveTries is how often a message's record is tried to be written: without it another
// message would be posted.
const saveTries = 3

// save keeps what is known. One effect of a ticket and a room is sent at a time, so
// nobody else writes it.
func (r *Rooms) save(ctx context.Context, number, room string, m message) (err error) {
	w, err := r.shelf().Put(keyOf(number, room), records.Any, m)
	if err != nil {
		return err //nolint:wrapcheck // it names itself
	}
	w.Due, w.Vital = records.Instant(r.o.Now()).Add(keptFor), true
	for range saveTries {
		if _, err = r.o.Records.Write(ctx, records.House, w); err == nil || ctx.Err() != nil {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("room: keep the message of %s: %w", number, err)
	}
	return nil
}

// EndEffect ends an effect (effect.Tickets). What was given up stands on the message.
func (r *Rooms) EndEffect(ctx context.Context, end ticket.EffectEnd) error {
	e := &end.Effect
	if !end.Sent {
		name := e.To[len(ticket.RoomReceiver("")):]
		m, err := r.read(ctx, e.Ticket, name)
		if err != nil {
			return err
		}
		m.FailedAt, m.LastError = records.Instant(r.o.Now()), ticket.Cut(end.Why, ticket.MaxEffectError)
		if err := r.save(ctx, e.Ticket, name, m); err != nil {
			return err
		}
	}
	_, err := r.o.Records.Write(ctx, end.Home, records.Write{Kind: e.Kind(), Key: e.Key(), Revision: end.Revision, Remove: true})
	if err != nil {
		return fmt.Errorf("room: end the effect %s: %w", e.Key(), err)
	}
	return nil
}

// Over says of an error of EndEffect that somebody else has the effect, or has ended it.
func Over(err error) bool { return errors.Is(err, records.ErrConflict) }

// Gone is never so: a room's message belongs to no store's ticket.
func Gone(error) bool { return false }

// Message is how a ticket's message in a room is, for whoever looks at the ticket.
type Message struct {
	Room    string
	Product string // empty: the room is configured no more
	State   string // waiting, posted, failed, hidden
	Posted  time.Time
	Changed time.Time
	Error   string
}

// States of a Message.
const (
	StateWaiting = "waiting" // it is still to be posted
	StatePosted  = "posted"
	StateFailed  = "failed" // its last change was given up
	StateHidden  = "hidden" // the room may not show this customer's tickets
)

// Of lists the messages of a ticket, in the order in which its rooms were told.
func (r *Rooms) Of(ctx context.Context, t *ticket.Ticket) ([]Message, error) {
	list := make([]Message, 0, len(t.Rooms))
	for _, name := range t.Rooms {
		m, err := r.read(ctx, t.Number, name)
		if err != nil {
			return nil, err
		}
		shown := Message{Room: name, State: StateWaiting, Posted: m.Posted, Changed: m.Changed, Error: m.LastError}
		room := r.room(name)
		if room != nil {
			shown.Product = room.Room.Traits().Product
		}
		switch {
		case m.LastError != "":
			shown.State = StateFailed
		case m.ID != "":
			shown.State = StatePosted
		case room == nil || !room.shows(t.Customer):
			shown.State = StateHidden
		default:
			if s := room.said.read(); !s.FailedAt.IsZero() {
				shown.Error = s.Error
			}
		}
		list = append(list, shown)
	}
	return list, nil
}
