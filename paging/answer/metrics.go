package answer

import "github.com/prometheus/client_golang/prometheus"

// Metrics are what a Conversation counts (docs/OPERATIONS.md lists them all).
type Metrics struct{ texts *prometheus.CounterVec }

// NewMetrics makes them. It registers them with r, unless r is nil.
func NewMetrics(r prometheus.Registerer) *Metrics {
	m := &Metrics{texts: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "astreinte_texts_total", Help: "Texts that came in, by what they were.",
	}, []string{"outcome"})}
	if r != nil {
		r.MustRegister(m.texts)
	}
	return m
}
