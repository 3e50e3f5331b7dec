package daemon

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// storeFault is what goes wrong between daemons and their store for a while.
type storeFault struct {
	span
	node  int      // -1: all of them
	ops   []string // none: all
	often float64  // of the calls
	how   string   // before, after, block, slow, late
}

var errSimStore = errors.New("sim: the store does not answer")

// simStore is the store as one daemon sees it.
type simStore struct{ l *simLife }

var _ Store = (*simStore)(nil)

// fault says how a call fails, and until when its fault lasts.
func (s *sim) fault(l *simLife, op string) (how string, until time.Time) {
	now := time.Now()
	s.mu.Lock()
	var active []*storeFault
	for _, f := range s.faults {
		if f.meets(now, now) && (f.node < 0 || f.node == l.node.id) && (len(f.ops) == 0 || slices.Contains(f.ops, op)) {
			active = append(active, f)
		}
	}
	s.mu.Unlock()
	for _, f := range active {
		if f.often >= 1 || s.roll(fmt.Sprintf("store/%d/%s", l.node.id, op)) < f.often {
			return f.how, f.to
		}
	}
	return "", now
}

// count allows the daemon so many calls in a second of virtual time. It finds
// a daemon that spins without letting time pass.
func (l *simLife) count(op string) error {
	now := time.Now()
	l.mu.Lock()
	if !now.Equal(l.at) {
		l.at, l.atOnce = now, 0
	}
	if now.Sub(l.second) >= time.Second {
		l.second, l.calls = now, 0
	}
	l.calls++
	l.atOnce++
	calls, atOnce, spinned := l.calls, l.atOnce, l.spinned
	l.spinned = spinned || calls > simCalls
	l.mu.Unlock()
	l.node.s.past.busiest(calls)
	if calls > simCalls && !spinned {
		l.node.s.problem("spins", "daemon %d made %d calls of the store within a second, the last was %s", l.node.id, calls, op)
	}
	if atOnce > 10*simCalls {
		time.Sleep(time.Second) // so that the world comes to an end
	}
	return nil
}

// simCalls is how many calls of the store a daemon may make in a second.
const simCalls = 1200

// call does one call of a daemon: what stands in its way, and then the call
// itself.
func call[T any](s *simStore, ctx context.Context, op string, do func() (T, error)) (T, error) { //nolint:revive // the store is the receiver that a generic function cannot have
	var zero T
	l := s.l
	if err := l.count(op); err != nil {
		return zero, err
	}
	if err := l.pass(); err != nil {
		return zero, err
	}
	if err := l.spring(op, true); err != nil {
		return zero, err
	}
	if err := ctx.Err(); err != nil {
		return zero, fmt.Errorf("sim: %s: %w", op, err)
	}
	began := time.Now()
	how, until := l.node.s.fault(l, op)
	if how != "" {
		l.hit(began, began)
	}
	switch how {
	case "before":
		return zero, errSimStore
	case "slow":
		l.wait(ctx, time.Duration(l.node.s.roll("slow"+op)*float64(3*time.Second)))
		l.hit(began, time.Now())
		if err := ctx.Err(); err != nil {
			return zero, fmt.Errorf("sim: %s: %w", op, err)
		}
	case "block", "late":
		if !l.wait(ctx, time.Until(until)) {
			l.hit(began, time.Now())
			if how == "late" { // it arrives after all, and nobody waits for the answer
				_, _ = do()
			}
			return zero, fmt.Errorf("sim: %s: %w", op, errors.Join(errSimStore, ctx.Err()))
		}
		l.hit(began, time.Now())
	}
	l.travel(ctx, op)
	v, err := do()
	l.travel(ctx, op)
	if err := l.spring(op, false); err != nil {
		return zero, err
	}
	if err := l.pass(); err != nil {
		return zero, err
	}
	if how == "after" {
		return zero, errSimStore
	}
	return v, err
}

// travel is one way between a daemon and a store that is far.
func (l *simLife) travel(ctx context.Context, op string) {
	if s := l.node.s; s.plan.far {
		l.wait(ctx, time.Duration(s.roll(fmt.Sprintf("far/%d/%s", l.node.id, op))*float64(4*time.Millisecond)))
	}
}

