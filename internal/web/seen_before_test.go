package web

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// remembering knows what was seen before, or never answers.
type remembering struct {
	storeAlone
	never bool
}

func (f remembering) Before(ctx context.Context, of ticket.Scope, t *ticket.Ticket, _ *ticket.Sheet) (ticket.SeenBefore, error) {
	if f.never {
		<-ctx.Done()
		return ticket.SeenBefore{}, ctx.Err()
	}
	others := []ticket.View{{Ticket: *t, Sheet: &ticket.Sheet{Qualification: ticket.Qualification{Synthesis: "the disk"}}}}
	others[0].Ticket.Number = "I1"
	if !of.All() {
		others = nil
	}
	return ticket.Before(t, nil, others), nil
}

// TestWhatWasSeenBefore is shown with a ticket. What cannot be said soon is left out.
func TestWhatWasSeenBefore(t *testing.T) {
	d := newDesk(t, func(o *Options) { o.Finder = remembering{storeAlone: storeAlone{o.Store}} })
	number := d.alert("HostDown")
	if w := d.call("reader", http.MethodGet, "/api/v1/tickets/"+number, ""); !strings.Contains(w.Body.String(), `"seen_before":{"count":1,"last":{"number":"I1"`) || !strings.Contains(w.Body.String(), `"synthesis":"the disk"`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		s := &Server{finder: remembering{never: true}}
		if seen := s.SeenBefore(t.Context(), ticket.Everything(), &ticket.View{}); seen != nil || time.Since(began) != seenWaits {
			t.Errorf("%+v after %s", seen, time.Since(began))
		}
	})
}
