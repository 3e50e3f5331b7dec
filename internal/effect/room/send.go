package room

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/effect"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging/chat"
)

const (
	mostCovered = 200 // effects of a ticket and a room that one call makes needless
	mostNotes   = 5   // replies at a time
	saveLimit   = 5 * time.Second
	// longestHeld is how long a room rests at most, whatever the product asks for.
	longestHeld = time.Hour
)

// Room is a room as a receiver of effects.
type Room struct {
	Setting
	rooms *Rooms
	pace  *effect.Pace
	said  *said
}

var _ effect.Paced = (*Room)(nil)

// Turn keeps the product's pace (effect.Paced).
func (r *Room) Turn(key string, now time.Time) time.Time { return r.pace.Turn(key, now) }

// shows says whether the room may show a customer's tickets, by the rules in force.
func (r *Room) shows(customer string) bool {
	rule := escalation.FindRoom(r.rooms.o.Rules().Rooms, r.Name)
	return rule != nil && rule.Shows(customer)
}

// Send has the room's message show the ticket as it is now (effect.Receiver). Later
// effects of the same ticket for this room, which were there before the ticket was read,
// have nothing more to say, and go.
func (r *Room) Send(ctx context.Context, e *ticket.Effect) effect.Result {
	later, err := r.rooms.o.Records.List(ctx, e.About.Source, ticket.RoomRecords, e.Key(), mostCovered)
	if err != nil {
		return waits("the store does not answer")
	}
	view, err := r.rooms.o.Tickets.View(ctx, e.Ticket)
	switch {
	case errors.Is(err, escalation.ErrNotFound):
		return effect.Result{Class: effect.Taken}
	case err != nil:
		return waits("the store does not answer")
	}
	if r.shows(view.Ticket.Customer) {
		if err := r.show(ctx, &view); err != nil {
			return r.result(err)
		}
	}
	r.drop(ctx, e, later)
	return effect.Result{Class: effect.Taken}
}

func waits(why string) effect.Result {
	return effect.Result{Class: effect.Again, Error: why, Alone: true}
}

// errMore says that some notes are still to be told.
var errMore = errors.New("more notes follow")

// show posts the ticket's message, or changes it, and tells its notes.
func (r *Room) show(ctx context.Context, v *ticket.View) error {
	m, err := r.rooms.read(ctx, v.Ticket.Number, r.Name)
	if err != nil {
		return err
	}
	traits, card := r.Room.Traits(), r.card(v)
	if sum := r.sum(v, card, traits); m.ID == "" || m.Sum != sum {
		if err := r.put(ctx, v, &m, card, sum); err != nil {
			return err
		}
	}
	if !traits.Edits || r.discreet(&v.Ticket) {
		return nil
	}
	return r.tellNotes(ctx, v, &m)
}

// sum tells whether a message would show something else. Where a message cannot be
// changed another one is worth it only if somebody took the ticket, it ended, or began
// again.
func (r *Room) sum(v *ticket.View, card *chat.Card, traits chat.Traits) string {
	if !traits.Edits {
		stage := "open " + strconv.Itoa(v.Ticket.Progress.Recoveries)
		switch {
		case card.Over:
			stage = "over"
		case card.Taken:
			stage = "taken " + v.Ticket.AcknowledgedBy.String()
		}
		return stage
	}
	text, _ := json.Marshal(card) // it has nothing that cannot be written
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:12])
}

// put has the product show a card, and keeps what the message is called.
func (r *Room) put(ctx context.Context, v *ticket.View, m *message, card *chat.Card, sum string) error {
	if m.ID != "" && r.Room.Traits().Edits {
		err := r.called(r.Room.Edit(ctx, m.ID, card))
		var refusal *chat.Refusal
		switch gone := errors.As(err, &refusal) && refusal.Gone; {
		case gone:
			m.ID, m.Notes = "", 0 // somebody deleted it: the next one says all
		case err != nil:
			return err
		}
	}
	now := records.Instant(r.rooms.o.Now())
	if m.ID == "" || !r.Room.Traits().Edits {
		once := v.Ticket.Number + ":" + r.Name + ":" + strconv.Itoa(m.Times) + ":" + strconv.FormatInt(v.Ticket.OpenedAt.UnixMilli(), 36)
		id, err := r.Room.Post(ctx, card, once)
		if err := r.called(err); err != nil {
			return err
		}
		m.ID, m.Times = id, m.Times+1
		if m.Posted.IsZero() {
			m.Posted = now
		}
	}
	m.Sum, m.Changed, m.FailedAt, m.LastError = sum, now, time.Time{}, ""
	return r.keep(ctx, v.Ticket.Number, m)
}

// keep saves what is known of a message, even if the time for the call is over.
func (r *Room) keep(ctx context.Context, number string, m *message) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), saveLimit)
	defer cancel()
	return r.rooms.save(ctx, number, r.Name, *m)
}

// tellNotes tells, in the message's thread, what people wrote since.
func (r *Room) tellNotes(ctx context.Context, v *ticket.View, m *message) error {
	told, n := 0, 0
	for i := range v.Timeline {
		entry := &v.Timeline[i]
		if entry.Kind != ticket.EntryNote || entry.Text == "" {
			continue
		}
		if n++; n <= m.Notes {
			continue
		}
		if told++; told > mostNotes {
			return errMore
		}
		err := r.called(r.Room.Reply(ctx, m.ID, r.note(entry), v.Ticket.Number+":"+r.Name+":note:"+strconv.Itoa(n)))
		var refusal *chat.Refusal
		if err != nil && !(errors.As(err, &refusal) && (refusal.Gone || refusal.Final)) {
			return err
		}
		m.Notes = n
		if err := r.keep(ctx, v.Ticket.Number, m); err != nil {
			return err
		}
	}
	return nil
}

// called notes what came of a call, and holds the room's turns if it was too fast.
func (r *Room) called(err error) error {
	now := r.rooms.o.Now()
	var refusal *chat.Refusal
	if errors.As(err, &refusal) {
		switch {
		case refusal.Gone:
			return err
		case refusal.TooFast:
			wait := min(refusal.After, longestHeld)
			if wait <= 0 {
				wait = r.Room.Traits().Every * 5
			}
			r.pace.Hold(now.Add(wait), now)
			return err
		}
	}
	r.said.note(now, err)
	return err
}

// result is what the queue makes of an error.
func (r *Room) result(err error) effect.Result {
	var refusal *chat.Refusal
	switch {
	case errors.Is(err, errMore):
		return waits(err.Error())
	case !errors.As(err, &refusal):
		return waits("the store does not answer")
	case refusal.Final:
		return effect.Result{Class: effect.Never, Error: refusal.Error()}
	}
	return effect.Result{Class: effect.Again, Error: refusal.Error(), After: refusal.After, Alone: refusal.TooFast}
}

// drop removes effects that have nothing more to say. One that somebody holds stays:
// it will find that nothing changed.
func (r *Room) drop(ctx context.Context, e *ticket.Effect, later []records.Record) {
	lane := e.Lane()
	for i := range later {
		if len(later[i].Key) <= len(lane) || later[i].Key[:len(lane)] != lane {
			return
		}
		_, err := r.rooms.o.Records.Write(ctx, later[i].Home, records.Write{
			Kind: later[i].Kind, Key: later[i].Key, Revision: later[i].Revision, Remove: true,
		})
		if err != nil && !errors.Is(err, records.ErrConflict) {
			r.rooms.o.Log.Warn("an effect that says nothing more stays", zap.String("key", ticket.Logged(later[i].Key)), zap.Error(err))
			return
		}
	}
}
