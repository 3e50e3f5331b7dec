package redisstore_test

import (
	"slices"
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/store/redisstore"
	"github.com/astreinte/astreinte/internal/store/redisstore/redistest"
	"github.com/astreinte/astreinte/paging"
)

func watch(t *testing.T, s *redisstore.Store) *redisstore.Loss {
	t.Helper()
	l, err := s.Watch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// still fails if something was lost.
func still(t *testing.T, what string, s *redisstore.Store) {
	t.Helper()
	if l := watch(t, s); l != nil {
		t.Errorf("%s: lost %+v", what, l)
	}
}

// ticketsOf opens tickets of sources. The last one of each is taken.
func ticketsOf(t *testing.T, s *redisstore.Store, n int, sources ...string) {
	t.Helper()
	for _, source := range sources {
		numbers, err := s.Numbers(t.Context(), source, storetest.Prefix, n)
		if err != nil {
			t.Fatal(err)
		}
		for i, number := range numbers {
			tk := storetest.Ticket(source, number)
			if i == n-1 {
				storetest.Acknowledge(&tk, storetest.At(time.Minute))
			}
			if errs, err := s.Commit(t.Context(), source, []escalation.Change{storetest.Opening(&tk)}); err != nil || errs[0] != nil {
				t.Fatal(errs, err)
			}
		}
	}
}

func TestLossIsNoticed(t *testing.T) {
	server := redistest.Single(t)
	a, b := opened(t, server.URL()), opened(t, server.URL())
	still(t, "a first start", a)
	ticketsOf(t, a, 3, "prometheus", "grafana")
	still(t, "new sources", a)
	still(t, "the same", a)
	still(t, "another daemon's first look", b)
	still(t, "another daemon's second look", b)
	server.Restart()
	still(t, "a restart", a)
	still(t, "a restart", b)

	empty(t, server)
	la, lb := watch(t, a), watch(t, b)
	for _, l := range []*redisstore.Loss{la, lb} {
		if l == nil || l.Open != 6 || !slices.Equal(l.Sources, []string{"grafana", "prometheus"}) {
			t.Fatalf("everything was lost: %+v", l)
		}
	}
	still(t, "told already", a)
	still(t, "told already", b)

	// One of them tells people; if it does not finish, the other one does.
	now := storetest.At(time.Hour)
	telling := func(s *redisstore.Store, l *redisstore.Loss, by, want string, at time.Time) {
		t.Helper()
		got, err := s.Telling(t.Context(), l, by, at)
		if err != nil || got != want {
			t.Errorf("%s: %q %v, want %q", by, got, err, want)
		}
	}
	telling(a, la, "a", redisstore.TellingYours, now)
	telling(b, lb, "b", redisstore.TellingAnother, now.Add(29*time.Second))
	telling(a, la, "a", redisstore.TellingYours, now.Add(20*time.Second))
	telling(b, lb, "b", redisstore.TellingYours, now.Add(51*time.Second))
	if err := b.Told(t.Context(), lb); err != nil {
		t.Fatal(err)
	}
	telling(a, la, "a", redisstore.TellingDone, now.Add(time.Hour))

	// What was given before is not given again.
	if err := a.SkipLost(t.Context(), []string{storetest.Prefix}, []string{"+262692000001"}); err != nil {
		t.Fatal(err)
	}
	numbers, err := b.Numbers(t.Context(), "prometheus", storetest.Prefix, 1)
	if err != nil || numbers[0] != "I261121_1007" {
		t.Errorf("number %v, %v", numbers, err)
	}
	code, err := b.Reserve(t.Context(), paging.Reservation{Phone: "+262692000001", Link: paging.Link{Ticket: numbers[0], At: now}})
	if err != nil || code != 100 {
		t.Errorf("code %d, %v", code, err)
	}
}

// Another Redis is at the address, with other data.
func TestAnotherRedisIsNoticed(t *testing.T) {
	server := redistest.Single(t)
	s := opened(t, server.URL())
	still(t, "a first start", s)
	ticketsOf(t, s, 2, "prometheus")
	still(t, "a new source", s)
	still(t, "the same", s)
	empty(t, server)
	other := opened(t, server.URL())
	still(t, "the other", other)
	ticketsOf(t, other, 5, "prometheus")
	still(t, "the other", other)
	if l := watch(t, s); l == nil || l.Open != 2 {
		t.Errorf("another Redis: %+v", l)
	}
}

// A replica that takes over has the marks. A node of a Cluster that is emptied
// lost only its own sources.
func TestFailoverIsNoLoss(t *testing.T) {
	set := redistest.Sentinel(t)
	s, err := redisstore.Open(t.Context(), set.URL(), redisstore.Options{Replicas: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer closed(t, s)
	still(t, "a first start", s)
	ticketsOf(t, s, 2, "prometheus")
	still(t, "a new source", s)
	still(t, "the same", s)
	ticketsOf(t, s, 1, "prometheus") // the replica confirms it, and everything before it
	set.Primary.Kill()
	set.Replica.Promoted()
	for {
		l, err := s.Watch(t.Context())
		if l != nil {
			t.Fatalf("after a failover: %+v", l)
		}
		if err == nil {
			return
		}
	}
}

func TestLossOfANode(t *testing.T) {
	cluster := redistest.Cluster(t)
	s := opened(t, cluster.URL())
	ticketsOf(t, s, 2, "prometheus", "grafana", "zabbix") // on three nodes
	still(t, "a first look", s)
	still(t, "the same", s)
	empty(t, cluster.Nodes[0])
	if l := watch(t, s); l == nil || l.Open != 2 || len(l.Sources) != 1 {
		t.Errorf("a node was emptied: %+v", l)
	}
}
