package effect

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Metrics are what queues tell. Receivers are named as the configuration does.
type Metrics struct {
	sent, failed, again *prometheus.CounterVec
}

// NewMetrics makes them and registers them, if r is not nil.
func NewMetrics(r prometheus.Registerer) *Metrics {
	counter := func(name, help string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, []string{"receiver"})
	}
	m := &Metrics{
		sent:   counter("astreinte_effects_sent_total", "What left beside pages and was taken, by receiver."),
		failed: counter("astreinte_effects_failed_total", "What was given up, by receiver; the ticket says so."),
		again:  counter("astreinte_effects_again_total", "Tries that failed and are made again, by receiver."),
	}
	if r != nil {
		r.MustRegister(m.sent, m.failed, m.again)
	}
	return m
}

// countMost is how many effects of a source are counted.
const countMost = 1000

const scrapeLimit = 2 * time.Second

// waiting tells at each scrape what waits in the store.
type waiting struct {
	store          records.Store
	homes          func() []string
	now            func() time.Time
	queued, oldest *prometheus.Desc
}

// NewWaiting is a collector of what waits, of the homes given.
func NewWaiting(store records.Store, homes func() []string, now func() time.Time) prometheus.Collector {
	return &waiting{
		store: store, homes: homes, now: now,
		queued: prometheus.NewDesc("astreinte_effects_queued", "What waits to leave beside pages; of a source 1,000 are counted at most.", nil, nil),
		oldest: prometheus.NewDesc("astreinte_oldest_effect_age_seconds", "How long the oldest of it has waited; 0 where nothing does.", nil, nil),
	}
}

// Describe lists what Collect tells.
func (w *waiting) Describe(out chan<- *prometheus.Desc) {
	out <- w.queued
	out <- w.oldest
}

// Collect asks the store. If it does not answer nothing is told.
func (w *waiting) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeLimit)
	defer cancel()
	n, age := 0, 0.0
	count := func(home, kind string) error {
		list, err := w.store.List(ctx, home, kind, "", countMost)
		n += len(list)
		for i := range list {
			if e, err := ticket.ReadEffect(list[i].Value); err == nil {
				age = max(age, w.now().Sub(e.Queued).Seconds())
			}
		}
		return err //nolint:wrapcheck // nothing is told then
	}
	for _, home := range w.homes() {
		if count(home, ticket.EffectRecords) != nil || count(home, ticket.RoomRecords) != nil {
			return
		}
	}
	if count(records.House, ticket.LetterRecords) != nil {
		return
	}
	out <- prometheus.MustNewConstMetric(w.queued, prometheus.GaugeValue, float64(n))
	out <- prometheus.MustNewConstMetric(w.oldest, prometheus.GaugeValue, age)
}
