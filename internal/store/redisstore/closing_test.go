package redisstore_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/store/redisstore"
	"github.com/astreinte/astreinte/internal/store/redisstore/redistest"
	"github.com/astreinte/astreinte/internal/ticket"
)

// One short script closes a ticket of many alerts. What is left of them counts
// as gone at once, and is cleared away bit by bit.
func TestCloseManyAlerts(t *testing.T) {
	const many = 1800
	s := opened(t, redistest.Single(t).URL())
	ctx, prefix := t.Context(), redisstore.SourceKey("prometheus")
	of := storetest.Ticket("prometheus", "T1")
	var alerts []ticket.Alert
	for i := range many {
		alerts = append(alerts, storetest.Alert("prometheus", fmt.Sprintf("f%04d", i)))
	}
	commit := func(change escalation.Change) {
		t.Helper()
		errs, err := s.Commit(ctx, "prometheus", []escalation.Change{change})
		if err = errors.Join(append(errs, err)...); err != nil {
			t.Fatal(err)
		}
	}
	keys := func() int {
		t.Helper()
		found, err := s.Client().Keys(ctx, "astreinte:{prometheus}:a:*").Result()
		if err != nil {
			t.Fatal(err)
		}
		return len(found)
	}
	commit(storetest.Opening(&of, alerts...))
	storetest.Close(&of, storetest.At(time.Hour))
	commit(escalation.Change{Ticket: of, Revision: 1})
	if n := keys(); n < many/2 || n == many {
		t.Fatalf("%d of %d alerts are left", n, many)
	}

	last := alerts[many-1]
	grouped := func() ([]ticket.AlertRecord, error) {
		found, err := s.Grouped(ctx, "prometheus", storetest.SenderGroup)
		if err != nil {
			return nil, err
		}
		return s.Alerts(ctx, "prometheus", found)
	}
	records, err := grouped()
	if err != nil || len(records) != 0 {
		t.Errorf("%d alerts of a closed ticket, %v", len(records), err)
	}
	if records, err = s.Alerts(ctx, "prometheus", []string{last.Fingerprint}); err != nil || len(records) != 0 {
		t.Errorf("%+v, %v", records, err)
	}
	gone := last
	gone.Status = ticket.Resolved
	observed, err := s.Observe(ctx, "prometheus", []escalation.Observation{
		storetest.Observation(last, storetest.At(time.Second)), storetest.Observation(gone, storetest.At(time.Second)),
	})
	if err != nil || observed.Items[0].Verdict != escalation.New || observed.Items[0].Ticket != "" || observed.Items[1].Verdict != escalation.Unknown {
		t.Errorf("%+v, %v", observed, err)
	}
	again := storetest.Ticket("prometheus", "T2")
	commit(storetest.Opening(&again, last))

	for range many {
		due, _, err := s.Due(ctx, storetest.At(time.Hour), 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range due {
			if d.Ticket != again.Number {
				t.Fatalf("due: %+v", d)
			}
		}
		if left, err := s.Client().SCard(ctx, prefix+"closing").Result(); err != nil || left == 0 {
			break
		}
	}
	if n := keys(); n != 1 {
		t.Errorf("%d alerts are left, want the one that fires again", n)
	}
	records, err = grouped()
	if err != nil || len(records) != 1 || records[0].Fingerprint != last.Fingerprint || records[0].Ticket != again.Number {
		t.Errorf("%+v, %v", records, err)
	}
	if n, err := s.Client().Exists(ctx, prefix+"tc:T1", prefix+"ta:T1").Result(); err != nil || n != 0 {
		t.Errorf("%d indexes are left, %v", n, err)
	}
}
