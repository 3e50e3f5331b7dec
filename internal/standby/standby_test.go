package standby

import (
	"context"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap/zaptest"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/ingest"
	"github.com/astreinte/astreinte/internal/pager"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// phone counts what it is sent.
type phone struct{ sent atomic.Int32 }

// Send counts a message (paging.Channel).
func (p *phone) Send(context.Context, paging.Message) paging.Result {
	p.sent.Add(1)
	return paging.Result{Class: paging.Accepted, ProviderID: "1"}
}

// steady is a clock that never differs from the store's. It counts how often
// it is asked to look.
type steady struct{ looked atomic.Int32 }

// Offset is none (StoreClock).
func (*steady) Offset() time.Duration { return 0 }

// Sample counts (StoreClock).
func (s *steady) Sample(context.Context) { s.looked.Add(1) }

// direct gives alerts to a pager's engine.
type direct struct{ *pager.Pager }

// Take gives it alerts (ingest.Taker).
func (d direct) Take(ctx context.Context, b ticket.Batch) (ingest.Taken, error) {
	done, err := d.Engine().Ingest(ctx, b)
	return ingest.Taken{Accepted: done.Accepted, Tickets: done.Tickets}, err
}

// guarded runs a standby for a pager on a store in memory. The pager itself
// does not run.
func guarded(t *testing.T, f func(t *testing.T, s *Standby, store *storetest.Memory, to *phone, clock *steady)) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "spool")
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(storetest.Began()))
		store, to, clock := storetest.New(), &phone{}, &steady{}
		log := zaptest.NewLogger(t)
		p, err := pager.New(t.Context(), pager.Options{
			Store: store, Clock: &escalation.WallClock{}, Rules: houseRules(t), Log: log, Metrics: pager.NewMetrics(nil),
			Ways: paging.Ways{Channels: map[string][]paging.Provider{"sms": {{Name: "twilio", Channel: to, Replies: true}}}},
		})
		if err != nil {
			t.Fatal(err)
		}
		s, err := Open(dir, log)
		if err != nil {
			t.Fatal(err)
		}
		s.Guard(Main{Pager: p, Store: store, Clock: clock, Taker: direct{p}})
		ctx, cancel := context.WithCancel(t.Context())
		var runs sync.WaitGroup
		runs.Go(func() { s.Run(ctx) })
		defer func() {
			cancel()
			runs.Wait()
			_ = p.Stop(context.Background())
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}()
		f(t, s, store, to, clock)
	})
}

func (s *Standby) hears(t *testing.T, name string) ingest.Taken {
	t.Helper()
	taken, err := s.Take(t.Context(), ticket.Batch{Source: "prometheus", Alerts: said(0, ticket.Firing, name).Alerts})
	if err != nil || taken.Accepted != 1 {
		t.Fatalf("%+v, %v", taken, err)
	}
	return taken
}

// TestAStandbyKnowsNoDaemon: it needs only a pager, a store and a clock.
func TestAStandbyKnowsNoDaemon(t *testing.T) {
	guarded(t, func(t *testing.T, s *Standby, store *storetest.Memory, to *phone, clock *steady) {
		if taken := s.hears(t, "a"); len(taken.Tickets) != 1 || taken.Later {
			t.Errorf("the store took %+v", taken)
		}
		store.Fail(storetest.On(storetest.FailBefore))
		if taken := s.hears(t, "b"); len(taken.Tickets) != 0 || !taken.Later || len(s.Warnings()) != 1 {
			t.Errorf("the spool took %+v, and warns of %v", taken, s.Warnings())
		}
		time.Sleep(pageAfter - time.Second)
		if s.paging() || to.sent.Load() != 0 {
			t.Error("it pages already")
		}
		time.Sleep(2 * time.Second)
		if !s.paging() || to.sent.Load() != 1 {
			t.Errorf("%d pages from the spool, want 1", to.sent.Load())
		}
		store.Fail(nil)
		time.Sleep(2 * time.Second)
		status, state, _ := shownBy(t, store, "b")
		if status != ticket.Firing || state != ticket.Open || len(s.Warnings()) != 0 || s.paging() {
			t.Errorf("after the merge the alert is %s, its ticket %s; warnings %v", status, state, s.Warnings())
		}
		if clock.looked.Load() == 0 {
			t.Error("the store's clock was not asked again")
		}
		if taken := s.hears(t, "c"); len(taken.Tickets) != 1 {
			t.Errorf("the store took %+v", taken)
		}
	})
}
