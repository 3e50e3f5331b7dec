package escalation

import (
	"testing"

	"github.com/astreinte/astreinte/internal/ticket"
)

func TestABatchHasABoundOfAlerts(t *testing.T) {
	of := func(alerts ...int) (jobs []*job) {
		for _, n := range alerts {
			jobs = append(jobs, &job{alerts: make([]ticket.Alert, n)})
		}
		return jobs
	}
	many := of(make([]int, 2*batchJobs)...)
	for _, row := range []struct {
		jobs []*job
		want int
	}{
		{nil, 0},
		{of(1), 1},
		{many, batchJobs},
		{of(batchAlerts, 1), 1},
		{of(batchAlerts-1, 1, 1), 2},
		{of(5*batchAlerts, 1), 1},
		{of(0, 5*batchAlerts), 1},
		{of(batchAlerts, 0, 0), 3},
	} {
		if got := nextBatch(row.jobs); got != row.want {
			t.Errorf("%d of %d jobs, want %d", got, len(row.jobs), row.want)
		}
	}
}
