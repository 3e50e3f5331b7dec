package daemon

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/config"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/silence/peer"
	"github.com/astreinte/astreinte/internal/store/boltstore"
	"github.com/astreinte/astreinte/internal/store/redisstore"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web"
	"github.com/astreinte/astreinte/paging"
)

// Store is everything that a store does, for all who use it.
type Store interface {
	escalation.Store
	paging.Store
	paging.Phonebook
	web.Store
	peer.Alerts
	Forgetter
	// Changes are what the log has, which the archive follows.
	Changes(ctx context.Context, since ticket.Since) ([]ticket.Lane, error)
	// LogAgain has tickets logged that the log lacks.
	LogAgain(ctx context.Context, source string, above int64, numbers ...string) error
	// Trim ends a lane of the log up to a place.
	Trim(ctx context.Context, lane string, upTo int64) error
	// Records keep what is neither alert, ticket nor page.
	Records() records.Store
	// Close closes the store.
	Close() error
}

// CheckStore says what is wrong with a store's address. It does not ask the
// store, and does not quote the address, which may hold a password.
func CheckStore(url string) error {
	if strings.HasPrefix(url, "bolt:") {
		return nil
	}
	_, err := redisstore.ParseURL(url)
	return err
}

const openTimeout = 10 * time.Second

// replicas is how many replicas confirm a write before it counts
// (docs/adr/0008-replicated.md).
func replicas(c *config.Config) int {
	if c.Durability == config.DurabilityReplicated {
		return 1
	}
	return 0
}

// openStore opens the store of a configuration: bolt:FILE, or a Redis. With a
// spool, the store need not answer yet: the daemon asks it when it does. Without one a
// Redis whose layout was raised is waited for.
func openStore(ctx context.Context, c *config.Config, log *zap.Logger) (Store, error) {
	if file, ok := strings.CutPrefix(c.Store, "bolt:"); ok {
		store, err := boltstore.Open(file, boltstore.Options{Log: archived(c)})
		if err != nil {
			return nil, fmt.Errorf("daemon: %w", err)
		}
		if c := store.Compacted(); c.After > 0 {
			log.Info("the store's file gave back the room that it no longer needs",
				zap.String("file", file), zap.Int64("before", c.Before), zap.Int64("after", c.After))
		}
		return store, nil
	}
	options := redisstore.Options{
		Replicas: replicas(c), Changes: archived(c),
		Log: func(line string) { log.Warn("redis client", zap.String("said", line)) },
	}
	store, err := openRedis(ctx, c.Store, options)
	var upgrading *redisstore.Upgrading
	switch {
	case err == nil || errors.Is(err, redisstore.ErrNewer):
	case c.Spool != "":
		log.Error("the store does not answer: alerts are kept in the spool until it does", zap.Error(err))
		options.Later = true
		store, err = openRedis(ctx, c.Store, options)
	case errors.As(err, &upgrading):
		log.Warn("the store is upgraded: daemons of the version before stop, then this one begins", zap.Duration("within", upgrading.Left))
		store, err = openUpgraded(ctx, c.Store, options, upgrading)
	}
	if err != nil {
		return nil, fmt.Errorf("daemon: %w", err)
	}
	return store, nil
}

func openRedis(ctx context.Context, url string, options redisstore.Options) (*redisstore.Store, error) {
	ctx, cancel := context.WithTimeout(ctx, openTimeout)
	defer cancel()
	return redisstore.Open(ctx, url, options) //nolint:wrapcheck // it names itself
}

// openUpgraded opens a Redis once the daemons of the version before have had their time.
func openUpgraded(ctx context.Context, url string, options redisstore.Options, upgrading *redisstore.Upgrading) (*redisstore.Store, error) {
	for {
		ready := time.NewTimer(upgrading.Left)
		select {
		case <-ready.C:
		case <-ctx.Done():
			ready.Stop()
			return nil, ctx.Err() //nolint:wrapcheck // the caller says what it opened
		}
		store, err := openRedis(ctx, url, options)
		if !errors.As(err, &upgrading) {
			return store, err
		}
	}
}
