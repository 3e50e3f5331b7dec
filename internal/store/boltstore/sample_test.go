package boltstore

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/ticket"
)

// TestAViewOfManyAlertsIsCheap: whoever has a link may open it a hundred times
// at once, and its ticket may have all alerts of the store.
func TestAViewOfManyAlertsIsCheap(t *testing.T) {
	s := openTest(t, filepath.Join(t.TempDir(), "astreinte.db"))
	allocs := map[int]float64{}
	for _, many := range []int{200, 20_000} {
		of := storetest.Ticket("prometheus", fmt.Sprint("T", many))
		var alerts []ticket.Alert
		for i := range many {
			alerts = append(alerts, storetest.Alert("prometheus", fmt.Sprintf("f%d-%06d", many, i)))
		}
		change := storetest.Opening(&of, alerts...)
		for i := range change.Alerts[:many-30] { // the last ones fire
			change.Alerts[i].Record.Status = ticket.Resolved
		}
		if errs, err := s.Commit(t.Context(), "prometheus", []escalation.Change{change}); err != nil || errs[0] != nil {
			t.Fatal(errs, err)
		}
		allocs[many] = testing.AllocsPerRun(5, func() {
			view, err := s.View(t.Context(), of.Number)
			if err != nil || len(view.Alerts) != ticket.ViewAlerts || view.Alerts[0].Status != ticket.Firing || view.Alerts[19].Status != ticket.Firing {
				t.Fatalf("%d alerts, %v", len(view.Alerts), err)
			}
		})
	}
	if allocs[20_000] > 2*allocs[200] {
		t.Errorf("a view of 200 alerts makes %.0f objects, one of 20,000 %.0f", allocs[200], allocs[20_000])
	}
}
