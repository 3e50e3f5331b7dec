package escalation

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

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

// Jobs that the urgent lane hands over go before waiting jobs, in their own
// order. In between the others have their turn, so that an acknowledgement is
// done too.
func TestTriedJobsTakeTurnsWithTheOthers(t *testing.T) {
	l := &lane{mu: &sync.Mutex{}, running: true} // nobody drains it but the test
	e := &Engine{lanes: map[laneOf]*lane{{source: "a"}: l}}
	names := map[*job]string{}
	of := func(name string, alerts int) *job {
		j := &job{alerts: make([]ticket.Alert, alerts)}
		names[j] = name
		return j
	}
	for _, name := range []string{"n1", "n2", "n3"} {
		e.enqueue(laneOf{source: "a"}, false, of(name, batchAlerts))
	}
	var done []string
	next := func() {
		batch := ""
		for _, j := range l.next() {
			batch += names[j]
		}
		done = append(done, batch)
	}
	next()
	e.joinOthers("a", []*job{of("u1", 1), of("u2", batchAlerts-1), of("u3", 1)})
	e.joinOthers("a", []*job{of("u4", 1)})
	for range 6 {
		next()
	}
	if want := []string{"n1", "u1u2", "n2", "u3u4", "n3", "", ""}; !slices.Equal(done, want) {
		t.Errorf("%q, want %q", done, want)
	}
}

// tellingMutex calls unlocked after each Unlock, before that returns.
type tellingMutex struct {
	sync.Mutex
	unlocked func()
}

// Unlock unlocks.
func (m *tellingMutex) Unlock() {
	m.Mutex.Unlock()
	m.unlocked()
}

// A job that comes in the very moment in which its lane finds nothing left is
// done: the lane does not go to sleep.
func TestALaneIsWokenAtTheLastMoment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		errDone := errors.New("done")
		of := laneOf{source: "a"}
		j := &job{left: func() error { return errDone }, done: make(chan error, 1)}
		m := &tellingMutex{}
		l := &lane{mu: m, running: true}
		e := &Engine{ctx: t.Context(), lanes: map[laneOf]*lane{of: l}}
		m.unlocked = func() {
			m.unlocked = func() {}
			e.enqueue(of, false, j)
		}
		e.work.Add(1)
		e.drain(of, l)
		synctest.Wait()
		select {
		case err := <-j.done:
			if !errors.Is(err, errDone) {
				t.Error(err)
			}
		default:
			t.Errorf("nobody does it: running %v, %d pending", l.running, len(l.pending))
		}
	})
}
