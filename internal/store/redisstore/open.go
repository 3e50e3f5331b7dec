package redisstore

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

var (
	_ escalation.Store = (*Store)(nil)
	_ paging.Store     = (*Store)(nil)
	_ paging.Phonebook = (*Store)(nil)
)

// Options are a store's settings; the zero value is right.
type Options struct {
	Timeout  time.Duration // of each dial, read and write; 0: 3 s
	PoolSize int           // connections to each node; 0: 64
	// Replicas is how many replicas have to confirm a write before the call that
	// made it returns nil; 0: none. Claims, outcomes, receipts and numbers never
	// wait for replicas: if a failover takes one of those back, a page is sent
	// twice or a number is skipped.
	Replicas int
	// Log takes what the Redis client says unasked (a new primary, a connection
	// that broke), one line a call. The client has one such function for the
	// whole process; nil leaves it as it is.
	Log func(line string)
	// Changes has the store keep a log of the tickets that change, for whoever
	// copies them (Store.Changes).
	Changes bool
	// Later has Open ask nothing. The first call that reaches the Redis finds out
	// whether this version understands it. Until then all calls fail.
	Later bool

	leave time.Duration // 0: Leave
	knows version       // the zero version: this program's
}

// Store is a Redis. It is safe for use by any number of goroutines.
type Store struct {
	client  redis.UniversalClient
	cluster *redis.ClusterClient // the client, if it is a Cluster's
	address Address
	scripts scripts
	later   atomic.Bool // nobody has asked yet whether we understand what is stored

	escalation.Damages

	replicas    int
	replicaWait time.Duration
	leave       time.Duration
	knows       version               // of the layout
	outdated    atomic.Pointer[error] // set if a newer version has written there

	forgets forgetter
	epochs  epochs
	paging.DeviceBook

	mu      sync.Mutex
	marks   map[string]*mark // by source
	sources map[string]bool  // all that we know of; true if we saw it in the set of all sources
	turns   turns
	lines   map[string]*line  // by prefix: what we know of its sequence
	guesses map[string]guess  // numbers that are not committed yet
	given   map[string]string // number → source, of those that we handed out and that are not committed yet
}

// Open connects to the Redis that url names (see ParseURL). It asks whether
// this version understands what is stored there, and whether the Redis keeps
// what it is given. If an older major version wrote there, it raises that, and fails
// with an *Upgrading until daemons of it have had their time. No error holds a secret.
func Open(ctx context.Context, url string, opts Options) (*Store, error) {
	address, err := ParseURL(url)
	if err != nil {
		return nil, err
	}
	if opts.Log != nil {
		redis.SetLogger(logger{opts.Log})
	}
	secure, err := address.tlsConfig()
	if err != nil {
		return nil, failed(err, "open %s", &address)
	}
	s := &Store{
		client: connect(address, secure, opts), address: address, scripts: newScripts(opts.Changes),
		replicas: opts.Replicas, replicaWait: replicaWait, leave: cmp.Or(opts.leave, Leave), knows: cmp.Or(opts.knows, version{layoutMajor, layoutMinor}),
		marks: map[string]*mark{}, sources: map[string]bool{}, lines: map[string]*line{}, guesses: map[string]guess{}, given: map[string]string{},
	}
	s.DeviceBook = paging.NewDeviceBook(s.Records(), func(r records.Record, err error) {
		s.Note(ticket.RecordOther, r.Home+" "+r.Kind+" "+r.Key, err)
	})
	s.cluster, _ = s.client.(*redis.ClusterClient)
	if s.later.Store(opts.Later); opts.Later {
		return s, nil
	}
	if err := s.meet(ctx); err != nil {
		_ = s.client.Close()
		return nil, failed(err, "open %s", &address)
	}
	return s, nil
}

// Close closes the connections. A second Close does nothing.
func (s *Store) Close() error {
	if err := s.client.Close(); err != nil && !errors.Is(err, redis.ErrClosed) {
		return failed(err, "close")
	}
	return nil
}

