package redisstore_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/store/redisstore"
	"github.com/astreinte/astreinte/internal/store/redisstore/redistest"
)

const prefix = storetest.Prefix

// numbers is what Numbers gives, as integers. It fails if one of them was
// given before.
func numbers(t *testing.T, s *redisstore.Store, given map[int]bool, n int) []int {
	t.Helper()
	texts, err := s.Numbers(t.Context(), "prometheus", prefix, n)
	if err != nil || len(texts) != n {
		t.Fatalf("Numbers: %q, %v", texts, err)
	}
	found := make([]int, n)
	for i, text := range texts {
		found[i], err = strconv.Atoi(strings.TrimPrefix(text, prefix))
		if err != nil || given[found[i]] {
			t.Errorf("number %s is given a second time, or is none: %v", text, err)
		}
		given[found[i]] = true
	}
	return found
}

// Whatever becomes of the sequence, no number is given twice.
func TestNumbersAfterRollback(t *testing.T) {
	server := redistest.Single(t)
	ctx, sequence, taken := t.Context(), redisstore.SequenceKey(prefix), redisstore.NumbersKey(prefix)
	for name, spoil := range map[string]func(t *testing.T, s *redisstore.Store) error{
		"the sequence is gone": func(_ *testing.T, s *redisstore.Store) error {
			return s.Client().Del(ctx, sequence).Err()
		},
		"the sequence is behind": func(_ *testing.T, s *redisstore.Store) error {
			return s.Client().HSet(ctx, sequence, "n", 3).Err()
		},
		"the last numbers are gone, too": func(_ *testing.T, s *redisstore.Store) error {
			return errors.Join(s.Client().HSet(ctx, sequence, "n", 250).Err(),
				s.Client().HDel(ctx, taken, prefix+"0299", prefix+"0300", prefix+"0301").Err())
		},
		"all is gone": func(t *testing.T, _ *redisstore.Store) error {
			empty(t, server)
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			empty(t, server)
			one, two := opened(t, server.URL()), opened(t, server.URL())
			given := map[int]bool{}
			numbers(t, two, given, 100)
			numbers(t, one, given, 201)
			if err := spoil(t, one); err != nil {
				t.Fatal(err)
			}
			if first := numbers(t, one, given, 5)[0]; first < 302 || first > 1000 {
				t.Errorf("it goes on with %d, after 301", first)
			}
			if name == "all is gone" {
				return
			}
			numbers(t, two, given, 5)
			numbers(t, opened(t, server.URL()), given, 5)
		})
	}
}

// A server that started again, or another server, may have forgotten numbers:
// the sequence jumps ahead.
func TestNumbersAfterRestart(t *testing.T) {
	server := redistest.Single(t)
	s, given := opened(t, server.URL()), map[int]bool{}
	before := numbers(t, s, given, 7)[6]
	server.Restart()
	fresh := opened(t, server.URL())
	after := numbers(t, fresh, given, 2)
	if after[0] <= before+100 || after[1] != after[0]+1 {
		t.Errorf("after %d and a restart %v", before, after)
	}
	if next := numbers(t, fresh, given, 1)[0]; next != after[1]+1 {
		t.Errorf("it jumps again: %d after %d", next, after[1])
	}
}

// A failover takes the sequence back to what the replica had heard. Here the
// replica was cut off before.
func TestNumbersAfterFailover(t *testing.T) {
	set := redistest.Sentinel(t)
	one, two, given := opened(t, set.URL()), opened(t, set.URL()), map[int]bool{}
	numbers(t, one, given, 3)
	of := raise(t, one, "prometheus")
	given[4] = true
	heard(t, set)

	set.Replica.Stop()
	if err := set.Primary.Client().ClientKillByFilter(t.Context(), "type", "replica").Err(); err != nil {
		t.Fatal(err)
	}
	numbers(t, one, given, 40)
	set.Primary.Kill()
	set.Replica.Continue()
	waitFor(t, func(ctx context.Context) error { return two.Check(ctx) })
	numbers(t, two, given, 3)
	waitFor(t, func(ctx context.Context) error { return one.Check(ctx) })
	numbers(t, one, given, 3)
	records, err := two.Load(t.Context(), "prometheus", []string{of.Number})
	if err != nil || len(records) != 1 {
		t.Errorf("the ticket after the failover: %+v, %v", records, err)
	}
	// A sentinel that hears of the failover last may still send a daemon that
	// starts to the old primary.
	var fresh *redisstore.Store
	waitFor(t, func(ctx context.Context) (err error) {
		fresh, err = redisstore.Open(ctx, set.URL(), redisstore.Options{})
		return err
	})
	t.Cleanup(func() { closed(t, fresh) })
	raise(t, fresh, "grafana")
}

// heard waits until the replica has all that the primary has.
func heard(t *testing.T, set *redistest.Set) {
	t.Helper()
	if n, err := set.Primary.Client().Wait(t.Context(), 1, 10*time.Second).Result(); err != nil || n != 1 {
		t.Fatalf("the replica has not heard: %d, %v", n, err)
	}
}

// waitFor asks until there is no error.
func waitFor(t *testing.T, ask func(ctx context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		err := ask(ctx)
		if err == nil {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatal(err)
		case <-tick.C:
		}
	}
}

// A ticket whose number was lost between Numbers and Commit is still found,
// and its number is not given to another ticket.
func TestLocateLostNumber(t *testing.T) {
	for name, url := range map[string]string{"single": redistest.Single(t).URL(), "cluster": redistest.Cluster(t).URL()} {
		t.Run(name, func(t *testing.T) {
			s := opened(t, url)
			raise(t, s, "prometheus")
			of := raise(t, s, "grafana")
			if err := s.Client().Del(t.Context(), redisstore.NumbersKey(prefix), redisstore.SequenceKey(prefix)).Err(); err != nil {
				t.Fatal(err)
			}
			other := opened(t, url)
			if source, err := other.Locate(t.Context(), of.Number); err != nil || source != "grafana" {
				t.Errorf("Locate: %q, %v", source, err)
			}
			given := map[int]bool{2: true}
			numbers(t, other, given, 3)
			if _, err := other.Locate(t.Context(), prefix+"4711"); !errors.Is(err, escalation.ErrNotFound) {
				t.Errorf("Locate of nothing: %v", err)
			}
		})
	}
}

// A new ticket may have a number that another daemon reserved. A number that
// belongs to another source is refused.
func TestCommitOfOthersNumber(t *testing.T) {
	url := redistest.Single(t).URL()
	one, two := opened(t, url), opened(t, url)
	texts, err := one.Numbers(t.Context(), "prometheus", prefix, 2)
	if err != nil {
		t.Fatal(err)
	}
	raiseAs(t, two, "prometheus", texts[0])
	of := storetest.Ticket("grafana", texts[1])
	fine := storetest.Ticket("grafana", "T1")
	errs, err := two.Commit(t.Context(), "grafana", []escalation.Change{storetest.Opening(&of), storetest.Opening(&fine)})
	if err != nil || !errors.Is(errs[0], escalation.ErrConflict) || errs[1] != nil {
		t.Errorf("Commit: %v, %v", errs, err)
	}
	if source, err := one.Locate(t.Context(), "T1"); err != nil || source != "grafana" {
		t.Errorf("Locate: %q, %v", source, err)
	}
}
