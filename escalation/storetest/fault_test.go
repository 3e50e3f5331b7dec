package storetest_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

const source = "prometheus"

// opening reserves a number and returns the change that opens its ticket, with
// a page.
func opening(t *testing.T, m *storetest.Memory) escalation.Change {
	t.Helper()
	numbers, err := m.Numbers(t.Context(), source, storetest.Prefix, 1)
	if err != nil {
		t.Fatal(err)
	}
	tk := storetest.Ticket(source, numbers[0])
	c := storetest.Opening(&tk, storetest.Alert(source, "f-"+numbers[0]))
	c.Pages = []ticket.Page{storetest.Page(&tk, "alice")}
	return c
}

// commit commits one change and returns what became of it.
func commit(ctx context.Context, m *storetest.Memory, c escalation.Change) error {
	errs, err := m.Commit(ctx, source, []escalation.Change{c})
	return errors.Join(append(errs, err)...)
}

// stored reports whether the ticket is stored.
func stored(t *testing.T, m *storetest.Memory, number string) bool {
	t.Helper()
	records, err := m.Load(t.Context(), source, []string{number})
	if err != nil {
		t.Fatal(err)
	}
	return len(records) == 1
}

func TestFaultsOfOneCall(t *testing.T) {
	for _, c := range []struct {
		name   string
		fault  func(op string) storetest.Fault
		fails  bool
		landed bool
	}{
		{"none", nil, false, true},
		{"before", storetest.On(storetest.FailBefore, "Commit"), true, false},
		{"after", storetest.On(storetest.FailAfter, "Commit"), true, true},
		{"all calls", storetest.On(storetest.FailBefore), true, false},
		{"another call", storetest.On(storetest.FailBefore, "Load", "Claim"), false, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := storetest.New()
			change := opening(t, m)
			m.Fail(c.fault)
			err := commit(t.Context(), m, change)
			if got := errors.Is(err, storetest.ErrDown); got != c.fails || (err != nil) != c.fails {
				t.Errorf("Commit: %v, fails: %v", err, c.fails)
			}
			m.Fail(nil)
			if got := stored(t, m, change.Ticket.Number); got != c.landed {
				t.Errorf("landed: %v, want %v", got, c.landed)
			}
			// A second try is harmless, whatever the first one did.
			if err := commit(t.Context(), m, change); errors.Is(err, escalation.ErrConflict) != c.landed {
				t.Errorf("Commit again: %v", err)
			}
		})
	}
}

func TestFaultOnce(t *testing.T) {
	m := storetest.New()
	m.Fail(storetest.Once(storetest.FailBefore, "Check"))
	if _, err := m.Clock(t.Context()); err != nil {
		t.Errorf("another call: %v", err)
	}
	if err := m.Check(t.Context()); !errors.Is(err, storetest.ErrDown) {
		t.Errorf("the first call: %v", err)
	}
	if err := m.Check(t.Context()); err != nil {
		t.Errorf("the second call: %v", err)
	}
}

func TestFaultBlock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := storetest.New()
		kept, given := opening(t, m), opening(t, m)
		m.Fail(storetest.On(storetest.Block, "Commit"))
		short, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		began := time.Now()
		done := make(chan error, 1)
		go func() { done <- commit(t.Context(), m, kept) }()
		if err := commit(short, m, given); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("with a deadline: %v", err)
		}
		if d := time.Since(began); d != 3*time.Second {
			t.Errorf("it blocked for %v", d)
		}
		m.Unblock()
		if err := <-done; err != nil {
			t.Errorf("after Unblock: %v", err)
		}
		if !stored(t, m, kept.Ticket.Number) || stored(t, m, given.Ticket.Number) {
			t.Error("the call that was let go, and no other, takes place")
		}
	})
}

func TestContextDone(t *testing.T) {
	m := storetest.New()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := m.Check(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Check: %v", err)
	}
}

func TestClockOffset(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := storetest.New()
		m.SetOffset(-90 * time.Second)
		time.Sleep(time.Minute) // virtual
		now, err := m.Clock(t.Context())
		if err != nil || !now.Equal(time.Now().Add(-90*time.Second)) {
			t.Errorf("%v (%v)", now, err)
		}
	})
}

func TestRestore(t *testing.T) {
	m := storetest.New()
	before := opening(t, m)
	if err := commit(t.Context(), m, before); err != nil {
		t.Fatal(err)
	}
	snapshot := m.Snapshot()
	lost := opening(t, m)
	taken := storetest.Next(ticket.Record{Ticket: before.Ticket, Revision: 1}, func(t *ticket.Ticket) {
		storetest.Acknowledge(t, storetest.At(time.Minute))
	})
	claim := claimOne(t, m)
	for _, c := range []escalation.Change{lost, taken} {
		if err := commit(t.Context(), m, c); err != nil {
			t.Fatal(err)
		}
	}

	m.Restore(snapshot)
	if stored(t, m, lost.Ticket.Number) {
		t.Error("what came after the snapshot is still there")
	}
	records, err := m.Load(t.Context(), source, []string{before.Ticket.Number})
	if err != nil || len(records) != 1 || records[0].Ticket.State != ticket.Open || records[0].Revision != 1 {
		t.Errorf("the ticket: %+v (%v)", records, err)
	}
	if next := opening(t, m); next.Ticket.Number <= lost.Ticket.Number {
		t.Errorf("%s is given after %s", next.Ticket.Number, lost.Ticket.Number)
	}
	if again := claimOne(t, m); again.Token == claim.Token || again.Again || again.Page.Attempts != 1 {
		t.Errorf("claimed again: %+v, first %+v", again, claim)
	}
	// What followed does not change the snapshot.
	m.Restore(snapshot)
	if again := claimOne(t, m); again.Page.PageKey != claim.Page.PageKey {
		t.Errorf("claimed after a second restore: %+v", again)
	}
}

func claimOne(t *testing.T, m *storetest.Memory) paging.Claim {
	t.Helper()
	claims, _, err := m.Claim(t.Context(), paging.ClaimRequest{Owner: "one", Now: storetest.At(0), Until: storetest.At(time.Minute), Limit: 10})
	if err != nil || len(claims) != 1 {
		t.Fatalf("Claim: %+v (%v)", claims, err)
	}
	return claims[0]
}
