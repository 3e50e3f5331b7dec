package daemon

import (
	"context"
	"encoding/json"
	"reflect"
	"time"

	"github.com/astreinte/astreinte/internal/duty/report"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
)

// judgeCounted: of each ticket that is closed either what is counted of it was kept,
// and is what the ticket says, or it waits to be. So no page and no hour of work is
// missing in the duty report, whoever died when.
func (h *history) judgeCounted(number string) {
	view, err := h.s.memory.View(context.Background(), number)
	if err != nil || view.Ticket.State != ticket.Closed {
		return
	}
	store := h.s.memory.Records()
	if _, err := store.Get(context.Background(), view.Ticket.Source, ticket.ClosedRecords, number); err == nil {
		return
	}
	want := report.PastOf(&view.Ticket, view.Pages, view.Timeline)
	if !want.Counts() {
		return
	}
	list, err := store.List(context.Background(), records.House, report.KindPast, "", 10_000)
	if err != nil {
		h.s.problem("judge", "%v", err)
		return
	}
	for i := range list {
		var p report.Past
		if json.Unmarshal(list[i].Value, &p) == nil && p.Ticket == number {
			if !reflect.DeepEqual(p.Acts, want.Acts) || len(p.Pages) < len(want.Pages) {
				h.s.problem("counted", "%s: %+v is kept, and %+v was so", number, p, want)
			}
			return
		}
	}
	if !h.restored(view.Ticket.ClosedAt.Add(-10*time.Second), time.Now()) {
		h.s.problem("not counted", "%s is closed, and nothing that is counted of it was kept", number)
	}
}
