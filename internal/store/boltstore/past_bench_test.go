package boltstore

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// BenchmarkPast is what closed tickets cost, which should be nothing. It
// measures an opening (after a stop, and after a kill) and the time of a page,
// with none and with 200,000 of them.
func BenchmarkPast(b *testing.B) {
	for _, n := range []int{0, 200_000} {
		b.Run(fmt.Sprintf("closed=%d", n), func(b *testing.B) {
			path := filepath.Join(b.TempDir(), "astreinte.db")
			s := openTest(b, path)
			pastTickets(b, s, "", 1, n)
			b.Run("page", func(b *testing.B) { benchPages(b, s, 1) })
			b.Run("storm", func(b *testing.B) { benchPages(b, s, 32) })
			if err := s.flushNow(b.Context()); err != nil {
				b.Fatal(err)
			}
			killed := path + ".killed"
			copyTest(b, path, killed)
			if err := s.Close(); err != nil {
				b.Fatal(err)
			}
			b.Run("open", func(b *testing.B) { benchOpen(b, path) })
			b.Run("open=killed", func(b *testing.B) { benchOpen(b, killed) })
		})
	}
}

func copyTest(b *testing.B, from, to string) {
	b.Helper()
	text, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, text, 0o600)
	}
	if err != nil {
		b.Fatal(err)
	}
}

// benchOpen opens the file as it is each time.
func benchOpen(b *testing.B, path string) {
	for range b.N {
		b.StopTimer()
		copyTest(b, path, path+".once")
		b.StartTimer()
		s := openTest(b, path+".once")
		b.StopTimer()
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}

// benchPages takes this many tickets at a time from their opening to a page
// that is out. Links and providers' ids are in the order of their hashes. If
// there are many, each one of a storm is in another page of the file.
func benchPages(b *testing.B, s *Store, batch int) {
	run := s.commits.Load() // no other run has used this value
	for n := range b.N {
		changes := make([]escalation.Change, batch)
		outcomes := make([]paging.Outcome, batch)
		for i := range changes {
			of := storetest.Ticket("prometheus", fmt.Sprintf("I270101_%d_%06d", run, n*batch+i))
			of.OpenedAt = storetest.At(time.Duration(n*batch+i) * time.Second)
			changes[i] = storetest.Opening(&of, storetest.Alert("prometheus", of.Number))
			p := storetest.Page(&of, "alice")
			changes[i].Pages = []ticket.Page{p}
			changes[i].Claimed = &escalation.Claimed{Owner: "one", Until: storetest.At(time.Minute), Token: 7, Reserve: []ticket.Reservation{{
				Hash: paging.LinkHash("link" + of.Number), Link: ticket.Link{Person: "alice", Source: of.Source, Ticket: of.Number, At: storetest.Began()},
			}}}
			outcomes[i] = paging.Outcome{
				Source: p.Source, Key: p.PageKey, Token: 7, State: ticket.PageSent, At: storetest.At(time.Second),
				ProviderID: "SM-" + paging.LinkHash(p.Ticket), Address: "+33612345601",
			}
		}
		commit(b, s, changes)
		if _, err := s.Finish(b.Context(), outcomes); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*batch), "µs/page")
}
