package doorway

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	// welcome is how long a connection that was just made, or has just been
	// answered, is left in peace: its request may be on its way.
	welcome = 500 * time.Millisecond
	// hurry is the same for who has more than a quarter of all connections, if
	// one more of his own comes. One of somebody else takes his place at once.
	hurry = 100 * time.Millisecond
	// patience is how long a request may wait for its peer before a full gate
	// may give its place to somebody else.
	patience = time.Second
	// lookAgain is how often a full gate looks whether somebody's patience has
	// run out.
	lookAgain = 25 * time.Millisecond
	// buffered is what the system may hold of a connection in each direction, in
	// bytes (Linux doubles it). Left alone it is megabytes for who never reads.
	buffered = 64 << 10
)

// Gate bounds the connections of a listener. It is safe for concurrent use.
type Gate struct {
	// Proxy says whose connections stand for many people's: each of them counts
	// as an address of its own. Nil: nobody's.
	Proxy func(netip.Addr) bool
	// Dropped is told of each connection that gave way. Nil: nobody is.
	Dropped func()

	mu    sync.Mutex
	most  int
	conns map[*conn]struct{}
	by    map[netip.Addr]int
	freed chan struct{}
}

// NewGate lets at most so many connections in.
func NewGate(most int) *Gate {
	return &Gate{most: max(most, 1), conns: map[*conn]struct{}{}, by: map[netip.Addr]int{}, freed: make(chan struct{}, 1)}
}

// SetMost puts another bound in force. Those who are there stay until somebody
// else comes.
func (g *Gate) SetMost(most int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.most = max(most, 1)
}

// Len is how many connections there are.
func (g *Gate) Len() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.conns)
}

// Listener is l behind the gate. One that is full accepts a connection and
// keeps it waiting, if nobody can be sent away for it.
func (g *Gate) Listener(l net.Listener) net.Listener {
	return &listener{Listener: l, gate: g, closed: make(chan struct{})}
}

type listener struct {
	net.Listener
	gate   *Gate
	once   sync.Once
	closed chan struct{}
}

// Accept implements net.Listener.
func (l *listener) Accept() (net.Conn, error) {
	for {
		accepted, err := l.Listener.Accept()
		if outOfDescriptors(err) && l.gate.sendAway(time.Now(), nil) {
			continue
		}
		if err != nil {
			return nil, err
		}
		c := l.gate.newConn(accepted)
		if !l.gate.admit(c, l.closed) {
			_ = accepted.Close()
			return nil, net.ErrClosed
		}
		return c, nil
	}
}

// Close implements net.Listener.
func (l *listener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.Listener.Close()
}

func outOfDescriptors(err error) bool {
	return errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE)
}

// admit lets c in once there is room. False: the listener was closed first.
func (g *Gate) admit(c *conn, closed <-chan struct{}) bool {
	for {
		if g.enter(c) {
			return true
		}
		if g.sendAway(time.Now(), c) {
			continue
		}
		again := time.NewTimer(lookAgain)
		select {
		case <-g.freed:
		case <-again.C:
		case <-closed:
			again.Stop()
			return false
		}
		again.Stop()
	}
}

func (g *Gate) enter(c *conn) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.conns) >= g.most {
		return false
	}
	g.conns[c] = struct{}{}
	g.by[c.from]++
	return true
}

func (g *Gate) leave(c *conn) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if _, in := g.conns[c]; !in {
		return
	}
	delete(g.conns, c)
	if g.by[c.from]--; g.by[c.from] <= 0 {
		delete(g.by, c.from)
	}
	select {
	case g.freed <- struct{}{}:
	default:
	}
}

// sendAway closes the connection that is to give way to a new one, if there
// is one.
func (g *Gate) sendAway(now time.Time, newcomer *conn) bool {
	c := g.last(now, newcomer)
	if c == nil {
		return false
	}
	_ = c.Close()
	if g.Dropped != nil {
		g.Dropped()
	}
	return true
}

