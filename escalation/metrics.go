package escalation

import (
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/astreinte/astreinte/internal/ticket"
)

// Metrics are what the engine counts (docs/OPERATIONS.md lists them all).
type Metrics struct {
	alerts      *prometheus.CounterVec
	events      *prometheus.CounterVec
	lateness    prometheus.Histogram
	storeErrors prometheus.Counter
	overflow    *prometheus.CounterVec
	missed      atomic.Int64
}

// NewMetrics makes them. It registers them with r, unless r is nil.
func NewMetrics(r prometheus.Registerer) *Metrics {
	m := &Metrics{
		alerts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "astreinte_alerts_total", Help: "Alerts taken in, by source and by what they were: new, changed, repeat or unknown.",
		}, []string{"source", "outcome"}),
		events: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "astreinte_ticket_events_total", Help: "What happened to tickets, by the kinds of their timelines.",
		}, []string{"event"}),
		lateness: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "astreinte_deadline_lateness_seconds", Help: "How late deadlines were looked at.",
			Buckets: []float64{.001, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 15, 60, 300},
		}),
		storeErrors: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "astreinte_engine_store_errors_total", Help: "Batches of the engine that the store did not take.",
		}),
		overflow: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "astreinte_overflow_alerts_total", Help: "Alerts that joined an overflow ticket, because their source was at its bound, by source.",
		}, []string{"source"}),
	}
	if r != nil {
		r.MustRegister(m.alerts, m.events, m.lateness, m.storeErrors, m.overflow)
	}
	return m
}

var outcomes = [...]string{Unknown: "unknown", Repeat: "repeat", Changed: "changed", New: "new"}

func (m *Metrics) alert(source string, v Verdict) {
	m.alerts.WithLabelValues(source, outcomes[v]).Inc()
}

func (m *Metrics) beyond(source string) { m.overflow.WithLabelValues(source).Inc() }

func (m *Metrics) event(kind ticket.EntryKind) { m.events.WithLabelValues(string(kind)).Inc() }

func (m *Metrics) late(by time.Duration) {
	m.lateness.Observe(by.Seconds())
	if by >= tooLate {
		m.missed.Add(1)
	}
}

// tooLate is how late a deadline may be looked at before an operator should
// know.
const tooLate = 10 * time.Second

// Late counts the deadlines that were looked at ten seconds late or later.
func (m *Metrics) Late() int { return int(m.missed.Load()) }
