package redisstore

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/astreinte/astreinte/escalation"
)

// Client is the store's client, for tests that watch it.
func (s *Store) Client() redis.UniversalClient { return s.client }

// HurryReplicas shortens the time that replicas have to confirm.
func (s *Store) HurryReplicas(d time.Duration) { s.replicaWait = d }

// CommitTwice sends one commit twice, like a client that did not see the
// answer. It returns both answers.
func (s *Store) CommitTwice(ctx context.Context, source string, change *escalation.Change) (answers [2]any, err error) {
	args, err := appendChange([]any{"a commit", source, keep, hintKey}, change, guess{}, 0)
	if err != nil {
		return answers, err
	}
	for i := range answers {
		c := s.scripts.commit.on(ctx, sourceKey(source), args...)
		if err := s.run(ctx, c); err != nil {
			return answers, err
		}
		answers[i] = c.Val()
	}
	return answers, nil
}

// As has Open know another layout, as an older or a newer program does, and give daemons
// of an older one less time to notice.
func (o Options) As(major, minor int, leave time.Duration) Options {
	o.knows, o.leave = version{major, minor}, leave
	return o
}

// Keys that tests spoil.
var (
	SourceKey   = sourceKey
	NumbersKey  = numbersKey
	SequenceKey = sequenceKey
	PhoneKey    = phoneKey
	LinkKey     = linkKey
)

const (
	SourcesKey = sourcesKey
	LayoutKey  = layoutKey
	UpgradeKey = upgradeKey
)
