package console

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/astreinte/astreinte/internal/effect/room"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web/look"
)

// elsewhereLine is how it stands with somebody who is told of a ticket and is no person:
// a room of chat, the tool of its source, a webhook.
type elsewhereLine struct{ Name, What, At, State, Class, Error string }

// mostWaiting is how many things that are still to be told are looked at.
const mostWaiting = 50

// elsewhere are the rooms, then the others in the order of their names. Nobody waits for
// what cannot be read: it is left out.
func (c *Console) elsewhere(ctx context.Context, who *reader, v *look.Viewer, view *ticket.View) (lines []elsewhereLine) {
	for _, m := range c.house.RoomsOf(ctx, &view.Ticket) {
		line := elsewhereLine{Name: m.Room, What: m.Product, State: who.words.Rooms.States[m.State], Class: roomClasses[m.State], Error: m.Error}
		if at := latest(m.Changed, m.Posted); !at.IsZero() {
			line.At = v.At(at)
		}
		lines = append(lines, line)
	}
	told := c.told(who, v, view.Timeline)
	for key, line := range c.untold(ctx, who, v, &view.Ticket) {
		told[key] = line // it is newer
	}
	for _, name := range slices.Sorted(maps.Keys(told)) {
		lines = append(lines, told[name])
	}
	return lines
}

var roomClasses = map[string]string{room.StatePosted: "good", room.StateWaiting: "warn", room.StateFailed: "bad"}

// told is what each receiver last heard, or could not be told, by its name.
func (c *Console) told(who *reader, v *look.Viewer, timeline []ticket.Entry) map[string]elsewhereLine {
	words, lines := &who.words.Elsewhere, map[string]elsewhereLine{}
	for i := range timeline {
		e := &timeline[i]
		line := elsewhereLine{Name: e.Args.Receiver, What: cmp.Or(words.Events[e.Args.Event], e.Args.Event), At: v.At(e.At)}
		switch e.Kind {
		case ticket.EntryEffect:
			line.State, line.Class = words.Told, "good"
		case ticket.EntryEffectFailed:
			line.State, line.Class, line.Error = words.Failed, "bad", e.Args.Error
		default:
			continue
		}
		lines[line.Name] = line
	}
	return lines
}

// untold is what each receiver is still to hear first, by its name.
func (c *Console) untold(ctx context.Context, who *reader, v *look.Viewer, t *ticket.Ticket) map[string]elsewhereLine {
	if c.records == nil {
		return nil
	}
	first := t.Number + " " // the keys of its effects begin so
	list, err := c.records.List(ctx, t.Source, ticket.EffectRecords, first, mostWaiting)
	if err != nil {
		return nil
	}
	words, lines := &who.words.Elsewhere, map[string]elsewhereLine{}
	for i := range list {
		if !strings.HasPrefix(list[i].Key, first) {
			break
		}
		e, err := ticket.ReadEffect(list[i].Value)
		if _, known := lines[e.To]; err != nil || known {
			continue
		}
		lines[e.To] = elsewhereLine{
			Name: e.To, What: cmp.Or(words.Events[e.Event], e.Event), At: v.At(e.At), State: words.Waits, Class: "warn", Error: e.Error,
		}
	}
	return lines
}
