package back

import (
	"context"
	"slices"
	"strings"

	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/upstream"
)

// Zabbix acknowledges in a Zabbix, by the ids of events.
type Zabbix struct {
	API *upstream.Zabbix
	// Close closes the problem in Zabbix if a person resolved the ticket.
	Close bool
}

var _ Tool = Zabbix{}

// eventsOf are the ids of the alerts' events: they are the fingerprints of alerts whose
// source sends the id.
func eventsOf(alerts []ticket.AlertRecord) (ids []string) {
	for i := range alerts {
		id := alerts[i].Fingerprint
		if id != "" && strings.Trim(id, "0123456789") == "" {
			ids = append(ids, id)
		}
	}
	return ids
}

var (
	errNoEvent   = &upstream.Error{Said: "none of its alerts has the id of an event in Zabbix", Never: true}
	errNoProblem = &upstream.Error{Said: "Zabbix shows none of its problems: they are over, or the token's user may not read their hosts", Never: true}
)

// Take acknowledges what is not acknowledged yet (Tool).
func (t Zabbix) Take(ctx context.Context, a *Act, alerts []ticket.AlertRecord, held []Held) ([]Held, error) {
	ids := eventsOf(alerts)
	if len(ids) == 0 {
		if len(alerts) == 0 {
			return held, nil // all of it is over by now
		}
		return held, errNoEvent
	}
	problems, err := t.API.Problems(ctx, ids)
	switch {
	case err != nil:
		return held, err
	case len(problems) == 0:
		return held, errNoProblem
	}
	var todo []string
	for _, p := range problems {
		switch {
		case !p.Acknowledged:
			todo = append(todo, p.Event)
		case slices.Contains(p.Messages, a.Text): // at a try of which nobody heard how it ended
			held = holding(held, p.Event)
		}
	}
	if len(todo) == 0 {
		return held, nil
	}
	if err := t.API.Update(ctx, todo, upstream.ZabbixAcknowledge, a.Text); err != nil {
		return held, err
	}
	for _, id := range todo {
		held = holding(held, id)
	}
	return held, nil
}

func holding(held []Held, id string) []Held {
	if slices.ContainsFunc(held, func(h Held) bool { return h.Alert == id }) {
		return held
	}
	return append(held, Held{Alert: id})
}

// Leave takes back the acknowledgements that are ours, and says why; it closes the
// problems if it is to (Tool). What recovered needs nothing.
func (t Zabbix) Leave(ctx context.Context, a *Act, alerts []ticket.AlertRecord, held []Held) ([]Held, error) {
	if a.What == Recovered {
		return nil, nil
	}
	var ids []string
	for _, h := range held {
		ids = append(ids, h.Alert)
	}
	if a.What == Ended {
		for _, id := range eventsOf(alerts) {
			if !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	problems, err := t.API.Problems(ctx, ids)
	if err != nil {
		return held, err
	}
	var back, other []string // those to be taken back, and those of others
	for _, p := range problems {
		switch mine := slices.ContainsFunc(held, func(h Held) bool { return h.Alert == p.Event }); {
		case slices.Contains(p.Messages, a.Text): // at a try of which nobody heard how it ended
		case mine && p.Acknowledged:
			back = append(back, p.Event)
		default:
			other = append(other, p.Event)
		}
	}
	return t.leave(ctx, a, back, other, held)
}

// leave does it. Zabbix that does not let one of the problems be closed is asked to take
// the acknowledgements back, and the effect ends with what it said.
func (t Zabbix) leave(ctx context.Context, a *Act, back, other []string, held []Held) ([]Held, error) {
	var refused error
	if all := slices.Concat(back, other); t.Close && a.What == Ended && len(all) > 0 {
		err := t.API.Update(ctx, all, upstream.ZabbixClose, a.Text)
		if err == nil {
			return nil, nil
		}
		if !upstream.IsNever(err) {
			return held, err
		}
		refused = err
	}
	for _, some := range []struct {
		ids     []string
		actions int
	}{{back, upstream.ZabbixUnacknowledge}, {other, 0}} {
		if len(some.ids) == 0 {
			continue
		}
		if err := t.API.Update(ctx, some.ids, some.actions, a.Text); err != nil {
			return held, err
		}
	}
	return nil, refused
}
