package daemon

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/duty"
)

// simLearns is how long after a replacement was written a daemon that nothing hurts
// may still go by what was before: the last daemon hears of it a second later.
const simLearns = 3 * time.Second

// scriptCovers has people take over from now on, some of them while pages wait, and
// give it back; in half of the worlds. A failover takes replacements back, and a
// clock that jumps their hours: such worlds have none. What it draws is its own.
func (s *sim) scriptCovers(add func(time.Duration, string, func())) {
	rng := rand.New(rand.NewPCG(s.seed, 43))
	_ = rng.IntN(2) // hasCovers
	if s.covers = s.hasCovers(); !s.covers {
		return
	}
	for range 3 + rng.IntN(6) {
		body := map[string]any{
			"group":  []string{"on-call", "on-call", "on-call", "second"}[rng.IntN(4)],
			"person": []string{"alice", "bruno", "chloe", "dominique"}[rng.IntN(4)], "replace": true,
		}
		if rng.IntN(5) == 0 {
			body["kind"] = "besides"
		}
		length := time.Duration(20+rng.IntN(240)) * time.Second
		var back time.Duration
		if rng.IntN(2) == 0 {
			back = time.Duration(5+rng.IntN(60)) * time.Second
		}
		at := 10*time.Second + time.Duration(rng.Int64N(int64(s.plan.trouble-10*time.Second)))
		if rng.IntN(2) == 0 { // while pages wait
			tool := s.tools[rng.IntN(len(s.tools))]
			a := tool.alerts[rng.IntN(len(tool.alerts))]
			add(at-time.Duration(rng.IntN(4000))*time.Millisecond, a.name+" fires before somebody takes over", func() { tool.set(a, true) })
		}
		add(at, fmt.Sprintf("somebody takes over for %s, and gives it back after %s: %v", length, back, body), func() {
			s.beside(func() { s.cover(body, length, back) })
		})
	}
}

// hasCovers says whether people take over in a world.
func (s *sim) hasCovers() bool {
	return rand.New(rand.NewPCG(s.seed, 43)).IntN(2) == 0 && !s.plan.kinds["failover"] && !s.plan.kinds["store clock"]
}

// cover makes a replacement from now on, and drops it after a while if back is set.
func (s *sim) cover(body map[string]any, length, back time.Duration) {
	body["to"] = s.storeNow().Add(length).Format(time.RFC3339)
	status, answer := s.ask(20*time.Second, "/api/v1/replacements", apiToken, body)
	s.tell("%v for %s: %d %.200s", body, length, status, answer)
	var made struct{ ID string }
	if status != http.StatusCreated || json.Unmarshal([]byte(answer), &made) != nil || back == 0 || !s.sleep(back) {
		return
	}
	ctx, cancel := simContext(20 * time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodDelete, publicURL+"/api/v1/replacements/"+made.ID, nil)
	if err != nil {
		panic(err)
	}
	req.Header.Set("Authorization", "Bearer "+apiToken)
	resp, err := s.client.Do(req)
	if err != nil {
		return
	}
	s.tell("it is given back: %d", resp.StatusCode)
	_ = resp.Body.Close()
}

// learns is how much later than the first daemon one hears of a replacement.
func (n *simNode) learns() time.Duration { return time.Duration(min(n.id, 1)) * time.Second }

// Watch implements records.Store: a hint of replacements comes later to some.
func (r simRecords) Watch(ctx context.Context, kind string) <-chan struct{} {
	hints, wait := r.store().Watch(ctx, kind), r.s.l.node.learns()
	if kind != duty.KindReplacement || wait == 0 {
		return hints
	}
	late := make(chan struct{}, 1)
	go func() {
		for {
			select {
			case _, open := <-hints:
				if !open {
					return
				}
			case <-ctx.Done():
				return
			}
			timer := time.NewTimer(wait)
			select {
			case <-timer.C:
			case <-ctx.Done():
				timer.Stop()
				return
			}
			select {
			case late <- struct{}{}:
			default:
			}
		}
	}()
	return late
}

// rulesSince are those that a daemon may go by between two times: of every
// configuration, with each state of the replacements from the first on. Zero: from
// the beginning.
func (s *sim) rulesSince(from, to time.Time) []*escalation.Rules {
	base := s.everyRules()
	if !s.covers {
		return append(base, s.stayingRules(base)...)
	}
	list, err := duty.NewBook(s.memory.Records(), nil).All(context.Background())
	if err != nil {
		s.problem("judge", "replacements: %v", err)
		return base
	}
	moments := []time.Time{from}
	for i := range list {
		for _, at := range []time.Time{list[i].At, list[i].Since} {
			if at.After(from) && !at.After(to) {
				moments = append(moments, at)
			}
		}
	}
	slices.SortFunc(moments, time.Time.Compare)
	moments = slices.CompactFunc(moments, time.Time.Equal)
	var all []*escalation.Rules
	for _, at := range moments {
		was := wereAt(list, at)
		for _, rules := range base {
			overrides, _ := duty.Overrides(was, rules.Directory)
			directory, err := rules.Directory.With(overrides)
			if err != nil {
				s.problem("judge", "replacements: %v", err)
				return base
			}
			with := *rules
			with.Directory = directory
			all = append(all, &with)
		}
	}
	return all
}

// covered are rules with all replacements: what was given back ends when it was, so
// that they say of each time who was on call then.
func (s *sim) covered(rules *escalation.Rules) *escalation.Rules {
	if !s.covers {
		return rules
	}
	list, err := duty.NewBook(s.memory.Records(), nil).All(context.Background())
	overrides, _ := duty.Overrides(list, rules.Directory)
	with := *rules
	if err == nil {
		with.Directory, err = rules.Directory.With(overrides)
	}
	if err != nil {
		s.problem("judge", "replacements: %v", err)
		return rules
	}
	return &with
}

// wereAt are replacements as they were at a time.
func wereAt(list []duty.Replacement, at time.Time) (was []duty.Replacement) {
	for _, r := range list {
		if r.At.After(at) {
			continue
		}
		if r.State == duty.Dropped {
			if !r.Since.After(at) {
				continue
			}
			r.State = duty.Planned
		}
		was = append(was, r)
	}
	return was
}

// simWrites bounds how long before it lands a replacement was decided on.
const simWrites = 25 * time.Second

// goneBy are the rules by which an order may have gone out that was claimed at a time:
// those of a few seconds before; all of them where a daemon was kept from the store.
func (h *history) goneBy(o *sent, claimed time.Time) []*escalation.Rules {
	since := claimed.Add(-simLearns)
	kept := func(l *simLife) bool { return l.hurt(since.Add(-simWrites), time.Now()) }
	if kept(o.by) || slices.ContainsFunc(h.s.alive(), kept) {
		since = time.Time{}
	}
	return h.s.rulesSince(since, time.Now())
}
