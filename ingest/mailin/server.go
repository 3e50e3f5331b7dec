package mailin

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log"
	"net"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"github.com/astreinte/astreinte/ingest"
	"github.com/astreinte/astreinte/internal/ticket"
)

const (
	// hello is our name in the greeting: not the machine's, which may be that of
	// the mail server beside us.
	hello = "astreinte"
	// mostWait is how long a peer may take for one command, or for a whole mail.
	mostWait = 5 * time.Minute
	// mostStay is how long a connection may last.
	mostStay = 15 * time.Minute
	// mostStall is how long a peer may take to read an answer.
	mostStall = 30 * time.Second
	// mostWork is how long a mail may take from its last byte to its answer.
	mostWork = 30 * time.Second
)

// House is who takes the mails: the handler of package ingest.
type House interface {
	// TakesMail reports whether a source of that name sends mails.
	TakesMail(source string) bool
	// MailRoom begins to take memory for a mail of a source.
	MailRoom(source string) *ingest.MailRoom
	// Deliver takes a mail that a mail server at from brings.
	Deliver(ctx context.Context, source, from string, mail []byte) ingest.Delivered
	// NoMail counts a mail that did not come to be delivered.
	NoMail(source, from string, code int, reason string)
}

// Settings are what a reload may change.
type Settings struct {
	MaxSize int64             // bytes of a mail
	Relays  []netip.Prefix    // the mail servers that are heard
	To      map[string]string // source by address, in small letters
	// From are the senders that an address takes, as the configuration has them; an
	// address that is missing takes all.
	From map[string][]string
}

// Options are a Server's parts; House is required.
type Options struct {
	House    House
	Settings Settings
	TLS      *tls.Config // nil: no STARTTLS
	Log      *zap.Logger
	// Peers is where trouble with connections is logged.
	Peers *log.Logger
	// Minutely writes at most one line a minute for each kind of trouble.
	Minutely   func(kind string, line func(times int))
	Registerer prometheus.Registerer
}

// Server takes mails.
type Server struct {
	o        Options
	settings atomic.Pointer[Settings]
	smtp     *smtp.Server
	turn     chan struct{} // mails that are read and delivered at once
	refused  *prometheus.CounterVec
	returned prometheus.Counter
	standing standing
	mails    sync.WaitGroup

	mu       sync.Mutex
	peers    map[*peer]struct{}
	by       map[netip.Addr]int
	stopping bool
	listens  net.Listener // nil: it does not yet
}

var _ prometheus.Collector = (*Server)(nil)

// New makes a Server.
func New(o Options) *Server {
	s := &Server{
		o: o, turn: make(chan struct{}, runtime.GOMAXPROCS(0)), peers: map[*peer]struct{}{}, by: map[netip.Addr]int{},
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "astreinte_mail_in_refused_total", Help: "What mail servers were refused: connections, receivers and mails, by the reason.",
		}, []string{"reason"}),
		returned: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "astreinte_mail_in_returned_total", Help: "Mails of our own that came back, and answers to them: they open nothing.",
		}),
	}
	if s.o.Log == nil {
		s.o.Log = zap.NewNop()
	}
	if s.o.Minutely == nil {
		s.o.Minutely = func(_ string, line func(int)) { line(1) }
	}
	s.smtp = smtp.NewServer(smtp.BackendFunc(s.session))
	s.smtp.Domain, s.smtp.TLSConfig, s.smtp.EnableSMTPUTF8 = hello, o.TLS, true
	s.smtp.MaxRecipients, s.smtp.MaxLineLength = ticket.MaxMailTo, ticket.MaxMailLine
	s.smtp.ReadTimeout, s.smtp.WriteTimeout = mostWait, mostStall
	if o.Peers != nil {
		s.smtp.ErrorLog = o.Peers
	}
	s.SetSettings(o.Settings)
	if o.Registerer != nil {
		o.Registerer.MustRegister(s)
	}
	return s
}

var connectionsDesc = prometheus.NewDesc("astreinte_mail_in_connections", "Connections of mail servers that bring mails.", nil, nil)

// Describe lists what Collect tells.
func (s *Server) Describe(out chan<- *prometheus.Desc) {
	out <- connectionsDesc
	s.refused.Describe(out)
	s.returned.Describe(out)
}

// Collect tells it.
func (s *Server) Collect(out chan<- prometheus.Metric) {
	s.mu.Lock()
	n := len(s.peers)
	s.mu.Unlock()
	out <- prometheus.MustNewConstMetric(connectionsDesc, prometheus.GaugeValue, float64(n))
	s.refused.Collect(out)
	s.returned.Collect(out)
}

