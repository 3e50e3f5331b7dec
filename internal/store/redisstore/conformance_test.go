package redisstore_test

import (
	"context"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/store/redisstore"
	"github.com/astreinte/astreinte/internal/store/redisstore/redistest"
)

var _ storetest.Store = (*redisstore.Store)(nil)

func TestSingle(t *testing.T) {
	server := redistest.Single(t)
	storetest.Run(t, func(t *testing.T) storetest.Store {
		empty(t, server)
		return open(t, server.URL())
	})
}

func TestSentinel(t *testing.T) {
	set := redistest.Sentinel(t)
	storetest.Run(t, func(t *testing.T) storetest.Store {
		empty(t, set.Primary)
		return open(t, set.URL())
	})
}

func TestCluster(t *testing.T) {
	cluster := redistest.Cluster(t)
	storetest.Run(t, func(t *testing.T) storetest.Store {
		empty(t, cluster.Nodes...)
		return open(t, cluster.URL())
	})
}

// TestDurable starts the daemon again, on a server that was killed meanwhile.
func TestDurable(t *testing.T) {
	server := redistest.Single(t)
	storetest.RunDurable(t, func(t *testing.T) (storetest.Store, func() storetest.Store) {
		empty(t, server)
		s := open(t, server.URL())
		return s, func() storetest.Store {
			closed(t, s)
			server.Restart()
			s = open(t, server.URL())
			return s
		}
	})
}

func TestDurableOnCluster(t *testing.T) {
	cluster := redistest.Cluster(t)
	storetest.RunDurable(t, func(t *testing.T) (storetest.Store, func() storetest.Store) {
		empty(t, cluster.Nodes...)
		s := open(t, cluster.URL())
		return s, func() storetest.Store {
			closed(t, s)
			s = open(t, cluster.URL())
			return s
		}
	})
}

func open(tb testing.TB, url string) *redisstore.Store {
	tb.Helper()
	s, err := redisstore.Open(context.Background(), url, redisstore.Options{Changes: true})
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// opened is a store that is closed with the test.
func opened(tb testing.TB, url string) *redisstore.Store {
	tb.Helper()
	s := open(tb, url)
	tb.Cleanup(func() { closed(tb, s) })
	return s
}

func closed(tb testing.TB, s *redisstore.Store) {
	tb.Helper()
	if err := s.Close(); err != nil {
		tb.Error(err)
	}
}

// empty empties servers.
func empty(tb testing.TB, servers ...*redistest.Server) {
	tb.Helper()
	for _, server := range servers {
		client := redis.NewClient(&redis.Options{Addr: server.Addr(), Protocol: 2, DisableIdentity: true})
		if err := client.FlushAll(context.Background()).Err(); err != nil {
			tb.Fatal(err)
		}
		if err := client.Close(); err != nil {
			tb.Fatal(err)
		}
	}
}
