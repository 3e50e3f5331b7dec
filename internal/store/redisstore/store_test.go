package redisstore_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/store/redisstore"
	"github.com/astreinte/astreinte/internal/store/redisstore/redistest"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// raise opens a ticket of a source with one alert and one page.
func raise(t *testing.T, s *redisstore.Store, source string) ticket.Ticket {
	t.Helper()
	numbers, err := s.Numbers(t.Context(), source, storetest.Prefix, 1)
	if err != nil {
		t.Fatal(err)
	}
	return raiseAs(t, s, source, numbers[0])
}

func raiseAs(t *testing.T, s *redisstore.Store, source, number string) ticket.Ticket {
	t.Helper()
	of := storetest.Ticket(source, number)
	change := storetest.Opening(&of, storetest.Alert(source, "f-"+number))
	change.Pages = []ticket.Page{storetest.Page(&of, "alice")}
	errs, err := s.Commit(t.Context(), source, []escalation.Change{change})
	if err = errors.Join(append(errs, err)...); err != nil {
		t.Fatal(err)
	}
	return of
}

// life takes a ticket through every script, and fails if one does not do what
// it should.
func life(t *testing.T, s *redisstore.Store, source string) {
	t.Helper()
	ctx := t.Context()
	of := raise(t, s, source)
	observed, err := s.Observe(ctx, source, []escalation.Observation{
		storetest.Observation(storetest.Alert(source, "f-"+of.Number), storetest.At(time.Second)),
	})
	if err != nil || observed.Items[0].Verdict != escalation.Repeat || observed.Items[0].Ticket != of.Number {
		t.Fatalf("Observe: %+v, %v", observed, err)
	}
	if found, err := s.Locate(ctx, of.Number); err != nil || found != source {
		t.Fatalf("Locate: %q, %v", found, err)
	}
	due, _, err := s.Due(ctx, storetest.At(time.Hour), 10)
	if err != nil || len(due) != 2 || due[0].Source != source || due[0].Ticket != of.Number {
		t.Fatalf("Due: %+v, %v", due, err)
	}
	claims, _, err := s.Claim(ctx, paging.ClaimRequest{Owner: "one", Now: storetest.At(0), Until: storetest.At(time.Minute), Limit: 10})
	if err != nil || len(claims) != 1 || claims[0].Page.Source != source || claims[0].Ticket.Number != of.Number {
		t.Fatalf("Claim: %+v, %v", claims, err)
	}
	if err := s.Extend(ctx, []paging.ClaimRef{claims[0].Ref()}, storetest.At(time.Hour)); err != nil {
		t.Fatal(err)
	}
	applied, err := s.Finish(ctx, []paging.Outcome{{
		Source: source, Key: claims[0].Page.PageKey, Token: claims[0].Token,
		State: ticket.PageSent, At: storetest.At(time.Second), ProviderID: "SM" + of.Number,
	}})
	if err != nil || !applied[0] {
		t.Fatalf("Finish: %v, %v", applied, err)
	}
	page, changed, err := s.Receipt(ctx, paging.Receipt{ProviderID: "SM" + of.Number, State: ticket.PageDelivered, At: storetest.At(time.Minute)})
	if err != nil || !changed || page.Source != source || page.State != ticket.PageDelivered {
		t.Fatalf("Receipt: %+v, %v, %v", page, changed, err)
	}
	storetest.Close(&of, storetest.At(time.Hour))
	errs, err := s.Commit(ctx, source, []escalation.Change{{Ticket: of, Revision: 1}})
	if err = errors.Join(append(errs, err)...); err != nil {
		t.Fatal(err)
	}
	view, err := s.View(ctx, of.Number)
	if err != nil || view.Ticket.State != ticket.Closed || len(view.Alerts) != 0 || len(view.Pages) != 1 {
		t.Fatalf("View: %+v, %v", view, err)
	}
}

// Whatever a source's name, what belongs to it stays in one slot, and apart
// from other sources.
func TestSourceNames(t *testing.T) {
	cluster := redistest.Cluster(t)
	s := opened(t, cluster.URL())
	for _, source := range []string{
		"", "manual", "{", "}", "{}", "a}b", "a{b}c", "}{", "%", "%7D", "é à", "x\x00\n\"y\"", ":", "t:1", strings.Repeat("ü", 500),
	} {
		t.Run(fmt.Sprintf("%.10q", source), func(t *testing.T) { life(t, s, source) })
	}
}

