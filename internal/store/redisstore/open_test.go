package redisstore_test

import (
	"context"
	"strings"
	"testing"

	"github.com/astreinte/astreinte/internal/store/redisstore"
	"github.com/astreinte/astreinte/internal/store/redisstore/redistest"
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
		{"1", ""}, {"0", ""}, {"2", "a newer version of astreinte"}, {"new", "not the number of a layout"},
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
	lossy := redistest.Single(t, "--appendonly", "no", "--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru")
	if got := warnings(t, lossy.URL()); !strings.Contains(got, "appendonly is off") || !strings.Contains(got, "allkeys-lru") || !strings.Contains(got, lossy.Addr()) {
		t.Errorf("appendonly no, allkeys-lru: %q", got)
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
	if got := warnings(t, redistest.Sentinel(t).URL()); got != "" {
		t.Errorf("of a set that is right: %s", got)
	}
}

// A user who may touch nothing but our keys can do all that a store does.
func TestOwnKeysOnly(t *testing.T) {
	server := redistest.Single(t)
	if err := server.Client().Do(t.Context(), "acl", "setuser", "ops", "on", ">pw", "~astreinte:*", "+@all").Err(); err != nil {
		t.Fatal(err)
	}
	life(t, opened(t, "redis://ops:pw@"+server.Addr()), "prometheus")
}
