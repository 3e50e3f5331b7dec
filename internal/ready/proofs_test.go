package ready

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// counted counts writes.
type counted struct {
	records.Store
	writes int
}

func (c *counted) Write(ctx context.Context, home string, writes ...records.Write) ([]int64, error) {
	c.writes++
	return c.Store.Write(ctx, home, writes...) //nolint:wrapcheck // it is the store's own
}

var nine = storetest.Began()

func proof(how paging.How, after time.Duration) paging.Proof {
	return paging.Proof{Person: "alice", Channel: "sms", Address: "+33612345601", At: nine.Add(after), How: how}
}

func noted(t *testing.T, b *Proofs, list ...paging.Proof) {
	t.Helper()
	for _, p := range list {
		if err := b.Note(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
}

func hows(t *testing.T, b *Proofs, devices ...paging.Device) (said string) {
	t.Helper()
	list, err := b.Of(t.Context(), "alice", devices)
	if err != nil {
		t.Fatal(err)
	}
	for i := range list {
		said += fmt.Sprintf("%s %s %s %s; ", list[i].Channel, list[i].Address, list[i].How, list[i].At.Sub(nine))
	}
	return said
}

// TestTheLastProofOfEach: one a channel and address is kept, written every few minutes
// at most, on however many daemons; what a person did is not hidden by a receipt of a
// moment before.
func TestTheLastProofOfEach(t *testing.T) {
	store := &counted{Store: storetest.New().Records()}
	b, other := NewProofs(store), NewProofs(store)
	noted(t, b, proof(paging.ByReceipt, 0), proof(paging.ByReceipt, time.Minute))
	noted(t, other, proof(paging.ByReceipt, 2*time.Minute))
	if got := hows(t, b); got != "sms +33612345601 receipt 0s; " || store.writes != 1 {
		t.Errorf("%s, after %d writes", got, store.writes)
	}
	noted(t, b, proof(paging.ByAnswer, 3*time.Minute), proof(paging.ByAnswer, 4*time.Minute), proof(paging.ByReceipt, 4*time.Minute))
	if got := hows(t, other); got != "sms +33612345601 answer 3m0s; " || store.writes != 2 {
		t.Errorf("%s, after %d writes", got, store.writes)
	}
	if hand, err := b.byHand(t.Context(), "alice"); err != nil || !hand.Equal(nine.Add(3*time.Minute)) {
		t.Errorf("by hand at %s, %v", hand, err)
	}
	second := proof(paging.ByReceipt, 9*time.Minute)
	second.Address = "+33612345611"
	noted(t, b, second, paging.Proof{Person: "alice", Channel: "app", At: nine.Add(10 * time.Minute), How: paging.ByApp})
	want := "app  app 10m0s; sms +33612345611 receipt 9m0s; sms +33612345601 answer 3m0s; "
	if got := hows(t, b); got != want {
		t.Error(got)
	}
	shown := paging.Device{ID: "web-1", Person: "alice", ShownAt: nine.Add(5 * time.Minute)}
	if got := hows(t, b, shown, paging.Device{ID: "web-2", Person: "alice"}); got != "app  app 10m0s; sms +33612345611 receipt 9m0s; push web-1 shown 5m0s; sms +33612345601 answer 3m0s; " {
		t.Error(got)
	}
}

// TestProofsAreBounded: a person's record holds so many, the last ones.
func TestProofsAreBounded(t *testing.T) {
	b := NewProofs(storetest.New().Records())
	for i := range ticket.MaxProofs + 10 {
		p := proof(paging.ByReceipt, time.Duration(i)*time.Second)
		p.Address = fmt.Sprint(i)
		noted(t, b, p)
	}
	list, err := b.Of(t.Context(), "alice", nil)
	if err != nil || len(list) != ticket.MaxProofs || list[0].Address != fmt.Sprint(ticket.MaxProofs+9) {
		t.Errorf("%d, %v", len(list), err)
	}
}

// TestAProofThatWasNotWritten: it is tried again by the next one.
func TestAProofThatWasNotWritten(t *testing.T) {
	memory := storetest.New()
	b := NewProofs(memory.Records())
	memory.Fail(storetest.On(storetest.FailBefore))
	if err := b.Note(t.Context(), proof(paging.ByReceipt, 0)); err == nil || errors.Is(err, records.ErrConflict) {
		t.Errorf("%v", err)
	}
	memory.Fail(nil)
	noted(t, b, proof(paging.ByReceipt, time.Second))
	if got := hows(t, b); got != "sms +33612345601 receipt 1s; " {
		t.Error(got)
	}
}
