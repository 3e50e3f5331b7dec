package mailin

import (
	"context"
	"net"
	"net/textproto"
	"testing"
	"testing/synctest"
	"time"

	"github.com/astreinte/astreinte/ingest"
)

// pipes is a listener in a bubble.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
}

type piped struct{ net.Conn }

// RemoteAddr is that of a mail server that is heard.
func (piped) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 25} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return piped{c}, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { close(p.closed); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

// TestASlowPeer is not waited for: neither between two commands, nor within a
// mail of which a byte comes now and then, nor for ever.
func TestASlowPeer(t *testing.T) {
	for name, row := range map[string]struct {
		does func(c *textproto.Conn)
		most time.Duration
	}{
		"it says nothing": {func(*textproto.Conn) {}, mostWait},
		"it says NOOP": {func(c *textproto.Conn) {
			for c.PrintfLine("NOOP") == nil {
				if _, _, err := c.ReadResponse(250); err != nil {
					return
				}
				time.Sleep(4 * time.Minute)
			}
		}, mostStay},
		"a byte a second": {func(c *textproto.Conn) {
			for _, line := range []string{"EHLO relay", "MAIL FROM:<a@example.net>", "RCPT TO:<" + to + ">", "DATA"} {
				if c.PrintfLine("%s", line) != nil {
					return
				}
				_, _, _ = c.ReadResponse(0) // as the other tests see
			}
			for {
				if c.W.WriteByte('x') != nil || c.W.Flush() != nil {
					return
				}
				time.Sleep(time.Second)
			}
		}, mostWait},
		"it does not read": {func(c *textproto.Conn) {
			for c.PrintfLine("NOOP") == nil {
				continue
			}
		}, mostWait},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				kept := &store{}
				h := ingest.New(ingest.Options{Taker: kept, Sources: []ingest.Source{{Name: "nagios", Type: ingest.TypeMail}}})
				s := New(Options{House: h, Settings: Settings{MaxSize: 1 << 20, Relays: relays, To: map[string]string{to: "nagios"}}, Peers: quiet})
				l := &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
				served := make(chan error, 1)
				go func() { served <- s.Serve(l) }()
				ours, theirs := net.Pipe()
				began := time.Now()
				l.conns <- theirs
				c := textproto.NewConn(ours)
				if _, _, err := c.ReadResponse(220); err != nil {
					t.Fatal(err)
				}
				done := make(chan struct{})
				go func() { defer close(done); row.does(c) }()
				for gone := false; !gone; {
					time.Sleep(time.Second)
					s.mu.Lock()
					gone = len(s.peers) == 0
					s.mu.Unlock()
					if time.Since(began) > time.Hour {
						t.Fatal("it is still there after an hour")
					}
				}
				if took := time.Since(began); took > row.most+mostStall+2*time.Second {
					t.Errorf("it was there for %s", took)
				}
				_ = ours.Close()
				<-done
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				if err := s.Shutdown(ctx); err != nil {
					t.Error(err)
				}
				if err := <-served; err != nil {
					t.Error(err)
				}
				if kept.asked > 0 {
					t.Error("a part of a mail was taken")
				}
			})
		})
	}
}
