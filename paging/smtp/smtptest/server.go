// Package smtptest is a mail server for tests: a real one, with STARTTLS and
// passwords, on a port of its own, which breaks where it is told to.
package smtptest

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// What the server wants of whoever signs in.
const (
	User     = "pager"
	Password = "correct horse"
)

// Place is where in the dialogue something happens.
type Place int

// The places, in their order.
const (
	Greeting Place = iota
	Auth
	From
	To
	Text // DATA was said
	End  // the text has ended: it was read whole
)

// Fault is what the server does at a place instead of its work: it answers with a code,
// it hangs (Code 0), or it closes the connection.
type Fault struct {
	At    Place
	Code  int
	Close bool
}

// Mail is what the server has taken.
type Mail struct {
	From, To string
	Text     string // with its headers
	TLS      bool
	User     string // who signed in; empty: nobody
}

// Options are how the server is. Its zero value has STARTTLS and wants a password.
type Options struct {
	Implicit bool // TLS from the first byte
	Plain    bool // no TLS at all
	Open     bool // it wants no password
	Piped    bool // it has no port, and is reached by Dial alone: for a bubble of testing/synctest
}

// Server is one mail server.
type Server struct {
	options Options
	Address string
	Roots   *x509.CertPool
	PEM     []byte // its certificate

	mu      sync.Mutex
	fault   *Fault
	mails   []Mail
	tries   int
	came    chan struct{}
	over    chan struct{}
	waiting []net.Conn
	pipes   *pipes
}

// New starts a server that ends with its test.
func New(t testing.TB, o Options) *Server {
	t.Helper()
	s := &Server{options: o, came: make(chan struct{}, 1000), over: make(chan struct{})}
	listener := s.listen(t)
	certificate := s.certificate(t)
	server := smtp.NewServer(s)
	server.Domain, server.AllowInsecureAuth, server.ErrorLog = "127.0.0.1", o.Plain, log.New(io.Discard, "", 0)
	security := &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	var inner net.Listener = &gate{listener, s}
	switch {
	case o.Implicit:
		inner = tls.NewListener(inner, security)
	case !o.Plain:
		server.TLSConfig = security
	}
	var running sync.WaitGroup
	running.Go(func() { _ = server.Serve(inner) })
	t.Cleanup(func() {
		close(s.over)
		_ = server.Close()
		_ = listener.Close() // the server may not have begun to serve it
		s.mu.Lock()
		for _, c := range s.waiting {
			_ = c.Close()
		}
		s.mu.Unlock()
		running.Wait()
	})
	return s
}

func (s *Server) listen(t testing.TB) net.Listener {
	t.Helper()
	if s.options.Piped {
		s.Address, s.pipes = "127.0.0.1:25", &pipes{made: make(chan net.Conn), over: s.over}
		return s.pipes
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.Address = listener.Addr().String()
	return listener
}

// Dial connects to a server that is piped.
func (s *Server) Dial(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case s.pipes.made <- theirs:
		return ours, nil
	case <-s.over:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// pipes is a listener without a port.
type pipes struct {
	made chan net.Conn
	over chan struct{}
}

// Accept implements net.Listener.
func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.made:
		return conn, nil
	case <-p.over:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener. It ends with its server.
func (*pipes) Close() error { return nil }

// Addr implements net.Listener.
func (*pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 25} }

func (s *Server) certificate(t testing.TB) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "a mail server of a test"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	s.PEM = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	s.Roots = x509.NewCertPool()
	s.Roots.AppendCertsFromPEM(s.PEM)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// Break has the server do something wrong from now on; nil: nothing.
func (s *Server) Break(f *Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = f
}

// Mails are those that it has taken.
func (s *Server) Mails() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Mail(nil), s.mails...)
}

// Tries is how many connections were made.
func (s *Server) Tries() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tries
}

// Wait waits until the server has taken so many mails, and returns them.
func (s *Server) Wait(t testing.TB, n int) []Mail {
	t.Helper()
	patience := time.NewTimer(30 * time.Second)
	defer patience.Stop()
	for len(s.Mails()) < n {
		select {
		case <-s.came:
		case <-patience.C:
			t.Fatalf("%d mails came, want %d", len(s.Mails()), n)
		}
	}
	return s.Mails()
}

// at does what is wrong at a place: it returns false if nothing is.
func (s *Server) at(p Place, conn net.Conn) (wrong bool, err error) {
	s.mu.Lock()
	f := s.fault
	s.mu.Unlock()
	switch {
	case f == nil || f.At != p:
		return false, nil
	case f.Close:
		_ = conn.Close()
		return true, errors.New("closed")
	case f.Code == 0:
		<-s.over
		return true, errors.New("over")
	}
	return true, &smtp.SMTPError{Code: f.Code, EnhancedCode: smtp.EnhancedCode{f.Code / 100, 0, 0}, Message: "as the test says"}
}

// gate lets connections in, or not.
type gate struct {
	net.Listener
	s *Server
}

// Accept implements net.Listener.
func (g *gate) Accept() (net.Conn, error) {
	for {
		conn, err := g.Listener.Accept()
		if err != nil {
			return nil, err
		}
		g.s.mu.Lock()
		g.s.tries++
		f := g.s.fault
		wrong := f != nil && f.At == Greeting
		if wrong {
			g.s.waiting = append(g.s.waiting, conn)
		}
		g.s.mu.Unlock()
		switch {
		case !wrong:
			return conn, nil
		case f.Close:
			_ = conn.Close()
		case f.Code > 0:
			_, _ = conn.Write([]byte(strconv.Itoa(f.Code) + " as the test says\r\n"))
		}
	}
}

// NewSession implements smtp.Backend.
func (s *Server) NewSession(c *smtp.Conn) (smtp.Session, error) { return &session{s: s, c: c}, nil }

type session struct {
	s    *Server
	c    *smtp.Conn
	mail Mail
}

// AuthMechanisms implements smtp.AuthSession.
func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

// Auth implements smtp.AuthSession.
func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if wrong, err := s.s.at(Auth, s.c.Conn()); wrong {
			return err
		}
		if user != User || password != Password {
			return smtp.ErrAuthFailed
		}
		s.mail.User = user
		return nil
	}), nil
}

// Mail implements smtp.Session.
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if wrong, err := s.s.at(From, s.c.Conn()); wrong {
		return err
	}
	if s.mail.User == "" && !s.s.options.Open {
		return smtp.ErrAuthRequired
	}
	s.mail.From = from
	return nil
}

// Rcpt implements smtp.Session.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	_, err := s.s.at(To, s.c.Conn())
	s.mail.To = to
	return err
}

// Data implements smtp.Session.
func (s *session) Data(r io.Reader) error {
	if wrong, err := s.s.at(Text, s.c.Conn()); wrong {
		return err
	}
	text, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	_, s.mail.TLS = s.c.TLSConnectionState()
	s.mail.Text = string(text)
	s.s.mu.Lock()
	f := s.s.fault
	if f == nil || f.At != End || f.Code == 0 { // closed or hanging, it has the mail all the same
		s.s.mails = append(s.s.mails, s.mail)
		s.s.came <- struct{}{}
	}
	s.s.mu.Unlock()
	_, err = s.s.at(End, s.c.Conn())
	return err
}

// Reset implements smtp.Session.
func (s *session) Reset() {}

// Logout implements smtp.Session.
func (s *session) Logout() error { return nil }
