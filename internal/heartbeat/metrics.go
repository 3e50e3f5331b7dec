package heartbeat

import (
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
)

// Counts are how many heartbeats there are of each state, as a Keeper last saw them.
type Counts struct {
	by   atomic.Pointer[map[State]int]
	desc *prometheus.Desc
}

var _ prometheus.Collector = (*Counts)(nil)

// NewCounts makes them, with none of each.
func NewCounts() *Counts {
	return &Counts{desc: prometheus.NewDesc("astreinte_heartbeats", "Heartbeats, by state: new, up, late, failed, overrun.", []string{"state"}, nil)}
}

// Set puts other counts in their place.
func (c *Counts) Set(list []Entry) {
	by := map[State]int{}
	for i := range list {
		by[list[i].Beat.State]++
	}
	c.by.Store(&by)
}

// Describe implements prometheus.Collector.
func (c *Counts) Describe(to chan<- *prometheus.Desc) { to <- c.desc }

// Collect implements prometheus.Collector.
func (c *Counts) Collect(to chan<- prometheus.Metric) {
	by := map[State]int{}
	if known := c.by.Load(); known != nil {
		by = *known
	}
	for _, state := range []State{New, Up, Late, Failed, Overrun} {
		to <- prometheus.MustNewConstMetric(c.desc, prometheus.GaugeValue, float64(by[state]), string(state))
	}
}
