package escalation_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/ticket"
)

// halfway is a store whose replicas are away: it cannot promise to keep what
// it observes.
type halfway struct {
	*storetest.Memory
	away error
}

func (h *halfway) Observe(ctx context.Context, source string, of []escalation.Observation) (escalation.Observed, error) {
	observed, err := h.Memory.Observe(ctx, source, of)
	observed.Unconfirmed = h.away
	return observed, err
}

// A sender gets no answer that rests on what is not confirmed, but people are
// paged for it.
func TestUnconfirmedIsNotTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &halfway{Memory: storetest.New()}
		engine := escalation.NewEngine(escalation.Options{
			Store: store, Clock: &escalation.WallClock{}, Rules: escalation.RulesForTest(t), Reach: reachable,
		})
		post := func(name string) error {
			_, err := engine.Ingest(t.Context(), ticket.Batch{Source: "p", Alerts: []ticket.Alert{alert(name, ticket.Firing)}})
			return err
		}
		if err := post("known"); err != nil {
			t.Fatal(err)
		}
		store.away = errors.New("the replicas are away")
		for _, name := range []string{"known", "new", "new"} {
			if err := post(name); !errors.Is(err, store.away) {
				t.Errorf("%s: %v", name, err)
			}
		}
		stats, err := store.Stats(t.Context())
		if err != nil || stats.Queued == 0 {
			t.Errorf("%+v, %v", stats, err)
		}
		records, err := store.Alerts(t.Context(), "p", []string{"known", "new"})
		if err != nil || len(records) != 2 {
			t.Errorf("%d alerts are stored, want 2: %v", len(records), err)
		}
		store.away = nil
		if err := post("new"); err != nil {
			t.Error(err)
		}
		if err := engine.Stop(t.Context()); err != nil {
			t.Error(err)
		}
	})
}
