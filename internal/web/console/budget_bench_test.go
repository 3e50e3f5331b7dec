package console

import (
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/store/boltstore"
	"github.com/astreinte/astreinte/internal/ticket"
)

// BenchmarkPages tells what a page takes with 100,000 open tickets on a file, at the
// median and the 95th percentile, and its bytes. Its budget is 50 ms at the 95th; Now
// reads two lists and has twice that. To find a rare urgency is to look at all that
// stands between. How much a page shows for long is forgotten before each.
//
//	go test -run - -bench Pages -benchtime 100x ./internal/web/console
func BenchmarkPages(b *testing.B) {
	o := newOffice(b, home)
	store, err := boltstore.Open(filepath.Join(b.TempDir(), "astreinte.db"), boltstore.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = store.Close() })
	fill(b, store, 100_000)
	o.serve(home, store)
	for _, path := range []string{"/now", "/tickets", "/tickets?state=open", "/tickets?state=open&urgency=low", "/tickets?state=open&urgency=critical"} {
		b.Run(strings.TrimPrefix(path, "/"), func(b *testing.B) {
			var took []time.Duration
			size := 0
			for b.Loop() {
				began := time.Now()
				w := o.get("bruno", path, "Accept-Encoding", "gzip")
				took = append(took, time.Since(began))
				if w.Code != http.StatusOK {
					b.Fatalf("%d %s", w.Code, w.Body)
				}
				size = w.Body.Len()
				o.console.forget()
			}
			slices.Sort(took)
			b.ReportMetric(took[len(took)/2].Seconds()*1000, "p50-ms")
			b.ReportMetric(took[len(took)*95/100].Seconds()*1000, "p95-ms")
			b.ReportMetric(float64(size), "bytes")
		})
	}
}

// fill opens tickets: of a hundred one is critical, fourteen are major, twenty-five
// minor and the others low.
func fill(t testing.TB, store *boltstore.Store, n int) {
	t.Helper()
	for at := 0; at < n; at += 1000 {
		changes := make([]escalation.Change, 1000)
		for i := range changes {
			k := at + i
			urgency := ticket.Low
			switch {
			case k%100 == 0:
				urgency = ticket.Critical
			case k%100 < 15:
				urgency = ticket.Major
			case k%100 < 40:
				urgency = ticket.Minor
			}
			opened := saturday.Add(time.Duration(k-n) * time.Second)
			changes[i] = escalation.Change{Ticket: ticket.Ticket{
				Number: fmt.Sprintf("I261120_%06d", k), Source: "prometheus", Kind: ticket.Incident, State: ticket.Open, Urgency: urgency, Customer: "acme",
				Site: "Givrand", Title: fmt.Sprintf("srv-%05d.example.com HostDown", k), OpenedAt: opened, UpdatedAt: opened, Firing: 1,
				GTI: ticket.GTI{DueAt: opened.Add(4 * time.Hour)}, Progress: ticket.Progress{Episode: 1, Began: opened},
			}}
		}
		errs, err := store.Commit(t.Context(), "prometheus", changes)
		if err != nil {
			t.Fatal(err)
		}
		for _, err := range errs {
			if err != nil {
				t.Fatal(err)
			}
		}
	}
}
