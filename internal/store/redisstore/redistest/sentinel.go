package redistest

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
)

// Master is the name by which the sentinels know the primary.
const Master = "mymaster"

// Set is a primary and a replica under three sentinels.
type Set struct {
	Primary, Replica *Server
	Sentinels        []*Server
}

// Sentinel starts a set, and returns when every sentinel knows all the others
// and the replica follows its primary. The sentinels hold a primary for down
// that did not answer for a second.
func Sentinel(tb testing.TB) *Set {
	tb.Helper()
	set := &Set{Primary: Single(tb)}
	set.Replica = Single(tb, "--replicaof", "127.0.0.1 "+strconv.Itoa(set.Primary.Port))
	for range 3 {
		set.Sentinels = append(set.Sentinels, launchSentinel(tb, set.Primary.Port))
	}
	replica := set.Replica.Client()
	if err := await(func(ctx context.Context) error { return follows(ctx, replica) }); err != nil {
		tb.Fatalf("redistest: replica: %v", err)
	}
	for _, s := range set.Sentinels {
		client := redis.NewSentinelClient(&redis.Options{Addr: s.Addr(), Protocol: 2, DisableIdentity: true})
		tb.Cleanup(func() { _ = client.Close() })
		if err := await(func(ctx context.Context) error { return knowsAll(ctx, client) }); err != nil {
			tb.Fatalf("redistest: sentinel: %v", err)
		}
	}
	return set
}

// URL is the set's address as a store takes it.
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

func knowsAll(ctx context.Context, sentinel *redis.SentinelClient) error {
	state, err := sentinel.Master(ctx, Master).Result()
	if err != nil {
		return err
	}
	if state["num-other-sentinels"] != "2" || state["num-slaves"] != "1" || state["flags"] != "master" {
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