// meet asks the servers what Open wants to know, if Open left that for later.
func (s *Store) meet(ctx context.Context) error {
	at, errLayout := s.layout(ctx, false)
	if err := errors.Join(errLayout, s.checkServers(ctx)); err != nil {
		return err
	}
	if at.stored.before(s.knows) {
		var err error
		if at, err = s.layout(ctx, true); err != nil {
			return err
		}
	}
	if at.left > 0 {
		return &Upgrading{at.left}
	}
	later := s.later.Swap(false)
	if !at.doing {
		return nil
	}
	if err := s.upgrade(ctx, at.from); err != nil {
		s.later.Store(later)
		return err
	}
	return nil
}

// connect makes the client. The client sends nothing a second time by itself,
// with two exceptions: a Cluster says that a slot has moved, or the command is
// marked as harmless.
func connect(a Address, secure *tls.Config, opts Options) redis.UniversalClient {
	if opts.Timeout == 0 {
		opts.Timeout = 3 * time.Second
	}
	if opts.PoolSize == 0 {
		opts.PoolSize = 64
	}
	quiet := &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	switch a.Kind {
	case Single:
		return redis.NewClient(&redis.Options{
			Addr: a.Hosts[0], DB: a.DB, Username: a.User, Password: a.Password, TLSConfig: secure,
			Protocol: 2, MaxRetries: -1, DialerRetries: 1, ContextTimeoutEnabled: true,
			DialTimeout: opts.Timeout, ReadTimeout: opts.Timeout, WriteTimeout: opts.Timeout,
			PoolSize: opts.PoolSize, PipelinePoolSize: -1, DisableIdentity: true, MaintNotificationsConfig: quiet,
		})
	case Sentinel:
		return redis.NewFailoverClient(&redis.FailoverOptions{
			MasterName: a.Master, SentinelAddrs: a.Hosts, SentinelUsername: a.SentinelUser, SentinelPassword: a.SentinelPassword,
			DB: a.DB, Username: a.User, Password: a.Password, TLSConfig: secure,
			Protocol: 2, MaxRetries: -1, DialerRetries: 1, ContextTimeoutEnabled: true,
			DialTimeout: opts.Timeout, ReadTimeout: opts.Timeout, WriteTimeout: opts.Timeout,
			PoolSize: opts.PoolSize, PipelinePoolSize: -1, DisableIdentity: true,
		})
	case Cluster:
	}
	return redis.NewClusterClient(&redis.ClusterOptions{
		Addrs: a.Hosts, Username: a.User, Password: a.Password, TLSConfig: secure,
		Protocol: 2, MaxRetries: -1, DialerRetries: 1, ContextTimeoutEnabled: true,
		DialTimeout: opts.Timeout, ReadTimeout: opts.Timeout, WriteTimeout: opts.Timeout,
		PoolSize: opts.PoolSize, PipelinePoolSize: -1, DisableIdentity: true, MaintNotificationsConfig: quiet,
		DisableRoutingPolicies: true,
	})
}

// tlsConfig is nil if TLS is not wanted.
func (a *Address) tlsConfig() (*tls.Config, error) {
	if !a.TLS {
		return nil, nil //nolint:nilnil // nil is what the client expects
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if a.Kind == Single {
		if host, _, err := net.SplitHostPort(a.Hosts[0]); err == nil {
			config.ServerName = host
		}
	}
	if a.CA == "" {
		return config, nil
	}
	pem, err := os.ReadFile(a.CA)
	if err != nil {
		return nil, fmt.Errorf("ca_file: %w", err)
	}
	config.RootCAs = x509.NewCertPool()
	if !config.RootCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("ca_file: no certificate in %s", a.CA)
	}
	return config, nil
}

// logger passes the client's lines on.
type logger struct{ log func(line string) }

// Printf writes one line.
func (l logger) Printf(_ context.Context, format string, v ...any) {
	l.log(fmt.Sprintf(format, v...))
}
