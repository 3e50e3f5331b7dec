package demo

import (
	"bytes"
	"context"
	"crypto/rand"
	_ "embed"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"text/template"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/config"
	"github.com/astreinte/astreinte/internal/daemon"
	"github.com/astreinte/astreinte/internal/store/boltstore"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging/phonetest"
)

//go:embed sample.yml
var sample string

// Options of a demo. The zero value runs in a temporary folder, at real speed,
// on a port of 127.0.0.1.
type Options struct {
	DataDir  string // empty: a temporary folder, removed at the end
	Listen   string // empty: 127.0.0.1:8080, or any port if that is taken
	Speed    float64
	Language string // of the company: en, fr or it; empty: fr
	// Start is what the demo's clock shows at first; zero: the time of day.
	Start   time.Time
	Log     *zap.Logger
	Version string
}

// Demo is one that runs.
type Demo struct {
	clock    *Clock
	world    *phonetest.World
	store    *boltstore.Store
	daemon   *daemon.Daemon
	url      string
	token    string       // a monitoring tool's
	sender   *http.Client // its way in, and the phones'
	phones   []*phonetest.Phone
	broken   faults
	replies  replies
	apiToken string
	tidy     []func()
	ends     chan struct{} // closed by Stop: streams end
}

// preferred is the port that people remember.
const preferred = "127.0.0.1:8080"

// Start runs a demo; it is ready when Start returns. Stop ends it.
func Start(ctx context.Context, o Options) (*Demo, error) {
	d := &Demo{ends: make(chan struct{})}
	if err := d.start(ctx, o); err != nil {
		return nil, errors.Join(err, d.Stop(ctx))
	}
	return d, nil
}

func (d *Demo) start(ctx context.Context, o Options) error {
	dir, err := d.folder(o.DataDir)
	if err != nil {
		return err
	}
	listener, err := listen(ctx, o.Listen)
	if err != nil {
		return err
	}
	d.tidy = append(d.tidy, func() { _ = listener.Close() })
	d.url = "http://" + listener.Addr().String()
	if o.Start.IsZero() {
		o.Start = time.Now()
	}
	d.clock = NewClock(o.Start, o.Speed)
	d.store, err = boltstore.Open(filepath.Join(dir, "astreinte.db"), boltstore.Options{Now: d.clock.Now})
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	if err := d.resume(ctx); err != nil {
		return errors.Join(err, d.store.Close())
	}
	d.sender = &http.Client{Transport: phonetest.Transport(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.daemon.Handler().ServeHTTP(w, r)
	}))}
	d.world = phonetest.New(phonetest.Options{
		Number: "+33644601234", PublicURL: d.url, Now: d.clock.Now, After: realAfter, Delay: 400 * time.Millisecond, GiveUp: time.Minute, Client: d.sender,
	})
	d.tidy = append(d.tidy, d.world.Close)
	c, err := d.configure(dir, listener.Addr().String(), o.Language)
	if err != nil {
		return errors.Join(err, d.store.Close())
	}
	for _, p := range c.Rules.Directory.People() {
		d.phones = append(d.phones, d.world.Phone(p.Key, p.Phones[0]))
	}
	d.daemon, err = daemon.New(ctx, daemon.Options{
		Config: c, Log: o.Log, Version: o.Version, Store: d.store, Clock: d.clock, Speed: d.clock.Speed, Lease: lease,
		Transport: outward{d.world.RoundTripper(), http.DefaultTransport}, Pages: d.pages(), Open: true, Listener: listener,
	})
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	for _, phone := range d.phones {
		if err := d.register(ctx, phone, c.Rules.Language); err != nil {
			return err
		}
	}
	return d.daemon.Start(ctx)
}

// lease is on the demo's clock: longer than any provider takes at its fastest.
const lease = 2 * time.Hour

// realAfter keeps the stand-ins' small delays visible at any speed.
func realAfter(d time.Duration) <-chan time.Time { return time.NewTimer(d).C }

// URL is where the page is.
func (d *Demo) URL() string { return d.url }

// Failed delivers the error that ended the server, if one does.
func (d *Demo) Failed() <-chan error { return d.daemon.Failed() }

// Curl is a command that raises an alert, to be pasted into a shell.
func (d *Demo) Curl() string {
	return fmt.Sprintf(`curl -H 'Authorization: Bearer %s' -d '{"status":"firing","alerts":[{"labels":{"alertname":"HostDown","instance":"srv-db-01","customer":"acme","site":"Givrand","severity":"critical"}}]}' %s/ingest/prometheus`, d.token, d.url)
}

// Stop ends everything.
func (d *Demo) Stop(ctx context.Context) error {
	var err error
	select {
	case <-d.ends:
	default:
		close(d.ends)
	}
	if d.daemon != nil {
		err = d.daemon.Stop(ctx)
	}
	for i := len(d.tidy) - 1; i >= 0; i-- {
		d.tidy[i]()
	}
	d.tidy = nil
	return err
}

func (d *Demo) folder(dir string) (string, error) {
	if dir != "" {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return "", fmt.Errorf("demo: %w", err)
		}
		return dir, nil
	}
	dir, err := os.MkdirTemp("", "astreinte-demo-")
	if err != nil {
		return "", fmt.Errorf("demo: %w", err)
	}
	d.tidy = append(d.tidy, func() { _ = os.RemoveAll(dir) })
	return dir, nil
}

func listen(ctx context.Context, address string) (net.Listener, error) {
	var lc net.ListenConfig
	if address == "" {
		if l, err := lc.Listen(ctx, "tcp", preferred); err == nil {
			return l, nil
		}
		address = "127.0.0.1:0"
	}
	l, err := lc.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("demo: listen on %s: %w", address, err)
	}
	return l, nil
}

// resume puts the clock on the last thing that happened in a demo that ran
// before, whose time had run ahead.
func (d *Demo) resume(ctx context.Context) error {
	last, _, err := d.store.Tickets(ctx, ticket.Query{Scope: ticket.Everything(), Limit: 100})
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	for i := range last {
		d.clock.Reach(last[i].UpdatedAt)
	}
	return nil
}

// configure fills in the sample.
func (d *Demo) configure(dir, address, language string) (*config.Config, error) {
	d.token, d.apiToken = "demo-token", rand.Text()
	if language == "" {
		language = "fr"
	}
	tmpl, err := template.New("sample").Parse(sample)
	if err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	var text bytes.Buffer
	err = tmpl.Execute(&text, map[string]string{
		"Listen": address, "PublicURL": d.url, "Language": language, "Token": d.token,
		"AccountSID": d.world.AccountSID(), "AuthToken": d.world.AuthToken(), "Number": d.world.Number(),
		"PushOrigin": d.world.PushOrigin(), "APIToken": d.apiToken,
	})
	if err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	c, report := config.Parse("demo.yml", text.Bytes(), dir, config.Options{})
	if c == nil {
		return nil, fmt.Errorf("demo: the sample configuration is refused: %v", report.Errors)
	}
	return c, nil
}
