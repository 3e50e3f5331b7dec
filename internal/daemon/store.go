package daemon

import (
	"context"
	"fmt"
	"strings"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/store/boltstore"
	"github.com/astreinte/astreinte/internal/store/redisstore"
	"github.com/astreinte/astreinte/internal/web"
	"github.com/astreinte/astreinte/paging"
)

// Store is everything that a store does, for all who use it.
type Store interface {
	escalation.Store
	paging.Store
	paging.Directory
	web.Store
	// Close gives up what the store holds.
	Close() error
}

// CheckStore says what is wrong with the address of a store, without asking it
// and without quoting it: it may hold a password.
func CheckStore(url string) error {
	if strings.HasPrefix(url, "bolt:") {
		return nil
	}
	_, err := redisstore.ParseURL(url)
	return err
}

const openTimeout = 10 * time.Second

// openStore opens the store that a URL names: bolt:FILE, or one of Redis'.
func openStore(ctx context.Context, url string, log *zap.Logger) (Store, error) {
	if file, ok := strings.CutPrefix(url, "bolt:"); ok {
		store, err := boltstore.Open(file, boltstore.Options{})
		if err != nil {
			return nil, fmt.Errorf("daemon: %w", err)
		}
		return store, nil
	}
	ctx, cancel := context.WithTimeout(ctx, openTimeout)
	defer cancel()
	store, err := redisstore.Open(ctx, url, redisstore.Options{
		Log: func(line string) { log.Warn("redis client", zap.String("said", line)) },
	})
	if err != nil {
		return nil, fmt.Errorf("daemon: %w", err)
	}
	warnings, err := store.Warnings(ctx)
	if err != nil {
		log.Warn("how durable Redis is could not be found out", zap.Error(err))
	}
	for _, w := range warnings {
		log.Warn(w)
	}
	return store, nil
}
