package redisstore_test

import (
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/store/redisstore/redistest"
)

// If a repeat brings an alert's silence nearer, the alert does not wait behind
// one that is due before its old time.
func TestSilenceOvertakes(t *testing.T) {
	s := opened(t, redistest.Single(t).URL())
	of := storetest.Ticket("prometheus", "I261121_0001")
	storetest.NextRound(&of, time.Time{})
	first, second := storetest.Alert("prometheus", "f1"), storetest.Alert("prometheus", "f2")
	first.SilentAt, second.SilentAt = storetest.At(7*time.Minute), storetest.At(8*time.Minute)
	if _, err := s.Commit(t.Context(), "prometheus", []escalation.Change{storetest.Opening(&of, first, second)}); err != nil {
		t.Fatal(err)
	}
	second.SilentAt = storetest.At(6 * time.Minute)
	if _, err := s.Observe(t.Context(), "prometheus", []escalation.Observation{storetest.Observation(second, storetest.At(0))}); err != nil {
		t.Fatal(err)
	}
	due, next, err := s.Due(t.Context(), storetest.At(6*time.Minute), 10)
	if err != nil || len(due) != 1 || due[0].Alert != "f2" || !next.Equal(first.SilentAt) {
		t.Errorf("due %+v, next %v, %v", due, next, err)
	}
}

// Repeats may bring the silence of an alert nearer, and take it away.
func TestSilenceMovesEitherWay(t *testing.T) {
	server := redistest.Single(t)
	s := opened(t, server.URL())
	of := storetest.Ticket("prometheus", "I261121_0001")
	storetest.NextRound(&of, time.Time{})
	alert := storetest.Alert("prometheus", "f1")
	if _, err := s.Commit(t.Context(), "prometheus", []escalation.Change{storetest.Opening(&of, alert)}); err != nil {
		t.Fatal(err)
	}
	for i, silentAt := range []time.Time{
		storetest.At(8 * time.Minute), storetest.At(6 * time.Minute),
		{},
		storetest.At(9 * time.Minute).Add(7 * time.Nanosecond),
		storetest.At(2 * time.Minute), storetest.At(time.Hour), storetest.At(10 * time.Minute),
		{},
	} {
		alert.SilentAt = silentAt
		observations := []escalation.Observation{storetest.Observation(alert, storetest.At(time.Second))}
		if _, err := s.Observe(t.Context(), "prometheus", observations); err != nil {
			t.Fatal(err)
		}
		due, next, err := s.Due(t.Context(), storetest.At(0), 10)
		if err != nil || len(due) > 0 || !next.Equal(silentAt) {
			t.Errorf("%d: due %v, next %v, %v; want %v", i, due, next, err, silentAt)
		}
		due, _, err = s.Due(t.Context(), storetest.At(2*time.Hour), 10)
		switch {
		case err != nil || len(due) > 1 || silentAt.IsZero() != (len(due) == 0):
			t.Errorf("%d: due later %v, %v", i, due, err)
		case len(due) == 1 && !due[0].At.Equal(silentAt):
			t.Errorf("%d: due at %v, want %v", i, due[0].At, silentAt)
		}
	}
}