// wait lets d pass; false if the caller gives up, or the daemon dies, first.
func (l *simLife) wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
	case <-l.dead:
	case <-l.node.s.over:
	}
	return false
}

// two is for calls with two results.
type two[A, B any] struct {
	a A
	b B
}

func (s *simStore) Observe(ctx context.Context, source string, o []escalation.Observation) (escalation.Observed, error) {
	return call(s, ctx, "Observe", func() (escalation.Observed, error) { return s.memory().Observe(past(ctx), source, o) })
}

func (s *simStore) Load(ctx context.Context, source string, numbers []string) ([]ticket.Record, error) {
	return call(s, ctx, "Load", func() ([]ticket.Record, error) { return s.memory().Load(past(ctx), source, numbers) })
}

func (s *simStore) Alerts(ctx context.Context, source string, fingerprints []string) ([]ticket.AlertRecord, error) {
	return call(s, ctx, "Alerts", func() ([]ticket.AlertRecord, error) { return s.memory().Alerts(past(ctx), source, fingerprints) })
}

func (s *simStore) Grouped(ctx context.Context, source, group string) ([]string, error) {
	return call(s, ctx, "Grouped", func() ([]string, error) { return s.memory().Grouped(past(ctx), source, group) })
}

func (s *simStore) Locate(ctx context.Context, number string) (string, error) {
	return call(s, ctx, "Locate", func() (string, error) { return s.memory().Locate(past(ctx), number) })
}

func (s *simStore) Numbers(ctx context.Context, source, prefix string, n int) ([]string, error) {
	return call(s, ctx, "Numbers", func() ([]string, error) { return s.memory().Numbers(past(ctx), source, prefix, n) })
}

func (s *simStore) Commit(ctx context.Context, source string, changes []escalation.Change) ([]error, error) {
	return call(s, ctx, "Commit", func() ([]error, error) { return s.l.node.s.past.commit(s.l, source, changes) })
}

func (s *simStore) Due(ctx context.Context, now time.Time, limit int) ([]escalation.Deadline, time.Time, error) {
	r, err := call(s, ctx, "Due", func() (two[[]escalation.Deadline, time.Time], error) {
		due, next, err := s.memory().Due(past(ctx), now, limit)
		return two[[]escalation.Deadline, time.Time]{due, next}, err
	})
	return r.a, r.b, err
}

func (s *simStore) Clock(ctx context.Context) (time.Time, error) {
	return call(s, ctx, "Clock", func() (time.Time, error) { return s.memory().Clock(past(ctx)) })
}

func (s *simStore) Check(ctx context.Context) error {
	_, err := call(s, ctx, "Check", func() (bool, error) { return true, s.memory().Check(past(ctx)) })
	return err
}

func (s *simStore) Claim(ctx context.Context, r paging.ClaimRequest) ([]paging.Claim, time.Time, error) {
	got, err := call(s, ctx, "Claim", func() (two[[]paging.Claim, time.Time], error) {
		claims, next, err := s.l.node.s.past.claim(s.l, r)
		return two[[]paging.Claim, time.Time]{claims, next}, err
	})
	return got.a, got.b, err
}

func (s *simStore) Extend(ctx context.Context, claims []paging.ClaimRef, until time.Time) error {
	_, err := call(s, ctx, "Extend", func() (bool, error) { return true, s.memory().Extend(past(ctx), claims, until) })
	return err
}

func (s *simStore) Pace(ctx context.Context, now time.Time, turns []paging.Turn, forced bool) (time.Time, error) {
	return call(s, ctx, "Pace", func() (time.Time, error) { return s.memory().Pace(past(ctx), now, turns, forced) })
}

func (s *simStore) Finish(ctx context.Context, outcomes []paging.Outcome) ([]bool, error) {
	return call(s, ctx, "Finish", func() ([]bool, error) { return s.l.node.s.past.finish(s.l, outcomes) })
}

