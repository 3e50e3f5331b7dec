package redisstore

import (
	"context"
	"errors"
	"slices"

	"github.com/redis/go-redis/v9"
)

// scanned is how many keys a server looks at in one call.
const scanned = 10_000

// known is every source that this store has heard of, in order.
func (s *Store) known() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	sources := make([]string, 0, len(s.sources))
	for source := range s.sources {
		sources = append(sources, source)
	}
	slices.Sort(sources)
	return sources
}

// isListed reports whether the source was seen in the set of all sources.
func (s *Store) isListed(source string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sources[source]
}

// listing is the command that puts a source into the set of all sources.
func listing(ctx context.Context, source string) redis.Cmder {
	return redis.NewIntCmd(ctx, "sadd", sourcesKey, source)
}

func (s *Store) listed(source string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sources[source] = true
}

// learn takes in the set of all sources. It returns the sources that are new
// to us, and those that a failover has lost from the set. Somebody has to put
// the lost ones back.
func (s *Store) learn(all []string) (fresh, lost []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, source := range all {
		if _, found := s.sources[source]; !found {
			fresh = append(fresh, source)
		}
		s.sources[source] = true
	}
	for source := range s.sources {
		if !slices.Contains(all, source) {
			lost = append(lost, source)
		}
	}
	return fresh, lost
}

// overAll runs the commands that build makes for each source, all in one round
// trip. Then it gives each source's commands to read. Sources that somebody
// else has added meanwhile get a second round trip. It returns the first error
// of a command; commands without an error are read all the same.
func overAll[C redis.Cmder](ctx context.Context, s *Store, build func(source string) []C, read func(source string, cmds []C) error) error {
	all := redis.NewStringSliceCmd(ctx, "smembers", sourcesKey)
	first := ask(ctx, s, s.known(), build, read, all)
	if errors.Is(all.Err(), redis.Nil) { // its key is of another type
		return errors.Join(first, s.remakeSources(ctx))
	}
	if all.Err() != nil {
		return first
	}
	fresh, lost := s.learn(all.Val())
	var again []redis.Cmder
	for _, source := range lost {
		again = append(again, listing(ctx, source))
	}
	if len(fresh)+len(again) == 0 {
		return first
	}
	if err := ask(ctx, s, fresh, build, read, again...); first == nil {
		first = err
	}
	return first
}

// ask is one round trip of overAll.
func ask[C redis.Cmder](
	ctx context.Context, s *Store, sources []string,
	build func(source string) []C, read func(source string, cmds []C) error, more ...redis.Cmder,
) error {
	asked := make([][]C, len(sources))
	for i, source := range sources {
		asked[i] = build(source)
		for _, cmd := range asked[i] {
			more = append(more, cmd)
		}
	}
	first := s.run(ctx, more...)
	for i, source := range sources {
		if broken(asked[i]) {
			continue
		}
		if err := read(source, asked[i]); first == nil {
			first = err
		}
	}
	return first
}

func broken[C redis.Cmder](cmds []C) bool {
	return slices.ContainsFunc(cmds, func(cmd C) bool {
		err := cmd.Err()
		return err != nil && !errors.Is(err, redis.Nil)
	})
}

// remakeSources makes the set of all sources anew, from those that we know and
// all that have tickets: a daemon that was just started knows none. The next
// call asks them.
func (s *Store) remakeSources(ctx context.Context) error {
	err := s.overServers(ctx, func(ctx context.Context, node *redis.Client) error {
		keys := node.Scan(ctx, 0, root+"{*}:list", scanned).Iterator()
		for keys.Next(ctx) {
			if source, ok := sourceOf(keys.Val()); ok {
				s.listed(source)
			}
		}
		return keys.Err()
	})
	if err != nil {
		return err
	}
	var all []any
	for _, source := range s.known() {
		all = append(all, source)
	}
	return s.run(ctx, s.scripts.relist.on(ctx, sourcesKey, all...))
}