// A server that forgets its scripts gets them again.
func TestScriptFlush(t *testing.T) {
	server := redistest.Single(t)
	s := opened(t, server.URL())
	s.Client().AddHook(flusher{server.Client()})
	for _, source := range []string{"prometheus", "grafana"} {
		life(t, s, source)
		r := paging.Reservation{Phone: "+33612345678", Hash: "ab", Link: paging.Link{Ticket: "I1", At: storetest.At(0)}}
		if code, err := s.Reserve(t.Context(), r); err != nil || code != 11 {
			t.Errorf("Reserve: %d, %v", code, err)
		}
	}
}

// flusher makes a server forget its scripts before anything is asked of it.
type flusher struct{ client *redis.Client }

func (f flusher) DialHook(next redis.DialHook) redis.DialHook { return next }

func (f flusher) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		return errors.Join(f.client.ScriptFlush(ctx).Err(), next(ctx, cmd))
	}
}

func (f flusher) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		return errors.Join(f.client.ScriptFlush(ctx).Err(), next(ctx, cmds))
	}
}

// If another daemon added a source, it is worked on at the next call. If a
// failover lost a source from the common set, it is put back.
func TestSourcesOfOthers(t *testing.T) {
	for name, url := range map[string]string{"single": redistest.Single(t).URL(), "cluster": redistest.Cluster(t).URL()} {
		t.Run(name, func(t *testing.T) {
			one, two := opened(t, url), opened(t, url)
			if due, _, err := one.Due(t.Context(), storetest.At(time.Hour), 10); err != nil || len(due) > 0 {
				t.Fatalf("Due: %v, %v", due, err)
			}
			of := raise(t, two, "prometheus")
			claims, _, err := one.Claim(t.Context(), paging.ClaimRequest{Owner: "one", Now: storetest.At(0), Until: storetest.At(time.Minute), Limit: 10})
			if err != nil || len(claims) != 1 || claims[0].Ticket.Number != of.Number {
				t.Fatalf("Claim: %+v, %v", claims, err)
			}
			raise(t, two, "grafana")
			if due, _, err := one.Due(t.Context(), storetest.At(time.Hour), 10); err != nil || len(due) != 4 {
				t.Fatalf("Due: %+v, %v", due, err)
			}
			if err := one.Client().SRem(t.Context(), redisstore.SourcesKey, "grafana").Err(); err != nil {
				t.Fatal(err)
			}
			if _, err := one.Stats(t.Context()); err != nil {
				t.Fatal(err)
			}
			if due, _, err := opened(t, url).Due(t.Context(), storetest.At(time.Hour), 10); err != nil || len(due) != 4 {
				t.Fatalf("Due of a third: %+v, %v", due, err)
			}
		})
	}
}

// A client may send a commit a second time because it did not see the answer.
// That is no conflict.
func TestCommitSentTwice(t *testing.T) {
	s := opened(t, redistest.Single(t).URL())
	of := storetest.Ticket("prometheus", "I261121_0001")
	change := storetest.Opening(&of, storetest.Alert("prometheus", "f1"))
	change.Pages = []ticket.Page{storetest.Page(&of, "alice")}
	answers, err := s.CommitTwice(t.Context(), "prometheus", &change)
	if err != nil || fmt.Sprint(answers) != "[[1] [1]]" {
		t.Errorf("answers %v, %v, want twice 1", answers, err)
	}
	records, err := s.Load(t.Context(), "prometheus", []string{of.Number})
	if err != nil || len(records) != 1 || records[0].Revision != 1 {
		t.Errorf("records %+v, %v", records, err)
	}
}

