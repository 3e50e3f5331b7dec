package standby

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/internal/pager"
	"github.com/astreinte/astreinte/internal/store/boltstore"
	"github.com/astreinte/astreinte/paging"
)

// secondName is the store, in the spool's folder, of what is paged from the
// spool.
const secondName = "emergency.db"

// secondCore is a second core with its own file. It is fed with what the spool
// keeps. It pages as the daemon does, with the same rules and the same
// providers. Its pages carry links and no codes. Its tickets have other
// numbers than the store's, so that nothing collides.
type secondCore struct {
	s     *Standby
	store *secondStore
	log   *zap.Logger
	kick  chan struct{}
	fed   int64 // how far in the spool

	running atomic.Bool
	pager   *pager.Pager
	cancel  context.CancelFunc
	parts   sync.WaitGroup
}

// secondStore gives out numbers like I261121_EKQX2A_0001. What follows the E
// is specific to this spool and its content. So the numbers of several daemons
// differ, and so do those of two failures on one day.
type secondStore struct {
	*boltstore.Store
	tag string // "EKQX2A_"
}

// Numbers hands out numbers with the spool's name (escalation.Store).
func (s *secondStore) Numbers(ctx context.Context, source, prefix string, n int) ([]string, error) {
	return s.Store.Numbers(ctx, source, prefix+s.tag, n)
}

// removeSecond removes what was paged from a spool that is merged.
func removeSecond(dir string) error {
	for _, name := range []string{secondName, secondName + ".lock", secondName + ".journal"} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("standby: forget what was merged: %w", err)
		}
	}
	return nil
}

// tag is part of the numbers of tickets that are paged from this spool.
func (s *Standby) tag() string {
	sum := sha256.Sum256([]byte(s.file.ID() + s.file.Stats().First.At.String()))
	return "E" + base32.StdEncoding.EncodeToString(sum[:])[:5] + "_"
}

// openSecond opens the file, with the devices that were last known. It puts a
// damaged file aside: what the spool keeps is then paged anew.
func openSecond(ctx context.Context, s *Standby) (*secondCore, error) {
	path := filepath.Join(s.dir, secondName)
	db, err := boltstore.Open(path, boltstore.Options{})
	if err != nil && boltstore.Damaged(err) {
		aside := path + ".damaged-" + time.Now().UTC().Format("20060102T150405")
		s.log.Error("the file of what was paged from the spool is damaged: it is put aside, and alerts are paged anew", zap.String("file", aside), zap.Error(err))
		if err = os.Rename(path, aside); err == nil {
			db, err = boltstore.Open(path, boltstore.Options{})
		}
	}
	if err != nil {
		return nil, fmt.Errorf("standby: %w", err)
	}
	for _, device := range s.known().Devices {
		if _, err := db.PutDevice(ctx, device); err != nil {
			return nil, errors.Join(fmt.Errorf("standby: devices to page in an emergency: %w", err), db.Close())
		}
	}
	return &secondCore{
		s: s, store: &secondStore{db, s.tag()}, log: s.log.Named("emergency"),
		kick: make(chan struct{}, 1), fed: s.file.Start(),
	}, nil
}

// waysWithoutCodes are the daemon's ways, without answers by code.
func waysWithoutCodes(w paging.Ways) paging.Ways {
	channels := make(map[string][]paging.Provider, len(w.Channels))
	for name, list := range w.Channels {
		list = slices.Clone(list)
		for i := range list {
			list[i].Replies = false
		}
		channels[name] = list
	}
	w.Channels = channels
	return w
}

// start begins to page, if it has not begun yet.
func (e *secondCore) start(ctx context.Context) bool {
	if e.running.Load() {
		return false
	}
	main := &e.s.main
	p, err := main.Pager.Another(ctx, e.store, waysWithoutCodes(main.Pager.Ways()), e.log)
	if err != nil {
		e.log.Error("nobody can be paged from the spool", zap.Error(err))
		return false
	}
	e.pager = p
	feeder := newFeeder(e.store, p, false)
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	e.cancel = cancel
	e.running.Store(true)
	e.parts.Go(func() {
		e.follow(running, feeder)
		_ = feeder.engine.Stop(context.WithoutCancel(running)) // nothing is under way
	})
	return true
}

// follow feeds what the spool keeps. It begins to page once it has caught up:
// nobody is paged for what is over by then.
func (e *secondCore) follow(ctx context.Context, f *feeder) {
	e.fed = e.s.file.Start()
	var paging sync.WaitGroup
	defer paging.Wait()
	for caughtUp := false; ctx.Err() == nil; {
		more, err := e.feed(ctx, f)
		switch {
		case err != nil && ctx.Err() == nil:
			e.log.Error("alerts of the spool cannot be paged yet: it is tried again", zap.Error(err))
		case err == nil && !more && !caughtUp:
			caughtUp = true
			paging.Go(func() { e.pager.Run(ctx) })
		}
		if more && err == nil {
			continue
		}
		wait := time.NewTimer(time.Second)
		select {
		case <-wait.C:
		case <-e.kick:
		case <-ctx.Done():
		}
		wait.Stop()
	}
}

// ReadTogether is how many records of the spool are read at once.
const ReadTogether = 500

func (e *secondCore) feed(ctx context.Context, f *feeder) (more bool, err error) {
	records, next, err := e.s.file.Read(e.fed, ReadTogether)
	if err != nil || len(records) == 0 {
		return false, err
	}
	if err := f.feed(ctx, records); err != nil {
		return false, err
	}
	e.fed = next
	return true, nil
}

func (e *secondCore) wake() {
	select {
	case e.kick <- struct{}{}:
	default:
	}
}

func (e *secondCore) runs() bool { return e.running.Load() }

// stop ends the paging. It waits for pages that are with a provider, and sends
// nothing more.
func (e *secondCore) stop(ctx context.Context) {
	if !e.running.Load() {
		return
	}
	e.cancel()
	e.parts.Wait()
	_ = e.pager.Stop(context.WithoutCancel(ctx)) // it waits for what is being written
	e.running.Store(false)
}

// close ends the paging and closes the file.
func (e *secondCore) close(ctx context.Context) {
	e.stop(ctx)
	if err := e.store.Close(); err != nil {
		e.log.Error("the file of what was paged from the spool", zap.Error(err))
	}
}
