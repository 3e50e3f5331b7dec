package recheck

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/astreinte/astreinte/internal/ticket"
)

// metrics count re-checks (docs/OPERATIONS.md lists them all).
type metrics struct {
	results   *prometheus.CounterVec
	seconds   prometheus.Histogram
	questions *prometheus.HistogramVec
	untold    prometheus.Counter
}

func newMetrics(r prometheus.Registerer) *metrics {
	m := &metrics{
		results: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "astreinte_rechecks_total", Help: "Tickets that were checked again, by what was found: down, back, unclear.",
		}, []string{"result"}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "astreinte_recheck_seconds", Help: "How long it took from the question to the answer.", Buckets: []float64{.1, .25, .5, 1, 2.5, 5, 10, 20, 45, 60},
		}),
		questions: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "astreinte_recheck_question_seconds", Help: "How long one question to a tool took, or one probe, by what was asked and what was found.", Buckets: []float64{.01, .05, .1, .5, 1, 2.5, 5, 10, 20, 45},
		}, []string{"by", "result"}),
		untold: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "astreinte_recheck_untold_total", Help: "Answers that the phone which asked could not be sent.",
		}),
	}
	if r != nil {
		r.MustRegister(m.results, m.seconds, m.questions, m.untold)
	}
	return m
}

func (m *metrics) done(f *ticket.Found, took time.Duration) {
	m.results.WithLabelValues(string(f.State)).Inc()
	m.seconds.Observe(took.Seconds())
}
