package standby

import (
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/spool"
	"github.com/astreinte/astreinte/paging"
)

// NewMetrics describe the spool. If there is no standby, s is nil and they are
// 0.
func NewMetrics(s *Standby) []prometheus.Collector {
	gauge := func(name, help string, value func(s *Standby) float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, func() float64 {
			if s == nil {
				return 0
			}
			return value(s)
		})
	}
	return []prometheus.Collector{
		gauge("astreinte_spool_records", "Requests of monitoring tools that wait in the spool.", func(s *Standby) float64 {
			return float64(s.file.Stats().Records)
		}),
		gauge("astreinte_spool_bytes", "Size of the spool's file.", func(s *Standby) float64 {
			return float64(s.file.Stats().Bytes)
		}),
		gauge("astreinte_spool_away_seconds", "How long the store has been away, or what was kept meanwhile is not merged; 0 where neither is so.", func(s *Standby) float64 {
			since, _ := s.away()
			if since.IsZero() {
				return 0
			}
			return max(0, s.clock().Now().Sub(since).Seconds())
		}),
		gauge("astreinte_spool_paging", "1 where pages are sent from the spool.", func(s *Standby) float64 {
			if s.paging() {
				return 1
			}
			return 0
		}),
	}
}

// Check says whether alerts can be taken while the store fails with the error
// away.
func (s *Standby) Check(away error) error {
	if bytes := s.file.Stats().Bytes; bytes >= spool.DefaultMax*9/10 {
		return errors.Join(away, errors.New("standby: the spool is nearly full"))
	}
	return nil
}

// Reload puts other rules and ways in force for pages from the spool.
func (s *Standby) Reload(rules *escalation.Rules, ways paging.Ways) {
	s.core.RLock()
	defer s.core.RUnlock()
	if s.second != nil && s.second.runs() {
		s.second.pager.Reload(rules, waysWithoutCodes(ways))
	}
}

// Warnings are for /readyz.
func (s *Standby) Warnings() []string {
	since, _ := s.away()
	if since.IsZero() {
		return nil
	}
	text := fmt.Sprintf("the store is away since %s: alerts are kept in the spool (%d requests)",
		since.UTC().Format(time.RFC3339), s.file.Stats().Records)
	if s.paging() {
		text += ", and paged from there"
	}
	return []string{text}
}

// paging says whether pages are sent from the spool.
func (s *Standby) paging() bool {
	s.core.RLock()
	defer s.core.RUnlock()
	return s.second != nil && s.second.runs()
}
