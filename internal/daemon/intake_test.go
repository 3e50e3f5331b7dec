package daemon

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/store/boltstore"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging/phonetest"
)

// Forty senders of one source post alerts, a thousand at once, as ingest hands
// on bodies of ten thousand. Another source's alert is on the disk soon, not
// only when they are done. TestABatchHasABoundOfAlerts says how much may go
// before it.
func TestASourceThatPostsWithoutEndDoesNotHoldUpAnothersIntake(t *testing.T) {
	world := phonetest.New(phonetest.Options{})
	defer world.Close()
	store, err := boltstore.Open(filepath.Join(t.TempDir(), "astreinte.db"), boltstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	clock := escalation.Clock(&escalation.WallClock{})
	e := escalation.NewEngine(escalation.Options{
		Store: store, Clock: clock, Rules: exampleConfig(t, world).Rules, Reach: func(contacts.Person, string) bool { return true },
	})
	defer func() { _ = e.Stop(context.WithoutCancel(t.Context())) }()
	alerts := func(from, n int, severity string) (list []ticket.Alert) {
		for i := range n {
			name := fmt.Sprint("h", from+i)
			list = append(list, ticket.Alert{Fingerprint: name, Status: ticket.Firing, Labels: map[string]string{
				"alertname": name, "instance": name, "customer": "acme", "severity": severity,
			}})
		}
		return list
	}
	var senders sync.WaitGroup
	for sender := range 40 {
		senders.Go(func() {
			for i := range 2 {
				_, _ = e.Ingest(t.Context(), ticket.Batch{Source: "prometheus", Alerts: alerts(100000*sender+1000*i, 1000, []string{"critical", "high"}[sender%2])})
			}
		})
	}
	over := make(chan struct{})
	go func() {
		senders.Wait()
		close(over)
	}()
	var took []time.Duration
	for done := false; !done; {
		select {
		case <-over:
			done = true
		default:
		}
		began := time.Now()
		if _, err := e.Ingest(t.Context(), ticket.Batch{Source: "bellac-prometheus", Alerts: alerts(len(took), 1, "critical")}); err != nil {
			t.Error(err)
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	t.Logf("took %s, %s in the middle, %s", took[0], took[len(took)/2], took[len(took)-1])
	if worst := took[len(took)-1]; worst > 30*time.Second {
		t.Errorf("another source's alert waits for %s", worst)
	}
}
