package main

import (
	"context"
	"errors"
	"fmt"
	"os"
)

// The subjects that are measured.
const (
	onBolt  = "bolt"
	onRedis = "redis"
	peer    = "alertmanager"
)

func subjectNames() []string { return []string{onBolt, onRedis, peer} }

// subject is a pager that runs: the daemon on one of its stores, or the peer.
type subject struct {
	name    string
	dir     string
	address string // where it listens
	path    string // where alerts are posted
	ready   string // a path that answers 200 once the subject is ready
	file    string // bolt's

	launch   func() (*process, error)
	process  *process
	redis    *process // its store's server, nil if it has none
	provider *provider
}

// subject starts a fresh subject in its own folder.
func (b *bench) subject(ctx context.Context, name string) (*subject, error) {
	dir, err := os.MkdirTemp(b.dir, name+"-")
	if err != nil {
		return nil, fmt.Errorf("a folder for %s: %w", name, err)
	}
	s := &subject{name: name, dir: dir}
	if s.provider, err = newProvider(ctx); err != nil {
		return nil, err
	}
	if s.address, err = freeAddress(ctx); err == nil {
		if name == peer {
			err = b.alertmanager(s)
		} else {
			err = b.ours(ctx, s)
		}
	}
	if err == nil {
		err = s.start(ctx)
	}
	if err != nil {
		s.close()
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return s, nil
}

// start starts the subject on what it had stored, and returns when it is
// ready.
func (s *subject) start(ctx context.Context) (err error) {
	if s.process, err = s.launch(); err != nil {
		return err
	}
	return s.process.ready(ctx, func(ctx context.Context) error { return healthy(ctx, "http://"+s.address+s.ready) })
}

// close ends the subject and removes its files.
func (s *subject) close() {
	if s.process != nil {
		s.process.end()
	}
	if s.redis != nil {
		s.redis.kill()
	}
	s.provider.close()
	_ = os.RemoveAll(s.dir) // the whole folder goes at the end
}

// fail is an error with the last lines of the subject's output.
func (s *subject) fail(err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	said, reading := os.ReadFile(s.process.log)
	return errors.Join(fmt.Errorf("%s: %w\n%s", s.name, err, said[max(0, len(said)-logTail):]), reading)
}
