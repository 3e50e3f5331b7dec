package paging

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/astreinte/astreinte/internal/ticket"
)

// Metrics are what the outbox counts (docs/OPERATIONS.md lists them all).
type Metrics struct {
	pages        *prometheus.CounterVec
	answers      *prometheus.CounterVec
	receipts     *prometheus.CounterVec
	first        *prometheus.HistogramVec
	unregistered prometheus.Counter
	storeErrors  prometheus.Counter
	faults       prometheus.Counter
	failing      *prometheus.GaugeVec
	silent       *prometheus.CounterVec
	bundles      prometheus.Histogram
}

// NewMetrics makes them and registers them, where r is not nil.
func NewMetrics(r prometheus.Registerer) *Metrics {
	m := &Metrics{
		pages: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "astreinte_pages_total", Help: "Tries at pages, by channel, kind and what became of them: sent, failed, queued (again) or cancelled.",
		}, []string{"channel", "kind", "result"}),
		answers: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "astreinte_provider_errors_total", Help: "Errors of providers, by channel, class and the provider's code.",
		}, []string{"channel", "class", "code"}),
		receipts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "astreinte_receipts_total", Help: "Delivery receipts that moved a page, by channel and state.",
		}, []string{"channel", "state"}),
		first: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "astreinte_first_page_seconds", Help: "From a ticket's opening to its first page being with the provider.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300},
		}, []string{"channel"}),
		unregistered: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "astreinte_devices_unregistered_total", Help: "Devices that were forgotten because the provider says that they are gone.",
		}),
		storeErrors: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "astreinte_outbox_store_errors_total", Help: "Calls of the outbox that the store did not take.",
		}),
		faults: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "astreinte_faults_total", Help: "Faults of the program's own while it sent a page: it was tried again.",
		}),
		failing: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "astreinte_provider_failing", Help: "1 while a provider has failed so often in a row that it is asked only now and then, by channel and provider.",
		}, []string{"channel", "provider"}),
		silent: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "astreinte_provider_receipts_missing_total", Help: "Times that a provider's receipts stopped coming, by channel and provider.",
		}, []string{"channel", "provider"}),
		bundles: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "astreinte_bundle_pages", Help: "Pages that went out together in one SMS, where it was more than one.",
			Buckets: []float64{5, 10, 20, 50, 100, 200, 500},
		}),
	}
	if r != nil {
		r.MustRegister(m.failing, m.silent, m.bundles)
		r.MustRegister(m.pages, m.answers, m.receipts, m.first, m.unregistered, m.storeErrors, m.faults)
	}
	return m
}

func (m *Metrics) outcome(c Claim, out Outcome, now time.Time) {
	m.pages.WithLabelValues(c.Page.Channel, string(c.Page.Kind), string(out.State)).Inc()
	k := c.Page
	if out.State == ticket.PageSent && k.Episode == 1 && k.Step == ticket.PolicyStep(0) && k.Round == ticket.Round(0) && k.Kind == ticket.KindPage {
		m.first.WithLabelValues(k.Channel).Observe(now.Sub(c.Ticket.OpenedAt).Seconds())
	}
}

func (m *Metrics) answer(channel string, r Result) {
	if r.Class != Accepted {
		m.answers.WithLabelValues(channel, r.Class.String(), codeLabel(r)).Inc()
	}
}

func (m *Metrics) receipt(p ticket.Page, class Class) {
	m.receipts.WithLabelValues(p.Channel, string(p.State)).Inc()
	if class != Accepted {
		m.answers.WithLabelValues(p.Channel, class.String(), "receipt").Inc()
	}
}
