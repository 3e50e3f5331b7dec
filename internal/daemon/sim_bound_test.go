package daemon

import "github.com/astreinte/astreinte/internal/ticket"

// keepsBound: a source that has as many tickets as it may have opens no more,
// except overflow tickets.
func (h *history) keepsBound(source, was string, t *ticket.Ticket) {
	most := h.s.configs[0].rules.Sources[source].MaxOpen
	if was != "" || t.Overflow != "" || most == 0 || !t.State.Active() {
		return
	}
	active := 0
	for number, other := range h.tickets {
		if number != t.Number && !other.lost && other.source == source && other.State.Active() {
			active++
		}
	}
	if active >= most {
		h.s.problem("bound", "%s was opened for source %s, which has %d tickets and may have %d", t.Number, source, active, most)
	}
}
