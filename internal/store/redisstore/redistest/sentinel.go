package redistest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
)

// Master is the name by which the sentinels know the primary.
const Master = "mymaster"

// Set is a primary and its replicas under three sentinels.
type Set struct {
	Primary  *Server
	Replica  *Server   // the first
	Replicas []*Server // all
	// Sentinels take a primary for down if it does not answer for a second.
	Sentinels []*Server
}

// Pair starts a primary and a replica that follows it, without sentinels.
func Pair(tb testing.TB) (primary, replica *Server) {
	tb.Helper()
	primary = Single(tb)
	return primary, Following(tb, primary)
}

// Following starts a replica, and returns when it follows its primary.
func Following(tb testing.TB, primary *Server) *Server {
	tb.Helper()
	replica := Single(tb, "--replicaof", "127.0.0.1 "+strconv.Itoa(primary.Port))
	client := replica.Client()
	if err := await(func(ctx context.Context) error { return follows(ctx, client) }); err != nil {
		tb.Fatalf("redistest: replica: %v", err)
	}
	return replica
}

// Promoted returns when the server is a primary.
func (s *Server) Promoted() {
	s.tb.Helper()
	client := s.Client()
	if err := await(func(ctx context.Context) error {
		info, err := client.Info(ctx, "replication").Result()
		if err == nil && !strings.Contains(info, "role:master") {
			err = errors.New("it follows")
		}
		return err
	}); err != nil {
		s.tb.Fatalf("redistest: promotion: %v", err)
	}
}

// Sentinel starts a set with one replica. It returns when every sentinel knows
// all the others and the replica follows its primary.
func Sentinel(tb testing.TB) *Set {
	tb.Helper()
	return SentinelOf(tb, 1)
}

// SentinelOf is Sentinel with as many replicas as asked for.
func SentinelOf(tb testing.TB, replicas int) *Set {
	tb.Helper()
	set := &Set{Primary: Single(tb)}
	for range replicas {
		set.Replicas = append(set.Replicas, Following(tb, set.Primary))
	}
	set.Replica = set.Replicas[0]
	for range 3 {
		set.Sentinels = append(set.Sentinels, launchSentinel(tb, set.Primary.Port))
	}
	for _, s := range set.Sentinels {
		client := redis.NewSentinelClient(&redis.Options{Addr: s.Addr(), Protocol: 2, DisableIdentity: true})
		tb.Cleanup(func() { _ = client.Close() })
		if err := await(func(ctx context.Context) error { return knowsAll(ctx, client, replicas) }); err != nil {
			tb.Fatalf("redistest: sentinel: %v", err)
		}
	}
	return set
}

// URL is the set's address, as Open takes it.
func (s *Set) URL() string {
	return "redis+sentinel://" + addrs(s.Sentinels) + "/" + Master
}

func launchSentinel(tb testing.TB, primary int) *Server {
	tb.Helper()
	return launch(tb, func(int) []string {
		file := write(tb,
			"sentinel monitor "+Master+" 127.0.0.1 "+strconv.Itoa(primary)+" 2",
			"sentinel down-after-milliseconds "+Master+" 1000",
			"sentinel failover-timeout "+Master+" 5000")
		return []string{file, "--sentinel"}
	})
}

func follows(ctx context.Context, replica *redis.Client) error {
	info, err := replica.Info(ctx, "replication").Result()
	if err != nil {
		return err
	}
	if !strings.Contains(info, "master_link_status:up") {
		return fmt.Errorf("it does not follow yet: %s", info)
	}
	return nil
}

func knowsAll(ctx context.Context, sentinel *redis.SentinelClient, replicas int) error {
	state, err := sentinel.Master(ctx, Master).Result()
	if err != nil {
		return err
	}
	if state["num-other-sentinels"] != "2" || state["num-slaves"] != strconv.Itoa(replicas) || state["flags"] != "master" {
		return fmt.Errorf("it does not know all yet: %v", state)
	}
	return nil
}

func addrs(servers []*Server) string {
	var list []string
	for _, s := range servers {
		list = append(list, s.Addr())
	}
	return strings.Join(list, ",")
}
