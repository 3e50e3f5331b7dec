package daemon

import (
	"context"
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/astreinte/astreinte/internal/ticket"
)

// metrics are those of the daemon itself (docs/OPERATIONS.md lists them all).
type metrics struct {
	registry *prometheus.Registry
	offset   prometheus.Gauge
	doubts   prometheus.Gauge
	damaged  *prometheus.GaugeVec
	losses   prometheus.Counter
	lost     prometheus.Counter
	public   prometheus.Gauge
	reloaded prometheus.Gauge
	webhooks *prometheus.CounterVec
	dropped  *prometheus.CounterVec
}

func newMetrics(version string) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		offset: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "astreinte_clock_offset_seconds", Help: "The store's clock less this machine's.",
		}),
		doubts: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "astreinte_store_warnings", Help: "How many settings or states of the store's servers may lose what they were given; /readyz names them.",
		}),
		damaged: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "astreinte_store_damaged_records", Help: "Records of the store that could not be read since the start, and are passed over; /readyz names some, the log all.",
		}, []string{"kind"}),
		losses: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "astreinte_store_losses_total", Help: "Times that the store came back without what it had.",
		}),
		lost: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "astreinte_store_lost_tickets_total", Help: "Open tickets that this daemon knew of and that were lost then.",
		}),
		public: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "astreinte_public_url_ok", Help: "1 where the daemon reached itself through public_url at its start, 0 where it did not.",
		}),
		reloaded: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "astreinte_config_ok", Help: "1 where the configuration file was accepted when it was last read, 0 where it was refused.",
		}),
		webhooks: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "astreinte_webhook_events_total", Help: "Trouble with what providers send back, such as signatures that fail under our own account.",
		}, []string{"event"}),
		dropped: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "astreinte_connections_dropped_total", Help: "Connections that gave way to new ones because there were as many as there may be, by the address that they came to.",
		}, []string{"listener"}),
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "astreinte_build_info", Help: "Always 1; the version is in the labels.",
		ConstLabels: prometheus.Labels{"version": version, "goversion": runtime.Version()},
	})
	build.Set(1)
	m.reloaded.Set(1)
	m.registry.MustRegister(m.offset, m.doubts, m.damaged, m.losses, m.lost, m.public, m.reloaded, m.webhooks, m.dropped, build,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// stored reports at each scrape what the store counts.
type stored struct {
	stats func(context.Context) (ticket.Stats, error)
	now   func() time.Time

	tickets, queued, oldest, up *prometheus.Desc
}

func newStored(stats func(context.Context) (ticket.Stats, error), now func() time.Time) *stored {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(name, help, labels, nil)
	}
	return &stored{
		stats: stats, now: now,
		tickets: desc("astreinte_tickets", "Tickets that are not closed, by urgency and state.", "urgency", "state"),
		queued:  desc("astreinte_pages_queued", "Pages that wait to be sent."),
		oldest:  desc("astreinte_oldest_page_age_seconds", "How long the oldest of them has waited; 0 where none does."),
		up:      desc("astreinte_store_up", "1 where the store answers."),
	}
}

// Describe lists what Collect tells.
func (s *stored) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{s.tickets, s.queued, s.oldest, s.up} {
		out <- d
	}
}

const scrapeTimeout = 2 * time.Second

// Collect asks the store.
func (s *stored) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTimeout)
	defer cancel()
	stats, err := s.stats(ctx)
	up := 1.0
	if err != nil {
		up = 0
	}
	out <- prometheus.MustNewConstMetric(s.up, prometheus.GaugeValue, up)
	if err != nil {
		return
	}
	for _, u := range ticket.Urgencies() {
		for _, state := range []ticket.State{ticket.Open, ticket.Acknowledged, ticket.InProgress, ticket.StateResolved} {
			out <- prometheus.MustNewConstMetric(s.tickets, prometheus.GaugeValue, float64(stats.Tickets[u][state]), u.String(), string(state))
		}
	}
	out <- prometheus.MustNewConstMetric(s.queued, prometheus.GaugeValue, float64(stats.Queued))
	age := 0.0
	if !stats.Oldest.IsZero() {
		age = max(0, s.now().Sub(stats.Oldest).Seconds())
	}
	out <- prometheus.MustNewConstMetric(s.oldest, prometheus.GaugeValue, age)
}