func (s *simStore) Receipt(ctx context.Context, r paging.Receipt) (ticket.Page, bool, error) {
	got, err := call(s, ctx, "Receipt", func() (two[ticket.Page, bool], error) {
		page, changed, err := s.l.node.s.past.receipt(s.l, r)
		return two[ticket.Page, bool]{page, changed}, err
	})
	return got.a, got.b, err
}

func (s *simStore) Pages(ctx context.Context, source, number string) ([]ticket.Page, error) {
	return call(s, ctx, "Pages", func() ([]ticket.Page, error) { return s.memory().Pages(past(ctx), source, number) })
}

func (s *simStore) Stats(ctx context.Context) (ticket.Stats, error) {
	return call(s, ctx, "Stats", func() (ticket.Stats, error) { return s.memory().Stats(past(ctx)) })
}

func (s *simStore) Reserve(ctx context.Context, r paging.Reservation) (int, error) {
	return call(s, ctx, "Reserve", func() (int, error) { return s.memory().Reserve(past(ctx), r) })
}

func (s *simStore) Release(ctx context.Context, phone, number string, at time.Time) error {
	_, err := call(s, ctx, "Release", func() (bool, error) { return true, s.memory().Release(past(ctx), phone, number, at) })
	return err
}

func (s *simStore) Codes(ctx context.Context, phone string) ([]paging.Code, error) {
	return call(s, ctx, "Codes", func() ([]paging.Code, error) { return s.memory().Codes(past(ctx), phone) })
}

func (s *simStore) Link(ctx context.Context, hash string) (paging.Link, error) {
	return call(s, ctx, "Link", func() (paging.Link, error) { return s.memory().Link(past(ctx), hash) })
}

func (s *simStore) Devices(ctx context.Context, person string) ([]paging.Device, error) {
	return call(s, ctx, "Devices", func() ([]paging.Device, error) { return s.memory().Devices(past(ctx), person) })
}

func (s *simStore) PutDevice(ctx context.Context, d paging.Device) (paging.Device, error) {
	return call(s, ctx, "PutDevice", func() (paging.Device, error) { return s.memory().PutDevice(past(ctx), d) })
}

func (s *simStore) DropDevice(ctx context.Context, person, id string) error {
	_, err := call(s, ctx, "DropDevice", func() (bool, error) { return true, s.memory().DropDevice(past(ctx), person, id) })
	return err
}

func (s *simStore) DeviceShown(ctx context.Context, person, id string, at time.Time) error {
	_, err := call(s, ctx, "DeviceShown", func() (bool, error) { return true, s.memory().DeviceShown(past(ctx), person, id, at) })
	return err
}

func (s *simStore) Tickets(ctx context.Context, q ticket.Query) ([]ticket.Ticket, string, error) {
	r, err := call(s, ctx, "Tickets", func() (two[[]ticket.Ticket, string], error) {
		tickets, next, err := s.memory().Tickets(past(ctx), q)
		return two[[]ticket.Ticket, string]{tickets, next}, err
	})
	return r.a, r.b, err
}

func (s *simStore) View(ctx context.Context, number string) (ticket.View, error) {
	return call(s, ctx, "View", func() (ticket.View, error) { return s.memory().View(past(ctx), number) })
}

func (s *simStore) Firing(ctx context.Context, number string, most int) ([]ticket.AlertRecord, error) {
	return call(s, ctx, "Firing", func() ([]ticket.AlertRecord, error) { return s.memory().Firing(past(ctx), number, most) })
}

// Close leaves the store to the other daemons.
func (s *simStore) Forget(ctx context.Context, p ticket.Past) (ticket.Forgotten, error) {
	return call(s, ctx, "Forget", func() (ticket.Forgotten, error) { return s.memory().Forget(past(ctx), p) })
}

func (s *simStore) Close() error { return nil }

// past is a context that does not end: a call that got so far happens.
func past(ctx context.Context) context.Context { return context.WithoutCancel(ctx) }

func (s *simStore) memory() *storetest.Memory { return s.l.node.s.memory }
