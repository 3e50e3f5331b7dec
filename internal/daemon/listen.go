package daemon

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"github.com/astreinte/astreinte/config"
	"github.com/astreinte/astreinte/internal/doorway"
	"github.com/astreinte/astreinte/internal/ticket"
)

const farewell = 3 * time.Second // for requests under way when the daemon stops

// entrance is one address at which the daemon answers.
type entrance struct {
	name     string // public or private
	gate     *doorway.Gate
	listener net.Listener
	handler  http.Handler
	secure   bool // it speaks TLS
}

// Start opens the configured addresses and answers there.
func (d *Daemon) Start(ctx context.Context) error {
	entrances, err := d.open(ctx)
	if err != nil {
		return err
	}
	mails, err := d.openMail(ctx)
	if err != nil {
		for _, e := range entrances {
			_ = e.listener.Close()
		}
		return err
	}
	for _, e := range entrances {
		d.serve(e)
	}
	if mails != nil {
		d.takeMails(mails)
	}
	d.beside(ctx, "public url", d.checkPublicURL)
	return nil
}

// open opens all addresses, or none.
func (d *Daemon) open(ctx context.Context) ([]*entrance, error) {
	server := &d.config.Server
	if err := d.openCertificate(server.TLS); err != nil {
		return nil, err
	}
	public := &entrance{name: "public", listener: d.opts.Listener, handler: d.handler, secure: server.TLS != nil}
	if public.listener == nil {
		var err error
		if public.listener, err = listenAt(ctx, server.Listen); err != nil {
			return nil, err
		}
	}
	entrances := []*entrance{public}
	if server.PrivateListen != "" {
		listener, err := listenAt(ctx, server.PrivateListen)
		if err != nil {
			_ = public.listener.Close()
			return nil, err
		}
		public.handler = d.publicOnly(d.handler)
		private := &entrance{name: "private", listener: listener, handler: d.handler, secure: server.TLS != nil && !isLoopback(listener.Addr())}
		entrances = append(entrances, private)
	}
	for _, e := range entrances {
		e.gate = doorway.NewGate(1)
		e.gate.Proxy = func(a netip.Addr) bool { return isTrusted(d.trusted(), a) }
		e.gate.Dropped = d.metrics.dropped.WithLabelValues(e.name).Inc
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.entrances = entrances
	d.share(server)
	return entrances, nil
}

func listenAt(ctx context.Context, address string) (net.Listener, error) {
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("daemon: listen on %s: %w", address, err)
	}
	return listener, nil
}

func isLoopback(a net.Addr) bool {
	at, err := netip.ParseAddrPort(a.String())
	return err == nil && at.Addr().IsLoopback()
}

// openCertificate reads the files that server.tls names.
func (d *Daemon) openCertificate(files *config.TLS) error {
	if files == nil {
		return nil
	}
	certificate, err := doorway.OpenCertificate(files.Certificate, files.Key, d.log)
	if err != nil {
		return fmt.Errorf("daemon: server.tls: %w", err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.certificate = certificate
	return nil
}

// share gives each entrance its part of the connections. Whoever fills the
// public entrance takes none from the private one.
func (d *Daemon) share(server *config.Server) {
	mails := 0
	if d.config.MailIn != nil {
		mails = ticket.MaxMailPeers
	}
	most, enough := doorway.Room(mails)
	if !enough {
		d.log.Warn("there are too few file descriptors (RLIMIT_NOFILE) for connections, store and providers together", zap.Int("connections", most))
	}
	if wanted := server.MaxConnections; wanted > most {
		d.log.Warn("server.max_connections is more than is possible here: it is not reached",
			zap.Int("max_connections", wanted), zap.Int("connections", most))
	} else if wanted > 0 {
		most = wanted
	}
	for _, e := range d.entrances[1:] {
		e.gate.SetMost(most / 4)
		most -= most / 4
	}
	if len(d.entrances) > 0 {
		d.entrances[0].gate.SetMost(most)
		d.events.SetMost(most / 2)
	}
}

// serve answers at an entrance until the daemon stops.
func (d *Daemon) serve(e *entrance) {
	server := doorway.NewServer(e.handler, doorway.Usual(), newServerLog(d.log.Named("http"), d.turned))
	serve := server.Serve
	if e.secure {
		server.TLSConfig = d.certificate.Config()
		serve = func(l net.Listener) error { return server.ServeTLS(l, "", "") }
	}
	server.RegisterOnShutdown(d.events.Close) // streams end at once, so that nobody waits for them
	listener := e.gate.Listener(e.listener)
	served := make(chan struct{})
	go func() {
		defer close(served)
		if err := serve(listener); !errors.Is(err, http.ErrServerClosed) {
			d.fail(fmt.Errorf("daemon: serve on %s: %w", listener.Addr(), err))
		}
	}()
	d.later("http "+e.name, func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, farewell)
		defer cancel()
		if err := server.Shutdown(ctx); err != nil {
			_ = server.Close() // these requests do not end: their senders try again
		}
		<-served
		return nil
	})
	d.log.Info("listening", zap.Stringer("address", listener.Addr()), zap.String("for", e.name), zap.Bool("tls", e.secure),
		zap.String("version", d.opts.Version))
}

// fail tells whoever runs the daemon why it ends. Only the first reason
// counts.
func (d *Daemon) fail(err error) {
	select {
	case d.failed <- err:
	default:
	}
}

// Addr is the address at which the daemon listens, once started.
func (d *Daemon) Addr() string { return d.addr(0) }

// PrivateAddr is the address for what is not for the internet, once started.
// It is empty if there is only one address.
func (d *Daemon) PrivateAddr() string { return d.addr(1) }

func (d *Daemon) addr(i int) string {
	if i >= len(d.entrances) {
		return ""
	}
	return d.entrances[i].listener.Addr().String()
}

// doors counts at each scrape who is connected.
type doors struct {
	daemon               *Daemon
	connections, expires *prometheus.Desc
}

func newDoors(d *Daemon) *doors {
	return &doors{
		daemon:      d,
		connections: prometheus.NewDesc("astreinte_connections", "Connections that are open, by the address that they came to.", []string{"listener"}, nil),
		expires:     prometheus.NewDesc("astreinte_tls_certificate_expires_seconds", "When the certificate of server.tls ends, as a Unix time.", nil, nil),
	}
}

// Describe lists what Collect tells.
func (m *doors) Describe(out chan<- *prometheus.Desc) {
	out <- m.connections
	out <- m.expires
}

// Collect tells it.
func (m *doors) Collect(out chan<- prometheus.Metric) {
	m.daemon.mu.Lock()
	entrances, certificate := m.daemon.entrances, m.daemon.certificate
	m.daemon.mu.Unlock()
	for _, e := range entrances {
		out <- prometheus.MustNewConstMetric(m.connections, prometheus.GaugeValue, float64(e.gate.Len()), e.name)
	}
	if certificate != nil {
		out <- prometheus.MustNewConstMetric(m.expires, prometheus.GaugeValue, float64(certificate.Expires().Unix()))
	}
}