// SetSettings puts other settings in force.
func (s *Server) SetSettings(to Settings) { s.settings.Store(&to) }

// Serve takes mails from a listener until Shutdown, which may come first.
func (s *Server) Serve(l net.Listener) error {
	door := &listener{Listener: l, s: s}
	s.mu.Lock()
	s.listens = door
	stopping := s.stopping
	s.mu.Unlock()
	if stopping {
		return door.Close()
	}
	s.standing.change(func(now *Status) { now.Listening = true })
	defer s.standing.change(func(now *Status) { now.Listening = false })
	if err := s.smtp.Serve(door); err != nil && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("mailin: serve: %w", err)
	}
	return nil
}

// Shutdown ends all connections: at once where no mail is on its way, and else
// after its answer. When ctx ends it waits for nobody any more: those mail
// servers have had no answer and send again.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	s.stopping = true
	if s.listens != nil { // s.smtp may not know of it yet
		_ = s.listens.Close()
	}
	for p := range s.peers {
		p.hurry()
	}
	s.mu.Unlock()
	err := s.smtp.Shutdown(ctx)
	s.mu.Lock()
	for p := range s.peers {
		_ = p.Conn.Close()
	}
	s.mu.Unlock()
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.mails.Wait() // whose connection is closed ends at once; the others are bounded by mostWork
	}()
	select {
	case <-done:
	case <-ctx.Done():
	}
	if err != nil && !errors.Is(err, net.ErrClosed) && !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("mailin: shut down: %w", err)
	}
	return nil
}

// turnAway counts and logs a refusal.
func (s *Server) turnAway(reason, detail string, from netip.Addr) {
	s.refused.WithLabelValues(reason).Inc()
	s.standing.change(func(now *Status) { now.Refused++ })
	said := ticket.Logged(detail)
	s.o.Minutely("mail in "+reason, func(times int) {
		s.o.Log.Warn("a mail server was refused", zap.String("reason", reason), zap.String("detail", said),
			zap.Stringer("from", from), zap.Int("times", times))
	})
}

// listener lets in those who may bring mails.
type listener struct {
	net.Listener
	s     *Server
	close sync.Once
}

// Close implements net.Listener. Again is no error.
func (l *listener) Close() (err error) {
	l.close.Do(func() { err = l.Listener.Close() })
	return err //nolint:wrapcheck // a listener passes errors on as they are
}

// Accept implements net.Listener.
func (l *listener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err //nolint:wrapcheck // a listener passes errors on as they are
		}
		if p := l.s.admit(c); p != nil {
			return p, nil
		}
	}
}

// admit lets a connection in, or tells it why not.
func (s *Server) admit(c net.Conn) *peer {
	var from netip.Addr
	if at, err := netip.ParseAddrPort(c.RemoteAddr().String()); err == nil {
		from = at.Addr().Unmap()
	}
	if !slices.ContainsFunc(s.settings.Load().Relays, func(n netip.Prefix) bool { return n.Contains(from) }) {
		s.turnAway("relay", "its address is not in mail_in.from_relays", from)
		dismiss(c, "554 5.7.1 mails are not taken from this address")
		return nil
	}
	s.mu.Lock()
	full := s.stopping || len(s.peers) >= ticket.MaxMailPeers || s.by[from] >= ticket.MaxMailPeers/2
	var p *peer
	if !full {
		p = &peer{Conn: c, s: s, from: from, until: time.Now().Add(mostStay)}
		s.peers[p] = struct{}{}
		s.by[from]++
	}
	s.mu.Unlock()
	if full {
		s.turnAway("connections", "it has too many connections, or all have", from)
		dismiss(c, "421 4.7.0 too many connections: try again later")
	}
	return p
}

// dismiss answers in place of the greeting.
func dismiss(c net.Conn, answer string) {
	_ = c.SetWriteDeadline(time.Now().Add(time.Second))
	_, _ = c.Write([]byte(answer + "\r\n")) // if it is gone, nothing can be done
	_ = c.Close()
}

// sourceOf is the source of an address; empty: there is none.
func (s *Settings) sourceOf(address string) string { return s.To[strings.ToLower(address)] }

// hears says whether an address takes the mails of a sender, the one of the envelope:
// mail servers hold it against the sender's domain (SPF), and any mail can write
// anything into its field From.
func (s *Settings) hears(address, sender string) bool {
	all, ok := s.From[strings.ToLower(address)]
	sender = strings.ToLower(sender)
	return !ok || slices.ContainsFunc(all, func(one string) bool {
		return sender == one || strings.HasPrefix(one, "@") && strings.HasSuffix(sender, one)
	})
}
