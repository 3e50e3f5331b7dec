package redisstore_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/store/redisstore"
	"github.com/astreinte/astreinte/internal/store/redisstore/redistest"
	"github.com/astreinte/astreinte/paging"
)

func TestOpenTellsNoSecret(t *testing.T) {
	server := redistest.Single(t, "--requirepass", "r1ght")
	closed(t, open(t, server.URL()))
	for name, url := range map[string]string{
		"a wrong secret":   strings.Replace(server.URL(), "r1ght", "wr0ng", 1),
		"a wrong user":     strings.Replace(server.URL(), ":r1ght", "ops:wr0ng", 1),
		"nobody there":     "redis://:wr0ng@127.0.0.1:1/0",
		"no such host":     "redis://:wr0ng@nowhere.invalid/0",
		"no sentinel":      "redis+sentinel://:wr0ng@127.0.0.1:1/mymaster?sentinel_password=wr0ng",
		"no cluster":       "redis+cluster://:wr0ng@127.0.0.1:1",
		"not in a cluster": "redis+cluster://:r1ght@" + server.Addr(),
		"no such database": "redis://:r1ght@" + server.Addr() + "/4711",
		"no address":       "redis:/:wr0ng@127.0.0.1",
	} {
		s, err := redisstore.Open(t.Context(), url, redisstore.Options{})
		if err == nil {
			closed(t, s)
			t.Errorf("%s: it opens", name)
		} else if text := err.Error(); strings.Contains(text, "wr0ng") || strings.Contains(text, "r1ght") || !strings.HasPrefix(text, "redisstore: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestLayout(t *testing.T) {
	server := redistest.Single(t)
	s := opened(t, server.URL())
	for _, c := range []struct{ stored, want string }{
		{"2", ""},
		{"2.0", ""},
		{"2.9", ""},
		{"1", "its layout was raised a moment ago: daemons of the version before have 15s more"},
		{"3", "a newer version of astreinte"},
		{"3.1", "layout 3.1, this one knows 2.0: update it"},
		{"new", "not the number of a layout"},
	} {
		if err := s.Client().Set(t.Context(), redisstore.LayoutKey, c.stored, 0).Err(); err != nil {
			t.Fatal(err)
		}
		other, err := redisstore.Open(t.Context(), server.URL(), redisstore.Options{})
		switch {
		case err == nil && c.want != "":
			t.Errorf("layout %s is taken", c.stored)
		case err != nil && (c.want == "" || !strings.Contains(err.Error(), c.want)):
			t.Errorf("layout %s: %v, want %q", c.stored, err, c.want)
		}
		if err == nil {
			closed(t, other)
		}
	}
}

func TestWarnings(t *testing.T) {
	warnings := func(t *testing.T, url string) string {
		t.Helper()
		found, err := opened(t, url).Warnings(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(found, "\n")
	}
	single := redistest.Single(t)
	if got := warnings(t, single.URL()); got != "" {
		t.Errorf("of a server that is right: %s", got)
	}
	if got := warnings(t, redistest.Single(t, "--appendfsync", "everysec").URL()); !strings.Contains(got, "everysec") {
		t.Errorf("everysec: %q", got)
	}
	lossy := redistest.Single(t, "--appendonly", "no", "--maxmemory", "100mb", "--maxmemory-policy", "volatile-lru")
	if got := warnings(t, lossy.URL()); !strings.Contains(got, "appendonly is off") || !strings.Contains(got, "volatile-lru") || !strings.Contains(got, lossy.Addr()) {
		t.Errorf("appendonly no, volatile-lru: %q", got)
	}
	if err := single.Client().Do(context.Background(), "acl", "setuser", "ops", "on", ">pw", "~astreinte:*", "+@all", "-config").Err(); err != nil {
		t.Fatal(err)
	}
	if got := warnings(t, "redis://ops:pw@"+single.Addr()); !strings.Contains(got, "could not be checked") {
		t.Errorf("without CONFIG: %q", got)
	}

	cluster := redistest.Cluster(t)
	if err := cluster.Nodes[1].Client().ConfigSet(t.Context(), "appendfsync", "no").Err(); err != nil {
		t.Fatal(err)
	}
	got := warnings(t, cluster.URL())
	if !strings.Contains(got, cluster.Nodes[1].Addr()+": appendfsync is") || strings.Contains(got, cluster.Nodes[0].Addr()) {
		t.Errorf("of one node of three: %q", got)
	}
	set := redistest.Sentinel(t)
	if got := warnings(t, set.URL()); !strings.Contains(got, "primary of mymaster: it has replicas") || strings.Contains(got, "\n") {
		t.Errorf("of a set whose failover may lose the last writes: %s", got)
	}
	if err := set.Primary.Client().ConfigSet(t.Context(), "min-replicas-to-write", "1").Err(); err != nil {
		t.Fatal(err)
	}
	if got := warnings(t, set.URL()); got != "" {
		t.Errorf("of a set that is right: %s", got)
	}
}

// A daemon that runs while a newer one begins to write stops.
func TestOutdatedWhileRunning(t *testing.T) {
	for name, look := range map[string]func(*redisstore.Store) error{
		"by the check": func(s *redisstore.Store) error { return s.Check(t.Context()) },
		"by the clock": func(s *redisstore.Store) error { _, err := s.Clock(t.Context()); return err },
	} {
		t.Run(name, func(t *testing.T) {
			s := opened(t, redistest.Single(t).URL())
			life(t, s, "prometheus")
			for _, compatible := range []string{"2", "2.4"} {
				if err := errors.Join(s.Client().Set(t.Context(), redisstore.LayoutKey, compatible, 0).Err(), look(s)); err != nil {
					t.Errorf("layout %s: %v", compatible, err)
				}
			}
			if err := s.Client().Set(t.Context(), redisstore.LayoutKey, "3.0", 0).Err(); err != nil {
				t.Fatal(err)
			}
			if err := look(s); err == nil || !strings.Contains(err.Error(), "a newer version of astreinte wrote there") {
				t.Errorf("it goes on: %v", err)
			}
			_, _, err := s.Claim(t.Context(), paging.ClaimRequest{Owner: "one", Now: storetest.At(0), Until: storetest.At(time.Minute), Limit: 1})
			if err == nil || !strings.Contains(err.Error(), "a newer version") {
				t.Errorf("Claim: %v", err)
			}
			of := storetest.Ticket("prometheus", "T1")
			if _, err := s.Commit(t.Context(), "prometheus", []escalation.Change{storetest.Opening(&of)}); err == nil {
				t.Error("Commit into a newer store")
			}
		})
	}
}

// A server that throws keys away is refused. If one begins to do so, there is
// a warning.
func TestEvicting(t *testing.T) {
	server := redistest.Single(t, "--maxmemory", "100mb", "--maxmemory-policy", "noeviction")
	s := opened(t, server.URL())
	if err := server.Client().ConfigSet(t.Context(), "maxmemory-policy", "allkeys-random").Err(); err != nil {
		t.Fatal(err)
	}
	if found, err := s.Warnings(t.Context()); err != nil || !strings.Contains(strings.Join(found, ""), `maxmemory-policy is "allkeys-random"`) {
		t.Errorf("warnings: %q, %v", found, err)
	}
	if other, err := redisstore.Open(t.Context(), server.URL(), redisstore.Options{}); err == nil {
		closed(t, other)
		t.Error("it is opened")
	} else if !strings.Contains(err.Error(), "set maxmemory-policy noeviction") {
		t.Error(err)
	}
}

// The user that OPERATIONS names may touch only our keys, and can do
// everything that a store does. Without channels only hints are missing.
func TestOwnKeysOnly(t *testing.T) {
	for name, channels := range map[string][]any{"channels": {"&astreinte:*", "+@pubsub"}, "none": nil} {
		t.Run(name, func(t *testing.T) { ownKeysOnly(t, channels) })
	}
}

func ownKeysOnly(t *testing.T, channels []any) {
	server, _ := redistest.Pair(t)
	user := append([]any{"acl", "setuser", "ops", "on", ">pw", "~astreinte:*", "resetchannels"}, channels...)
	if err := server.Client().Do(t.Context(), append(user,
		"+@read", "+@write", "+@scripting", "+@connection", "+time", "+info", "+config|get")...).Err(); err != nil {
		t.Fatal(err)
	}
	s := replicated(t, "redis://ops:pw@"+server.Addr())
	life(t, s, "prometheus")
	if _, err := s.Warnings(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := s.Clock(t.Context()); err != nil {
		t.Error(err)
	}
	hints := s.Records().Watch(t.Context(), "silence")
	waitFor(t, func(ctx context.Context) error {
		_, err := s.Records().Write(ctx, records.House, records.Write{Kind: "silence", Key: "a", Revision: records.Any})
		if err != nil || channels == nil {
			return err
		}
		select {
		case <-hints:
			return nil
		default:
			return errors.New("no hint")
		}
	})
}

// TestOpenLater opens a Redis that is away. Calls fail until it is there. If a
// newer version has written to it, they fail for good.
func TestOpenLater(t *testing.T) {
	for _, tt := range []struct {
		layout string
		want   error
	}{{"2", nil}, {"3", redisstore.ErrNewer}} {
		server := redistest.Single(t)
		server.Kill()
		s, err := redisstore.Open(t.Context(), server.URL(), redisstore.Options{Later: true})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { closed(t, s) })
		if err := s.Check(t.Context()); err == nil {
			t.Error("it answers while it is away")
		}
		server.Restart()
		client := server.Client()
		if err := client.Set(t.Context(), redisstore.LayoutKey, tt.layout, 0).Err(); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Numbers(t.Context(), "prometheus", "I261121_", 1); !errors.Is(err, tt.want) {
			t.Errorf("layout %s: %v", tt.layout, err)
		}
		if keys := client.Keys(t.Context(), "*").Val(); tt.want != nil && len(keys) != 1 {
			t.Errorf("it was written to: %v", keys)
		}
	}
}
