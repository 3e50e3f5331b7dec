package redisstore_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/store/redisstore/redistest"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

const benchSource = "prometheus"

// BenchmarkObserve counts 64 repeats a call, on a server that writes each to
// disk.
func BenchmarkObserve(b *testing.B) {
	s := opened(b, redistest.Single(b).URL())
	of := storetest.Ticket(benchSource, "B0_0001")
	var alerts []ticket.Alert
	var observations []escalation.Observation
	for i := range 64 {
		alerts = append(alerts, storetest.Alert(benchSource, fmt.Sprintf("%016x", i)))
		observations = append(observations, storetest.Observation(alerts[i], storetest.At(time.Minute)))
	}
	if _, err := s.Commit(b.Context(), benchSource, []escalation.Change{storetest.Opening(&of, alerts...)}); err != nil {
		b.Fatal(err)
	}
	for _, callers := range []int{1, 8} {
		b.Run(fmt.Sprintf("repeats=64/callers=%d", callers), func(b *testing.B) {
			parallel(b, callers, func(ctx context.Context, _ int64) error {
				_, err := s.Observe(ctx, benchSource, observations)
				return err
			})
			b.ReportMetric(64*float64(b.N)/b.Elapsed().Seconds(), "alerts/s")
		})
	}
}

// BenchmarkCommit opens a ticket with an alert, an entry and two pages: one
// call of Numbers and one of Commit.
func BenchmarkCommit(b *testing.B) {
	s := opened(b, redistest.Single(b).URL())
	for _, callers := range []int{1, 8, 64} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			parallel(b, callers, func(ctx context.Context, _ int64) error {
				numbers, err := s.Numbers(ctx, benchSource, storetest.Prefix, 1)
				if err != nil {
					return err
				}
				of := storetest.Ticket(benchSource, numbers[0])
				change := storetest.Opening(&of, storetest.Alert(benchSource, "f-"+of.Number))
				change.Pages = []ticket.Page{storetest.Page(&of, "alice"), storetest.Page(&of, "bob")}
				_, err = s.Commit(ctx, benchSource, []escalation.Change{change})
				return err
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "tickets/s")
		})
	}
}

// BenchmarkCommitAlone is the commit without the number.
func BenchmarkCommitAlone(b *testing.B) {
	s := opened(b, redistest.Single(b).URL())
	var run int
	for _, callers := range []int{1, 8, 64} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			run++
			numbers, err := s.Numbers(b.Context(), benchSource, fmt.Sprintf("C%d_", run), b.N)
			if err != nil {
				b.Fatal(err)
			}
			b.ResetTimer()
			parallel(b, callers, func(ctx context.Context, n int64) error {
				of := storetest.Ticket(benchSource, numbers[n])
				change := storetest.Opening(&of, storetest.Alert(benchSource, "f-"+of.Number))
				_, err := s.Commit(ctx, benchSource, []escalation.Change{change})
				return err
			})
		})
	}
}

// BenchmarkClaim claims and finishes one page of a new ticket, with the queues
// of five sources to look at.
func BenchmarkClaim(b *testing.B) {
	s := opened(b, redistest.Single(b).URL())
	for i := range 5 {
		of := storetest.Ticket(fmt.Sprintf("source-%d", i), fmt.Sprintf("Q%d_0001", i))
		if _, err := s.Commit(b.Context(), of.Source, []escalation.Change{storetest.Opening(&of)}); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("nothing", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, _, err := s.Claim(b.Context(), paging.ClaimRequest{Owner: "one", Now: storetest.At(0), Until: storetest.At(time.Minute), Limit: 10}); err != nil {
				b.Fatal(err)
			}
		}
	})
	n := 0
	b.Run("one page of several queues", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			b.StopTimer()
			n++
			of := storetest.Ticket("source-1", fmt.Sprintf("Q9_%04d", n))
			change := storetest.Opening(&of)
			change.Pages = []ticket.Page{storetest.Page(&of, "alice")}
			if _, err := s.Commit(b.Context(), of.Source, []escalation.Change{change}); err != nil {
				b.Fatal(err)
			}
			b.StartTimer()
			claims, _, err := s.Claim(b.Context(), paging.ClaimRequest{Owner: "one", Now: storetest.At(0), Until: storetest.At(time.Minute), Limit: 10})
			if err != nil || len(claims) != 1 {
				b.Fatalf("%d claims: %v", len(claims), err)
			}
			b.StopTimer()
			if _, err := s.Finish(b.Context(), []paging.Outcome{{
				Source: of.Source, Key: claims[0].Page.PageKey, Token: claims[0].Token, State: ticket.PageSent, ProviderID: of.Number,
			}}); err != nil {
				b.Fatal(err)
			}
			b.StartTimer()
		}
	})
}

// BenchmarkServer is what the server itself does: one SET, written to disk.
// Compare the other figures with it.
func BenchmarkServer(b *testing.B) {
	s := opened(b, redistest.Single(b).URL())
	for _, callers := range []int{1, 8, 64} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			parallel(b, callers, func(ctx context.Context, n int64) error {
				return s.Client().Set(ctx, fmt.Sprintf("key-%d", n), "value", 0).Err()
			})
		})
	}
}

// parallel spreads b.N calls over callers.
func parallel(b *testing.B, callers int, call func(ctx context.Context, n int64) error) {
	b.Helper()
	var next atomic.Int64
	errs := make(chan error, callers)
	for range callers {
		go func() {
			for {
				n := next.Add(1) - 1
				if n >= int64(b.N) {
					errs <- nil
					return
				}
				if err := call(b.Context(), n); err != nil {
					errs <- err
					return
				}
			}
		}()
	}
	for range callers {
		if err := <-errs; err != nil {
			b.Error(err)
		}
	}
}
