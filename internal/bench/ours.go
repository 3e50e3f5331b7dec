package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/astreinte/astreinte/config"
)

// postToken is the sender's token. The peer does not ask for one.
const postToken = "token-of-the-bench"

// soon is how far ahead those deadlines are that a test waits for.
const soon = 5 * time.Second

// settings are the daemon's. It pages one person by SMS, once, for each ticket
// as it opens; pacing and bundling are off. An alert labelled policy=later has
// a deadline hours ahead. One labelled policy=soon is paged at its deadline.
const settings = `
server: {listen: "%[1]s", public_url: "http://%[1]s"}
store: "%[2]s"
people:
  alice: {name: Alice Martin, phones: ["+33612345601"]}
groups:
  on-call: {people: [alice]}
policies:
  now: {steps: [{page: on-call, by: [sms], repeat: 12h}]}
  soon: {steps: [{page: on-call, by: [sms], after: %[4]s, repeat: 12h}]}
  later: {steps: [{page: on-call, by: [sms], after: 12h, repeat: 12h}]}
route:
  receiver: now
  group_by: [alertname]
  routes:
    - {matchers: ['policy="soon"'], receiver: soon}
    - {matchers: ['policy="later"'], receiver: later}
urgency:
  - {matchers: ['severity="critical"'], urgency: critical}
  - {matchers: ['severity="warning"'], urgency: minor}
sources:
  bench: {type: alertmanager, token_file: post.token, resolve_timeout: 24h, max_open: 1000000, max_rate: 1000000, max_kept: 10000000}
sms:
  provider: twilio
  replies: same
  bundle_over: 0
  twilio:
    account_sid: AC00000000000000000000000000000000
    auth_token_file: twilio.token
    from: "+33700000000"
    rate: 0
    base_url: "http://%[3]s"
api:
  tokens:
    - {name: bench, role: admin, token_file: api.token}
`

// ours makes s the daemon, on the store that s names.
func (b *bench) ours(ctx context.Context, s *subject) error {
	s.path, s.ready = "/ingest/bench/api/v2/alerts", "/readyz"
	s.file = filepath.Join(s.dir, "astreinte.db")
	store := "bolt:" + s.file
	if s.name == onRedis {
		s.file = ""
		address, err := s.startRedis(ctx)
		if err != nil {
			return err
		}
		store = "redis://" + address
	}
	path := filepath.Join(s.dir, "astreinte.yml")
	for file, text := range map[string]string{
		path: fmt.Sprintf(settings, s.address, store, s.provider.address, soon), s.secret("post"): postToken,
		s.secret("twilio"): "token-of-twilio", s.secret("api"): "token-of-the-api",
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			return fmt.Errorf("configure: %w", err)
		}
	}
	if c, report := config.Load(path, config.Options{}); c == nil {
		return fmt.Errorf("configure: %+v", report.Errors)
	}
	s.launch = func() (*process, error) {
		return launch("astreinte", s.dir, b.program, "serve", "--config", path)
	}
	return nil
}

func (s *subject) secret(name string) string { return filepath.Join(s.dir, name+".token") }

// startRedis starts a server that writes each commit to disk.
func (s *subject) startRedis(ctx context.Context) (address string, err error) {
	if address, err = freeAddress(ctx); err != nil {
		return "", err
	}
	_, port, _ := strings.Cut(address, ":")
	s.redis, err = launch("redis", s.dir, redisProgram,
		"--port", port, "--bind", "127.0.0.1", "--dir", s.dir, "--appendonly", "yes", "--appendfsync", "always", "--save", "")
	if err != nil {
		return "", err
	}
	return address, s.redis.ready(ctx, func(ctx context.Context) error {
		var d net.Dialer
		c, err := d.DialContext(ctx, "tcp", address)
		if err == nil {
			_ = c.Close()
		}
		return err
	})
}
