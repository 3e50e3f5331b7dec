package redisstore_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/store/redisstore"
	"github.com/astreinte/astreinte/internal/store/redisstore/redistest"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// One change may hold more than a script can pass at once, and can close
// again.
func TestCommitOfMany(t *testing.T) {
	const many = 9000
	s := opened(t, redistest.Single(t).URL())
	of := storetest.Ticket("prometheus", "I261121_0001")
	change := storetest.Opening(&of)
	var observations []escalation.Observation
	for i := range many {
		alert := storetest.Alert("prometheus", fmt.Sprintf("f%05d", i))
		change.Alerts = append(change.Alerts, escalation.AlertChange{Record: storetest.Record(&of, alert)})
		change.Timeline = append(change.Timeline, storetest.Note(storetest.At(0), alert.Fingerprint))
		change.Pages = append(change.Pages, storetest.Page(&of, alert.Fingerprint))
		observations = append(observations, storetest.Observation(alert, storetest.At(time.Second)))
	}
	if errs, err := s.Commit(t.Context(), "prometheus", []escalation.Change{change}); err != nil || errs[0] != nil {
		t.Fatal(errs, err)
	}
	observed, err := s.Observe(t.Context(), "prometheus", observations)
	if err != nil || observed.Items[many-1].Verdict != escalation.Repeat {
		t.Fatal(err)
	}
	view, err := s.View(t.Context(), of.Number)
	if err != nil || len(view.Timeline) != many+1 || len(view.Pages) != many || len(view.Alerts) != ticket.ViewAlerts {
		t.Fatalf("%d entries, %d pages, %d alerts: %v", len(view.Timeline), len(view.Pages), len(view.Alerts), err)
	}
	due, _, err := s.Due(t.Context(), storetest.At(time.Hour), 2*many)
	if err != nil || len(due) != many+1 {
		t.Fatalf("%d due: %v", len(due), err)
	}
	claims, next, err := s.Claim(t.Context(), paging.ClaimRequest{Owner: "one", Now: storetest.At(0), Until: storetest.At(time.Minute), Limit: 2 * many})
	if err != nil || len(claims) != many || next.After(storetest.At(time.Hour)) {
		t.Fatalf("%d claims, next %v: %v", len(claims), next, err)
	}
	held := make([]paging.ClaimRef, len(claims))
	for i := range claims {
		held[i] = claims[i].Ref()
	}
	if err := s.Extend(t.Context(), held, storetest.At(time.Hour)); err != nil {
		t.Fatal(err)
	}
	storetest.Close(&of, storetest.At(time.Hour))
	if errs, err := s.Commit(t.Context(), "prometheus", []escalation.Change{{Ticket: of, Revision: 1}}); err != nil || errs[0] != nil {
		t.Fatal(errs, err)
	}
	for range many {
		if _, _, err := s.Due(t.Context(), storetest.At(0), 1); err != nil {
			t.Fatal(err)
		}
		if n, err := s.Client().Exists(t.Context(), redisstore.SourceKey("prometheus")+"closing").Result(); err != nil || n == 0 {
			break
		}
	}
	left, err := s.Client().Keys(t.Context(), "astreinte:{prometheus}:[as]*").Result()
	if err != nil || len(left) != 1 { // stats
		t.Errorf("closing left %d keys, %v", len(left), err)
	}
}

// If an alert is in a change twice, the last one counts.
func TestCommitOfOneAlertTwice(t *testing.T) {
	s := opened(t, redistest.Single(t).URL())
	of := storetest.Ticket("prometheus", "I261121_0001")
	change := storetest.Opening(&of, storetest.Alert("prometheus", "f1"), storetest.Alert("prometheus", "f2"), storetest.Alert("prometheus", "f1"))
	change.Alerts[2].Record.Status = ticket.Resolved
	if errs, err := s.Commit(t.Context(), "prometheus", []escalation.Change{change}); err != nil || errs[0] != nil {
		t.Fatal(errs, err)
	}
	alerts, err := s.Grouped(t.Context(), "prometheus", storetest.SenderGroup)
	if err != nil || len(alerts) != 1 || alerts[0] != "f2" {
		t.Errorf("alerts of the group: %+v, %v", alerts, err)
	}
	due, _, err := s.Due(t.Context(), storetest.At(time.Hour), 10)
	if err != nil || len(due) != 2 {
		t.Errorf("due %+v, %v", due, err)
	}
}
