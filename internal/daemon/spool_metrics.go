package daemon

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/spool"
	"github.com/astreinte/astreinte/paging"
)

// newSpoolMetrics tell of the spool; they are 0 where there is none.
func newSpoolMetrics(d *Daemon) []prometheus.Collector {
	gauge := func(name, help string, value func(s *spooler) float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, func() float64 {
			if d.spool == nil {
				return 0
			}
			return value(d.spool)
		})
	}
	return []prometheus.Collector{
		gauge("astreinte_spool_records", "Requests of monitoring tools that wait in the spool.", func(s *spooler) float64 {
			return float64(s.file.Stats().Records)
		}),
		gauge("astreinte_spool_bytes", "Size of the spool's file.", func(s *spooler) float64 {
			return float64(s.file.Stats().Bytes)
		}),
		gauge("astreinte_spool_away_seconds", "How long the store has been away, or what was kept meanwhile is not merged; 0 where neither is so.", func(s *spooler) float64 {
			since, _ := s.away()
			if since.IsZero() {
				return 0
			}
			return max(0, s.d.clock.Now().Sub(since).Seconds())
		}),
		gauge("astreinte_spool_paging", "1 where pages are sent from the spool.", func(s *spooler) float64 {
			if s.paging() {
				return 1
			}
			return 0
		}),
	}
}

// check says whether alerts can be taken while the store fails with away.
func (s *spooler) check(away error) error {
	if bytes := s.file.Stats().Bytes; bytes >= spool.DefaultMax*9/10 {
		return errors.Join(away, errors.New("daemon: the spool is nearly full"))
	}
	return nil
}

// reloaded puts other rules and ways in force for what is paged from the spool.
func (s *spooler) reloaded(rules *escalation.Rules, ways paging.Ways) {
	s.core.RLock()
	defer s.core.RUnlock()
	if s.now != nil && s.now.runs() {
		s.now.pager.Reload(rules, emergencyWays(ways))
	}
}
