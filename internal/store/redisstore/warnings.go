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

// oldest is the oldest version of Redis that this is tested on.
const oldest = 7

// Warnings says in plain words where a server may lose what it was given: by
// its own settings, on each node of a Cluster, and on the primary under
// Sentinel. It is empty where all is well. What a server does not let us see is
// a warning too; the error is that of a server that could not be asked.
func (s *Store) Warnings(ctx context.Context) ([]string, error) {
	var (
		mu       sync.Mutex
		warnings []string
	)
	look := func(ctx context.Context, node *redis.Client) error {
		found, err := examine(ctx, node)
		mu.Lock()
		defer mu.Unlock()
		for _, w := range found {
			warnings = append(warnings, "redis "+s.nameOf(node)+": "+w)
		}
		return err
	}
	var err error
	switch client := s.client.(type) {
	case *redis.ClusterClient:
		err = client.ForEachShard(ctx, look)
	case *redis.Client:
		err = look(ctx, client)
	}
	slices.Sort(warnings)
	if err != nil {
		return warnings, failed(err, "look at the settings of %s", &s.address)
	}
	return warnings, nil
}

func (s *Store) nameOf(node *redis.Client) string {
	if s.address.Kind == Sentinel {
		return "primary of " + s.address.Master
	}
	return node.Options().Addr
}

// examine is what may be wrong with one server.
func examine(ctx context.Context, node *redis.Client) ([]string, error) {
	var warnings []string
	info, err := node.Info(ctx, "server").Result()
	if err != nil {
		return nil, err
	}
	if w := ageOf(info); w != "" {
		warnings = append(warnings, w)
	}
	settings := map[string]string{}
	for _, name := range []string{"appendonly", "appendfsync", "maxmemory", "maxmemory-policy"} {
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
	return append(warnings, judge(settings)...), nil
}

// judge is what settings mean for what is stored.
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
	if policy := settings["maxmemory-policy"]; settings["maxmemory"] != "0" && policy != "noeviction" {
		warnings = append(warnings, fmt.Sprintf(
			"maxmemory-policy is %q: when its memory is full it throws tickets and pages away; set maxmemory-policy noeviction", policy))
	}
	return warnings
}

// ageOf warns of a version that this was never tested on.
func ageOf(info string) string {
	_, rest, _ := strings.Cut(info, "redis_version:")
	version, _, _ := strings.Cut(rest, "\r")
	first, _, _ := strings.Cut(version, ".")
	if n, err := strconv.Atoi(first); err == nil && n < oldest {
		return fmt.Sprintf("it is version %s; %d.0 is the oldest that astreinte is tested on", version, oldest)
	}
	return ""
}
