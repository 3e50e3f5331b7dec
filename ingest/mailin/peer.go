package mailin

import (
	"errors"
	"io"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// peer is a connection of a mail server.
type peer struct {
	net.Conn
	s    *Server
	from netip.Addr

	mu      sync.Mutex
	until   time.Time // it may stay so long
	busy    bool      // a mail is on its way
	answers int       // without a mail that was taken
	deaf    bool      // it takes no answers: the library would not notice
	ended   bool      // it sends nothing more
	gone    bool
}

var errIdle = errors.New("it brings no mail")

// Read implements net.Conn.
func (p *peer) Read(b []byte) (int, error) {
	p.mu.Lock()
	idle, deaf := p.answers > ticket.MaxMailAnswers && !p.busy, p.deaf
	p.mu.Unlock()
	switch {
	case deaf:
		return 0, net.ErrClosed
	case idle:
		p.s.turnAway("idle", errIdle.Error(), p.from)
		return 0, errIdle
	}
	n, err := p.Conn.Read(b)
	if errors.Is(err, io.EOF) {
		p.mu.Lock()
		p.ended = true
		p.mu.Unlock()
	}
	return n, err //nolint:wrapcheck // a connection passes errors on as they are
}

// Write implements net.Conn. Each answer, or line of one, is one call.
func (p *peer) Write(b []byte) (int, error) {
	n, err := p.Conn.Write(b)
	p.mu.Lock()
	p.answers++
	p.deaf = p.deaf || err != nil
	p.mu.Unlock()
	return n, err //nolint:wrapcheck // as above
}

// SetReadDeadline implements net.Conn. No deadline is later than the end of
// the connection's time; once the server stops, only a mail that is on its way
// has one.
func (p *peer) SetReadDeadline(t time.Time) error {
	p.s.mu.Lock()
	stopping := p.s.stopping
	p.s.mu.Unlock()
	p.mu.Lock()
	defer p.mu.Unlock()
	if t.IsZero() || t.After(p.until) {
		t = p.until
	}
	if stopping && !p.busy {
		t = longAgo
	}
	return p.Conn.SetReadDeadline(t) //nolint:wrapcheck // as above
}

var longAgo = time.Unix(1, 0)

// hurry ends the connection if no mail is on its way.
func (p *peer) hurry() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.busy {
		_ = p.Conn.SetReadDeadline(longAgo)
	}
}

// begin says that a mail is on its way, until the function that it returns is
// called.
func (p *peer) begin() (end func(taken bool)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.busy = true
	return func(taken bool) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.busy = false
		if taken {
			p.answers = 0
		}
	}
}

// cutOff reports whether the peer closed its side.
func (p *peer) cutOff() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ended
}

// Close implements net.Conn.
func (p *peer) Close() error {
	p.mu.Lock()
	first := !p.gone
	p.gone = true
	p.mu.Unlock()
	if first {
		p.s.mu.Lock()
		delete(p.s.peers, p)
		if p.s.by[p.from]--; p.s.by[p.from] <= 0 {
			delete(p.s.by, p.from)
		}
		p.s.mu.Unlock()
	}
	return p.Conn.Close() //nolint:wrapcheck // as above
}