// last finds who gives way: of the address that has the most connections, the
// one that has kept us waiting longest. Whose request is being worked on stays.
func (g *Gate) last(now time.Time, newcomer *conn) *conn {
	g.mu.Lock()
	defer g.mu.Unlock()
	var last *conn
	var held int
	for c := range g.conns {
		n, unanswered, stuck := 1, welcome, patience
		if !c.proxy {
			n = g.by[c.from]
		}
		if n > g.most/4 {
			unanswered = hurry
			if newcomer == nil || newcomer.from != c.from {
				unanswered, stuck = 0, hurry
			}
		}
		if !c.waits(now, unanswered, stuck) {
			continue
		}
		if last == nil || n > held || (n == held && c.since.Load() < last.since.Load()) {
			last, held = c, n
		}
	}
	return last
}

// conn is a connection that was let in.
type conn struct {
	net.Conn
	gate  *Gate
	from  netip.Addr // whose share it takes
	proxy bool

	idle    atomic.Bool  // it has no request: all of its answers were sent
	since   atomic.Int64 // Unix nanoseconds: when its request, or our waiting for its peer, began
	serving atomic.Int32 // its requests that are being answered
	stuck   atomic.Int32 // those of them that wait for the peer
}

func (g *Gate) newConn(accepted net.Conn) *conn {
	c := &conn{Conn: accepted, gate: g}
	if t, ok := accepted.(*net.TCPConn); ok {
		_ = t.SetReadBuffer(buffered) // if it cannot be set the system's own is in force
		_ = t.SetWriteBuffer(buffered)
	}
	if peer, err := netip.ParseAddrPort(accepted.RemoteAddr().String()); err == nil {
		address := peer.Addr().Unmap()
		c.proxy = g.Proxy != nil && g.Proxy(address)
		c.from = share(address)
	}
	c.since.Store(time.Now().UnixNano())
	c.idle.Store(true)
	return c
}

// share is what counts as one address: who has an IPv6 address has at least
// all those of its /64.
func share(a netip.Addr) netip.Addr {
	if a.Is6() {
		if p, err := a.WithZone("").Prefix(64); err == nil {
			return p.Addr()
		}
	}
	return a
}

// Close implements net.Conn, and makes room.
func (c *conn) Close() error {
	err := c.Conn.Close()
	c.gate.leave(c)
	return err
}

// CloseWrite says that nothing more is written. The server does so before it
// closes on a peer that still sends, so that an answer is not lost.
func (c *conn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// waits says whether c may give way: it has had no request for so long, or all
// that it has wait for the peer, and have done so for so long.
func (c *conn) waits(now time.Time, unanswered, stuck time.Duration) bool {
	serving, since := c.serving.Load(), time.Duration(now.UnixNano()-c.since.Load())
	if serving == 0 && c.idle.Load() {
		return since >= unanswered
	}
	return c.stuck.Load() >= serving && since >= stuck
}

// begin and end stand around the work on a request. Its answer may still be on
// its way after that.
func (c *conn) begin() {
	c.idle.Store(false)
	if c.serving.Add(1) == 1 {
		c.since.Store(time.Now().UnixNano())
	}
}

func (c *conn) end() {
	c.since.Store(time.Now().UnixNano())
	c.serving.Add(-1)
}

// answer notes that the work on a request is done, and its peer has to take the
// answer. If it has other requests, it is by them that its time counts: who
// sends one after the other does not stay for ever.
func (c *conn) answer() {
	if c.serving.Load() == 1 {
		c.since.Store(time.Now().UnixNano())
	}
}

// state notes when all was answered (http.Server.ConnState).
func state(nc net.Conn, s http.ConnState) {
	if c := ours(nc); c != nil && s == http.StateIdle {
		c.since.Store(time.Now().UnixNano())
		c.idle.Store(true)
	}
}

// ours is the connection below a server's; nil if it came through no gate.
func ours(nc net.Conn) *conn {
	if over, ok := nc.(*tls.Conn); ok {
		nc = over.NetConn()
	}
	c, _ := nc.(*conn)
	return c
}

type connKey struct{}

// withConn has requests find their connection (http.Server.ConnContext).
func withConn(ctx context.Context, nc net.Conn) context.Context {
	if c := ours(nc); c != nil {
		return context.WithValue(ctx, connKey{}, c)
	}
	return ctx
}

// connOf is the connection of a request; nil if it came through no gate.
func connOf(ctx context.Context) *conn {
	c, _ := ctx.Value(connKey{}).(*conn)
	return c
}
