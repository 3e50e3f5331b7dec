package boltstore

import (
	"context"
	"runtime"
	"slices"
	"strconv"
	"testing"

	"github.com/astreinte/astreinte/internal/records"
)

// Pages do not wait for records, however many have queued up before: a batch
// takes the other operations first.
func TestPagesGoBeforeRecords(t *testing.T) {
	s := newTest(t)
	free := busyTest(t, s)
	errs := make(chan error, 2*maxWeight+1)
	for i := range 2 * maxWeight {
		go func() {
			_, err := s.Records().Write(context.Background(), benchSource, records.Write{Kind: "silence", Key: strconv.Itoa(i)})
			errs <- err
		}()
	}
	for len(s.lastOps) < 2*maxWeight {
		runtime.Gosched()
	}
	go func() { errs <- openTicketTest(s, 1) }()
	queuedTest(s, 1)
	first := s.gather(<-s.lastOps)
	if len(first) != maxWeight || first[1].last {
		t.Errorf("a batch of %d has the ticket behind the records: %v", len(first), first[1].last)
	}
	s.ops <- first[1]
	for _, o := range slices.Delete(first, 1, 2) {
		s.lastOps <- o
	}
	free()
	for range 2*maxWeight + 1 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}
