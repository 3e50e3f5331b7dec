package redisstore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/redis/go-redis/v9"
)

// oldest is the oldest version of Redis that reads a script's first line for
// what the script may do.
const oldest = 7

// Warnings says in plain words which of a server's settings may lose data. It
// asks each node of a Cluster, and the primary under Sentinel. It is empty if
// all is well. A setting that a server does not let us see is a warning too.
// The error is that of a server that could not be asked.
func (s *Store) Warnings(ctx context.Context) ([]string, error) {
	var (
		mu       sync.Mutex
		warnings []string
	)
	err := s.overServers(ctx, func(ctx context.Context, node *redis.Client) error {
		found, err := s.examine(ctx, node)
		mu.Lock()
		defer mu.Unlock()
		for _, w := range found {
			warnings = append(warnings, "redis "+s.nameOf(node)+": "+w)
		}
		return err
	})
	slices.Sort(warnings)
	if err != nil {
		return warnings, failed(err, "look at the settings of %s", &s.address)
	}
	return warnings, nil
}

// overServers calls look for every primary of a Cluster, or for the one server
// there is.
func (s *Store) overServers(ctx context.Context, look func(context.Context, *redis.Client) error) error {
	switch client := s.client.(type) {
	case *redis.ClusterClient:
		return client.ForEachMaster(ctx, look)
	case *redis.Client:
		return look(ctx, client)
	}
	return nil
}

// checkServers refuses servers that could not do their work: those that are
// too old, and those that throw any key away when their memory is full.
func (s *Store) checkServers(ctx context.Context) error {
	return s.overServers(ctx, func(ctx context.Context, node *redis.Client) error {
		info, err := infoOf(ctx, node)
		if err != nil {
			return nil //nolint:nilerr // a server that does not answer refuses nobody: its sources wait for it
		}
		if why := unfit(info); why != "" {
			return fmt.Errorf("%s: %s", s.nameOf(node), why)
		}
		return nil
	})
}

func (s *Store) nameOf(node *redis.Client) string {
	if s.address.Kind == Sentinel {
		return "primary of " + s.address.Master
	}
	return node.Options().Addr
}

// unfit says why a server cannot do the work; empty if it can.
func unfit(info map[string]string) string {
	major, _, _ := strings.Cut(info["redis_version"], ".")
	if n, err := strconv.Atoi(major); err == nil && n < oldest {
		return fmt.Sprintf("it is version %s; %d.0 is the oldest that will do", info["redis_version"], oldest)
	}
	if policy := info["maxmemory_policy"]; evicts(info) && strings.HasPrefix(policy, "allkeys-") {
		return fmt.Sprintf("maxmemory-policy is %s: when its memory is full it throws tickets and pages away; set maxmemory-policy noeviction", policy)
	}
	return ""
}

// infoOf reads what a server says of itself; nothing if it is not allowed to.
func infoOf(ctx context.Context, node *redis.Client) (map[string]string, error) {
	text, err := node.Info(ctx).Result()
	var refused redis.Error
	if errors.As(err, &refused) && redis.HasErrorPrefix(err, "NOPERM") {
		return map[string]string{}, nil
	}
	info := map[string]string{}
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		info[name] = value
	}
	return info, err
}

func evicts(info map[string]string) bool {
	return info["maxmemory"] != "" && info["maxmemory"] != "0" && info["maxmemory_policy"] != "noeviction"
}

// examine says what may be wrong with one server.
func (s *Store) examine(ctx context.Context, node *redis.Client) ([]string, error) {
	info, err := infoOf(ctx, node)
	if err != nil {
		return nil, err
	}
	warnings := memory(info)
	settings := map[string]string{}
	for _, name := range []string{"appendonly", "appendfsync", "min-replicas-to-write"} {
		values, err := node.ConfigGet(ctx, name).Result()
		var refused redis.Error
		switch {
		case errors.As(err, &refused):
			return append(warnings, fmt.Sprintf(
				"it does not let us see its settings (%s), so it could not be checked whether it keeps what it is given", refused)), nil
		case err != nil:
			return warnings, err
		}
		settings[name] = values[name]
	}
	warnings = append(warnings, judge(settings)...)
	return append(warnings, s.following(info["connected_slaves"], settings["min-replicas-to-write"])...), nil
}

// memory says what a server does when it is full, and whether it has done so.
func memory(info map[string]string) (warnings []string) {
	switch policy := info["maxmemory_policy"]; {
	case evicts(info) && strings.HasPrefix(policy, "allkeys-"):
		warnings = append(warnings, fmt.Sprintf(
			"maxmemory-policy is %q: when its memory is full it throws tickets and pages away; set maxmemory-policy noeviction", policy))
	case evicts(info):
		warnings = append(warnings, fmt.Sprintf(
			"maxmemory-policy is %q: when its memory is full it throws links and receipts' ids away; set maxmemory-policy noeviction", policy))
	}
	if n := info["evicted_keys"]; n != "" && n != "0" {
		warnings = append(warnings, fmt.Sprintf("it has thrown %s keys away since its start, for want of memory: tickets and pages may be lost", n))
	}
	return warnings
}

// following says what a server's replicas mean for a failover.
func (s *Store) following(replicas, least string) []string {
	switch {
	case s.replicas > 0 && replicas == "0":
		return []string{"no replica follows it: with durability: replicated every alert is answered 503 until one does"}
	case s.replicas > 0 && replicas == "1":
		return []string{"one replica follows it: when that one takes over, every alert is answered 503 until another follows; have two"}
	case s.replicas == 0 && replicas != "0" && replicas != "" && least == "0":
		return []string{"it has replicas, and a failover takes back what they had not got yet: set durability: replicated, or min-replicas-to-write 1 to lose less"}
	}
	return nil
}

// judge says what settings mean for what is stored.
func judge(settings map[string]string) []string {
	var warnings []string
	switch {
	case settings["appendonly"] != "yes":
		warnings = append(warnings, "appendonly is off: when it stops it loses all that came since its last snapshot; set appendonly yes")
	case settings["appendfsync"] == "everysec":
		warnings = append(warnings, "appendfsync is everysec: when its machine fails it loses the last second; set appendfsync always")
	case settings["appendfsync"] != "always":
		warnings = append(warnings, fmt.Sprintf(
			"appendfsync is %q: when its machine fails it loses the last half minute or more; set appendfsync always", settings["appendfsync"]))
	}
	return warnings
}
