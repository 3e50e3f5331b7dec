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
// spool, the store need not answer yet: the daemon asks it when it does.
func openStore(ctx context.Context, c *config.Config, log *zap.Logger) (Store, error) {
	if file, ok := strings.CutPrefix(c.Store, "bolt:"); ok {
		store, err := boltstore.Open(file, boltstore.Options{})
		if err != nil {
			return nil, fmt.Errorf("daemon: %w", err)
		}
		if c := store.Compacted(); c.After > 0 {
			log.Info("the store's file gave back the room that it no longer needs",
				zap.String("file", file), zap.Int64("before", c.Before), zap.Int64("after", c.After))
		}
		return store, nil
	}
	ctx, cancel := context.WithTimeout(ctx, openTimeout)
	defer cancel()
	options := redisstore.Options{
		Replicas: replicas(c),
		Log:      func(line string) { log.Warn("redis client", zap.String("said", line)) },
	}
	store, err := redisstore.Open(ctx, c.Store, options)
	if err != nil && c.Spool != "" && !errors.Is(err, redisstore.ErrNewer) {
		log.Error("the store does not answer: alerts are kept in the spool until it does", zap.Error(err))
		options.Later = true
		store, err = redisstore.Open(ctx, c.Store, options)
	}
	if err != nil {
		return nil, fmt.Errorf("daemon: %w", err)
	}
	return store, nil
}
