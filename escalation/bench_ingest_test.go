package escalation_test

import (
	"fmt"
	"testing"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/ticket"
)

// BenchmarkIngest measures the engine's own part of a request, over a store in
// memory. The time of a real store and its disk is not in it.
func BenchmarkIngest(b *testing.B) {
	engine := escalation.NewEngine(escalation.Options{
		Store: storetest.New(), Clock: &escalation.WallClock{}, Rules: escalation.RulesForTest(b), Reach: reachable,
	})
	defer func() {
		if err := engine.Stop(b.Context()); err != nil {
			b.Error(err)
		}
	}()
	post := func(b *testing.B, alerts []ticket.Alert) {
		b.Helper()
		if _, err := engine.Ingest(b.Context(), ticket.Batch{Source: "prometheus", Alerts: alerts}); err != nil {
			b.Fatal(err)
		}
	}
	n := 0
	b.Run("new", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			n++
			post(b, []ticket.Alert{alert(fmt.Sprintf("new-%d", n), ticket.Firing, "alertname", fmt.Sprintf("A%d", n))})
		}
	})
	b.Run("repeats=64", func(b *testing.B) {
		alerts := make([]ticket.Alert, 64)
		for i := range alerts {
			alerts[i] = alert(fmt.Sprintf("known-%d", i), ticket.Firing)
		}
		post(b, alerts)
		b.ReportAllocs()
		for b.Loop() {
			post(b, alerts)
		}
		b.ReportMetric(64*float64(b.N)/b.Elapsed().Seconds(), "alerts/s")
	})
}
