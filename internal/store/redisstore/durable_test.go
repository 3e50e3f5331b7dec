package redisstore_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/store/redisstore"
	"github.com/astreinte/astreinte/internal/store/redisstore/redistest"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// replicated is a store that wants one replica to confirm.
func replicated(tb testing.TB, url string) *redisstore.Store {
	tb.Helper()
	s, err := redisstore.Open(context.Background(), url, redisstore.Options{Replicas: 1})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { closed(tb, s) })
	return s
}

// isUnconfirmed checks for the error of what was written and not confirmed.
func isUnconfirmed(t *testing.T, what string, err error) {
	t.Helper()
	var half interface{ Unconfirmed() bool }
	if !errors.As(err, &half) || !half.Unconfirmed() || !strings.Contains(err.Error(), "confirmed by 0 of 1 replicas within ") {
		t.Errorf("%s while the replica is away: %v", what, err)
	}
}

// While no replica confirms, a write that an answer rests on is refused,
// though it is written. What pages people goes on.
func TestUnconfirmed(t *testing.T) {
	t.Parallel()
	primary, replica := redistest.Pair(t)
	s := replicated(t, primary.URL())
	of := raise(t, s, "prometheus")
	s.HurryReplicas(200 * time.Millisecond)
	replica.Stop()
	defer replica.Continue()

	again := storetest.Ticket("prometheus", "U0_0001")
	change := storetest.Opening(&again, storetest.Alert("prometheus", "f-late"))
	change.Pages = []ticket.Page{storetest.Page(&again, "bob")}
	_, err := s.Commit(t.Context(), "prometheus", []escalation.Change{change})
	isUnconfirmed(t, "Commit", err)
	fresh := storetest.Ticket("grafana", "U0_0002")
	_, err = s.Commit(t.Context(), "grafana", []escalation.Change{storetest.Opening(&fresh)})
	isUnconfirmed(t, "Commit of a new source", err)
	observed, err := s.Observe(t.Context(), "prometheus", []escalation.Observation{
		storetest.Observation(storetest.Alert("prometheus", "f-"+of.Number), storetest.At(time.Second)),
	})
	if err != nil || observed.Items[0].Verdict != escalation.Repeat {
		t.Errorf("Observe: %+v, %v", observed, err)
	}
	isUnconfirmed(t, "Observe", observed.Unconfirmed)
	isUnconfirmed(t, "Check", s.Check(t.Context()))
	_, err = s.PutDevice(t.Context(), paging.Device{Person: "alice", Token: "token", Platform: "ios", At: storetest.At(0)})
	isUnconfirmed(t, "PutDevice", err)
	if code, err := s.Reserve(t.Context(), paging.Reservation{Phone: "+33612345601", Link: paging.Link{Ticket: of.Number}}); err != nil || code != 11 {
		t.Errorf("Reserve: %d, %v", code, err)
	}

	claims, _, err := s.Claim(t.Context(), paging.ClaimRequest{Owner: "one", Now: storetest.At(0), Until: storetest.At(time.Minute), Limit: 10})
	if err != nil || len(claims) != 2 {
		t.Fatalf("%d claims, want the ticket's that was confirmed and the one's that was not: %v", len(claims), err)
	}
	for _, c := range claims {
		applied, err := s.Finish(t.Context(), []paging.Outcome{{
			Source: c.Page.Source, Key: c.Page.PageKey, Token: c.Token, State: ticket.PageSent, ProviderID: "SM" + c.Page.Ticket,
		}})
		if err != nil || !applied[0] {
			t.Errorf("Finish: %v, %v", applied, err)
		}
	}

	replica.Continue()
	waitFor(t, s.Check)
	observed, err = s.Observe(t.Context(), "prometheus", []escalation.Observation{
		storetest.Observation(storetest.Alert("prometheus", "f-late"), storetest.At(time.Second)),
	})
	if err != nil || observed.Unconfirmed != nil || observed.Items[0].Ticket != again.Number {
		t.Errorf("sent again once the replica is back: %+v, %v", observed, err)
	}
}

