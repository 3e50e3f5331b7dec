package boltstore

import (
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

const benchSource = "prometheus"

// openingTest is the change that opens ticket n with one alert and one page.
func openingTest(n int) escalation.Change {
	t := storetest.Ticket(benchSource, fmt.Sprintf("%s%04d", storetest.Prefix, n))
	c := storetest.Opening(&t, storetest.Alert(benchSource, fmt.Sprintf("%016x", uint64(n)*0x9E3779B97F4A7C15)))
	c.Pages = []ticket.Page{storetest.Page(&t, "alice")}
	return c
}

func commitTest(b testing.TB, s *Store, changes ...escalation.Change) {
	b.Helper()
	errs, err := s.Commit(b.Context(), benchSource, changes)
	if err != nil {
		b.Fatal(err)
	}
	for _, err := range errs {
		if err != nil {
			b.Fatal(err)
		}
	}
}

// fillTest opens tickets 1 to n.
func fillTest(b testing.TB, s *Store, n int) {
	b.Helper()
	for from := 1; from <= n; from += 1000 {
		var changes []escalation.Change
		for i := from; i < from+1000 && i <= n; i++ {
			changes = append(changes, openingTest(i))
		}
		commitTest(b, s, changes...)
	}
}

// BenchmarkBareTransaction is what bbolt and the disk take for the smallest
// transaction, for comparison.
func BenchmarkBareTransaction(b *testing.B) {
	s := newTest(b)
	for b.Loop() {
		if err := s.Check(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCommit(b *testing.B) {
	for _, callers := range []int{1, 8, 64} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			s := newTest(b)
			var n atomic.Int64
			before := s.commits.Load()
			b.ReportAllocs()
			b.ResetTimer()
			parallelTest(b, callers, func() { commitTest(b, s, openingTest(int(n.Add(1)))) })
			b.StopTimer()
			b.ReportMetric(float64(b.N)/float64(s.commits.Load()-before), "commits/fsync")
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "tickets/s")
		})
	}
}

// parallelTest spreads b.N calls over this many callers.
func parallelTest(b *testing.B, callers int, call func()) {
	b.Helper()
	var left atomic.Int64
	left.Store(int64(b.N))
	done := make(chan struct{})
	for range callers {
		go func() {
			for left.Add(-1) >= 0 {
				call()
			}
			done <- struct{}{}
		}()
	}
	for range callers {
		<-done
	}
}

// One request with 64 alerts, each of which opens a ticket.
func BenchmarkCommit64Tickets(b *testing.B) {
	for _, callers := range []int{1, 8} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			s := newTest(b)
			var n atomic.Int64
			b.ReportAllocs()
			b.ResetTimer()
			parallelTest(b, callers, func() {
				last := int(n.Add(64))
				changes := make([]escalation.Change, 64)
				for i := range changes {
					changes[i] = openingTest(last - i)
				}
				commitTest(b, s, changes...)
			})
			b.ReportMetric(64*float64(b.N)/b.Elapsed().Seconds(), "tickets/s")
		})
	}
}

func BenchmarkObserve64Repeats(b *testing.B) {
	s := newTest(b)
	fillTest(b, s, 10_000)
	observations := make([]escalation.Observation, 64)
	for i := range observations {
		a := openingTest(i*150 + 1).Alerts[0].Record.Alert
		a.SilentAt = storetest.At(time.Hour)
		observations[i] = storetest.Observation(a, storetest.At(time.Minute))
	}
	b.ReportAllocs()
	b.ResetTimer()
	for b.Loop() {
		observed, err := s.Observe(b.Context(), benchSource, observations)
		if err != nil || observed.Items[63].Verdict != escalation.Repeat {
			b.Fatal(observed.Items[63], err)
		}
	}
	b.ReportMetric(64*float64(b.N)/b.Elapsed().Seconds(), "alerts/s")
}

func BenchmarkClaimFinish(b *testing.B) {
	for _, batch := range []int{1, 32} {
		b.Run(fmt.Sprintf("pages=%d", batch), func(b *testing.B) {
			s := newTest(b)
			b.ReportAllocs()
			b.StopTimer()
			fillTest(b, s, b.N*batch)
			b.StartTimer()
			for range b.N {
				claims, _, err := s.Claim(b.Context(), paging.ClaimRequest{Owner: "one", Now: storetest.At(0), Until: storetest.At(time.Minute), Limit: batch})
				if err != nil || len(claims) != batch {
					b.Fatal(len(claims), err)
				}
				outcomes := make([]paging.Outcome, batch)
				for i, c := range claims {
					outcomes[i] = paging.Outcome{
						Source: c.Page.Source, Key: c.Page.PageKey, Token: c.Token, State: ticket.PageSent,
						At: storetest.At(time.Second), ProviderID: fmt.Sprintf("SM%016x", b.N*100+i),
					}
				}
				if _, err := s.Finish(b.Context(), outcomes); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(batch*b.N)/b.Elapsed().Seconds(), "pages/s")
		})
	}
}

func BenchmarkDueNothing(b *testing.B) {
	s := newTest(b)
	fillTest(b, s, 10_000)
	b.ResetTimer()
	for b.Loop() {
		if due, _, err := s.Due(b.Context(), storetest.At(0), 100); err != nil || len(due) > 0 {
			b.Fatal(due, err)
		}
	}
}

func BenchmarkOpen100k(b *testing.B) {
	path := filepath.Join(b.TempDir(), "astreinte.db")
	s := openTest(b, path)
	fillTest(b, s, 100_000)
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		s := openTest(b, path)
		b.StopTimer()
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}