// Among tickets that opened at one instant, a list goes on where it stopped.
func TestTicketsOfOneInstant(t *testing.T) {
	s := opened(t, redistest.Single(t).URL())
	want := map[string]bool{}
	for _, source := range []string{"prometheus", "grafana", "zabbix"} {
		numbers, err := s.Numbers(t.Context(), source, storetest.Prefix, 150)
		if err != nil {
			t.Fatal(err)
		}
		var changes []escalation.Change
		for _, number := range numbers {
			of := storetest.Ticket(source, number)
			changes = append(changes, storetest.Opening(&of))
			want[number] = true
		}
		if _, err := s.Commit(t.Context(), source, changes); err != nil {
			t.Fatal(err)
		}
	}
	for _, q := range []ticket.Query{{Limit: 7}, {Limit: 100, States: []ticket.State{ticket.Open}}, {Limit: 50, Text: "HOSTDOWN"}, {Limit: 1000}} {
		q.Scope = ticket.Everything()
		var got []string
		for {
			tickets, next, err := s.Tickets(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			for i := range tickets {
				got = append(got, tickets[i].Number)
			}
			if q.Cursor = next; next == "" {
				break
			}
		}
		if sorted := slices.IsSortedFunc(got, func(a, b string) int { return strings.Compare(b, a) }); len(got) != len(want) || !sorted {
			t.Errorf("limit %d: %d tickets, want %d, sorted: %v", q.Limit, len(got), len(want), sorted)
		}
	}
	if _, _, err := s.Tickets(t.Context(), ticket.Query{Scope: ticket.Everything(), Limit: 1, Cursor: "nonsense"}); err == nil {
		t.Error("any cursor is taken")
	}
}

// What was committed is there after kill -9.
func TestKilled(t *testing.T) {
	server := redistest.Single(t)
	s := opened(t, server.URL())
	var (
		mu        sync.Mutex
		committed []string
		group     sync.WaitGroup
	)
	for i := range 8 {
		group.Go(func() {
			for n := 0; ; n++ {
				of := storetest.Ticket("prometheus", fmt.Sprintf("K%d_%04d", i, n))
				if _, err := s.Commit(t.Context(), "prometheus", []escalation.Change{storetest.Opening(&of)}); err != nil {
					return
				}
				mu.Lock()
				committed = append(committed, of.Number)
				mu.Unlock()
				if n == 50 && i == 0 {
					server.Kill()
				}
			}
		})
	}
	group.Wait()
	server.Restart()
	records, err := s.Load(t.Context(), "prometheus", committed)
	if err != nil || len(records) != len(committed) || len(committed) < 50 {
		t.Errorf("%d tickets were committed, %d are there: %v", len(committed), len(records), err)
	}
}

// If one node of a Cluster is gone, the sources of the others go on.
func TestNodeGone(t *testing.T) {
	cluster := redistest.Cluster(t)
	s := opened(t, cluster.URL())
	for _, source := range []string{"prometheus", "grafana", "zabbix"} { // on three nodes
		raise(t, s, source)
	}
	slot, err := cluster.Nodes[0].Client().ClusterKeySlot(t.Context(), redisstore.SourceKey("zabbix")).Result()
	if err != nil {
		t.Fatal(err)
	}
	cluster.Nodes[min(int(slot)*3/16384, 2)].Kill()
	claims, next, err := s.Claim(t.Context(), paging.ClaimRequest{Owner: "one", Now: storetest.At(0), Until: storetest.At(time.Minute), Limit: 10})
	if err != nil || len(claims) != 2 || !next.Equal(storetest.At(0)) {
		t.Errorf("Claim: %d claims, next %v, %v", len(claims), next, err)
	}
	due, next, err := s.Due(t.Context(), storetest.At(time.Hour), 10)
	if err != nil || len(due) != 4 || !next.Equal(storetest.At(time.Hour)) {
		t.Errorf("Due: %d due, next %v, %v", len(due), next, err)
	}
	if claims, _, err = s.Claim(t.Context(), paging.ClaimRequest{Owner: "one", Now: storetest.At(0), Until: storetest.At(time.Minute), Limit: 10}); err == nil {
		t.Errorf("nothing left but the node that is gone: %d claims and no error", len(claims))
	}
	if err := s.Check(t.Context()); err == nil {
		t.Error("a source that cannot be written passes the check")
	}
}

// A server that does not answer keeps nobody waiting longer than the context,
// or the timeout.
func TestFrozen(t *testing.T) {
	server := redistest.Single(t)
	s, err := redisstore.Open(t.Context(), server.URL(), redisstore.Options{Timeout: 300 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	server.Stop()
	defer server.Continue()
	for _, within := range []time.Duration{50 * time.Millisecond, time.Minute} {
		ctx, cancel := context.WithTimeout(t.Context(), within)
		began := time.Now()
		if err := s.Check(ctx); err == nil {
			t.Error("a frozen server can be written")
		}
		if _, _, err := s.Claim(ctx, paging.ClaimRequest{Owner: "one", Now: storetest.At(0), Until: storetest.At(time.Minute), Limit: 1}); err == nil {
			t.Error("a frozen server can be asked")
		}
		if took := time.Since(began); took > 30*time.Second {
			t.Errorf("with %v it took %v", within, took)
		}
		cancel()
	}
	server.Continue()
	if err := s.Check(t.Context()); err != nil {
		t.Errorf("after it went on: %v", err)
	}
}