// breathe is the pause of a sender before it sends again.
func breathe(ctx context.Context) {
	timer := time.NewTimer(20 * time.Millisecond)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// Reads, claims, outcomes and numbers wait for no replica.
func TestWaitsWhereItMust(t *testing.T) {
	t.Parallel()
	primary, _ := redistest.Pair(t)
	s := replicated(t, primary.URL())
	waits := func() int {
		info, err := primary.Client().Info(t.Context(), "commandstats").Result()
		if err != nil {
			t.Fatal(err)
		}
		_, rest, _ := strings.Cut(info, "cmdstat_wait:calls=")
		text, _, _ := strings.Cut(rest, ",")
		n, _ := strconv.Atoi(text) // none yet: 0
		return n
	}
	of := raise(t, s, "prometheus")
	before := waits()
	if before == 0 {
		t.Fatal("nothing was waited for")
	}
	claims, _, errClaim := s.Claim(t.Context(), paging.ClaimRequest{Owner: "one", Now: storetest.At(0), Until: storetest.At(time.Minute), Limit: 10})
	_, errFinish := s.Finish(t.Context(), []paging.Outcome{{Source: "prometheus", Key: claims[0].Page.PageKey, Token: claims[0].Token, State: ticket.PageSent}})
	_, errLoad := s.Load(t.Context(), "prometheus", []string{of.Number})
	_, errView := s.View(t.Context(), of.Number)
	_, errNumbers := s.Numbers(t.Context(), "prometheus", prefix, 3)
	_, _, errDue := s.Due(t.Context(), storetest.At(time.Hour), 10)
	_, errStats := s.Stats(t.Context())
	if err := errors.Join(errClaim, errFinish, errLoad, errView, errNumbers, errDue, errStats); err != nil {
		t.Fatal(err)
	}
	if now := waits(); now != before {
		t.Errorf("%d waits more", now-before)
	}
	if err := s.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	if now := waits(); now != before+1 {
		t.Errorf("the check waits %d times", now-before)
	}
}

// On a Cluster each node's replica answers for that node.
func TestUnconfirmedOnCluster(t *testing.T) {
	t.Parallel()
	cluster := redistest.ReplicatedCluster(t)
	s := replicated(t, cluster.URL())
	for _, source := range []string{"prometheus", "grafana", "zabbix"} {
		life(t, s, source)
	}
	away := cluster.Of(t, redisstore.SourceKey("zabbix"))
	cluster.Replicas[away].Stop()
	defer cluster.Replicas[away].Continue()
	for i, source := range []string{"prometheus", "grafana", "zabbix"} {
		of := storetest.Ticket(source, fmt.Sprintf("W%d_0001", i))
		_, err := s.Commit(t.Context(), source, []escalation.Change{{Ticket: of}})
		if cluster.Of(t, redisstore.SourceKey(source)) == away {
			isUnconfirmed(t, "Commit to "+source, err)
		} else if asked := cluster.Of(t, redisstore.NumbersKey(of.Number)); err != nil && asked != away {
			t.Errorf("Commit to %s, whose replica is there: %v", source, err)
		}
	}
	isUnconfirmed(t, "Check", s.Check(t.Context()))
}

// If a replica has confirmed, a failover loses nothing that was committed, on
// Sentinel or a Cluster.
func TestFailoverLosesNothing(t *testing.T) {
	t.Parallel()
	for name, start := range map[string]func(t *testing.T) (url string, kill, mend func()){
		"sentinel": func(t *testing.T) (string, func(), func()) {
			set := redistest.SentinelOf(t, 2)
			return set.URL(), set.Primary.Kill, func() {}
		},
		"cluster": func(t *testing.T) (string, func(), func()) {
			cluster := redistest.ReplicatedCluster(t)
			of := cluster.Of(t, redisstore.SourceKey("prometheus"))
			return cluster.URL(), cluster.Nodes[of].Kill, func() {
				cluster.Replicas[of].Promoted()
				cluster.Nodes[of].Restart() // it is the other's replica now
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, kill, mend := start(t)
			s := replicated(t, url)
			var (
				mu               sync.Mutex
				committed        []string
				before, after    int
				killed, returned time.Time
				group            sync.WaitGroup
			)
			ctx, cancel := context.WithTimeout(t.Context(), 45*time.Second)
			defer cancel()
			for i := range 8 {
				group.Go(func() {
					for n := 0; ctx.Err() == nil; n++ {
						of := storetest.Ticket("prometheus", fmt.Sprintf("K%d_%06d", i, n))
						errs, err := s.Commit(ctx, "prometheus", []escalation.Change{storetest.Opening(&of)})
						if err != nil {
							breathe(ctx)
						}
						mu.Lock()
						switch {
						case err == nil && errs[0] == nil && killed.IsZero():
							before++
							committed = append(committed, of.Number)
						case err == nil && errs[0] == nil:
							if returned.IsZero() {
								returned = time.Now()
							}
							after++
							committed = append(committed, of.Number)
						}
						enough := after > 200 && time.Since(returned) > time.Second
						mu.Unlock()
						if enough {
							return
						}
						if i == 0 && n == 100 {
							kill()
							mu.Lock()
							killed = time.Now()
							mu.Unlock()
						}
					}
				})
			}
			for {
				mu.Lock()
				gone := !killed.IsZero()
				mu.Unlock()
				if gone {
					break
				}
				breathe(ctx)
			}
			mend()
			group.Wait()
			var lost []string
			for len(committed) > 0 {
				some := committed[:min(500, len(committed))]
				committed = committed[len(some):]
				records, err := s.Load(t.Context(), "prometheus", some)
				if err != nil {
					t.Fatal(err)
				}
				there := map[string]bool{}
				for i := range records {
					there[records[i].Ticket.Number] = true
				}
				for _, number := range some {
					if !there[number] {
						lost = append(lost, number)
					}
				}
			}
			if len(lost) > 0 || before < 100 || after < 200 {
				t.Errorf("%d commits before, %d after the failover, %d lost: %q", before, after, len(lost), lost)
			}
			t.Logf("%d commits before, %d after; back %s after the kill", before, after, returned.Sub(killed).Round(time.Millisecond))
		})
	}
}
