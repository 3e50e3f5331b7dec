package screens

import (
	"bytes"
	"context"
	"net"
	"sync"
	"sync/atomic"
	"testing"
)

// door is an address that stays while daemons behind it come and go. While there is
// none, a connection ends at once, as where a daemon is being started anew.
type door struct {
	net.Listener
	sent atomic.Int64 // bytes that went out, over all daemons

	posts atomic.Int64 // forms that came in

	mu     sync.Mutex
	behind *room         // nil: nobody is there
	held   chan struct{} // what comes in is handed on when it is closed; nil: at once
}

// hold hands nothing on that comes in, until the door is released.
func (d *door) hold() (release func()) {
	held := make(chan struct{})
	d.mu.Lock()
	defer d.mu.Unlock()
	d.held = held
	return sync.OnceFunc(func() {
		close(held)
		d.mu.Lock()
		defer d.mu.Unlock()
		d.held = nil
	})
}

// room is one daemon's listener.
type room struct {
	*door
	comes chan net.Conn
	left  chan struct{}
	leave func()
}

func newDoor(t testing.TB) *door {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d := &door{Listener: l}
	var work sync.WaitGroup
	work.Go(d.lead)
	t.Cleanup(func() { _ = l.Close(); work.Wait() })
	return d
}

// lead hands each connection to whoever is there.
func (d *door) lead() {
	for {
		c, err := d.Listener.Accept()
		if err != nil {
			return // the door is gone
		}
		d.mu.Lock()
		to := d.behind
		d.mu.Unlock()
		if to == nil {
			_ = c.Close()
			continue
		}
		select {
		case to.comes <- &counted{c, d}:
		case <-to.left:
			_ = c.Close()
		}
	}
}

// open is the listener of the next daemon.
func (d *door) open() net.Listener {
	r := &room{door: d, comes: make(chan net.Conn), left: make(chan struct{})}
	r.leave = sync.OnceFunc(func() { close(r.left) })
	d.mu.Lock()
	defer d.mu.Unlock()
	d.behind = r
	return r
}

// Accept is the next connection that the door hands on.
func (r *room) Accept() (net.Conn, error) {
	select {
	case c := <-r.comes:
		return c, nil
	case <-r.left:
		return nil, net.ErrClosed
	}
}

// Close leaves the room; the door stays.
func (r *room) Close() error {
	r.leave()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.behind == r {
		r.behind = nil
	}
	return nil
}

// counted counts what goes out, and forms that come in.
type counted struct {
	net.Conn
	door *door
}

func (c *counted) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	c.door.sent.Add(int64(n))
	return n, err //nolint:wrapcheck // the connection's own
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if bytes.HasPrefix(b[:n], []byte("POST ")) {
		c.door.posts.Add(1)
	}
	c.door.mu.Lock()
	held := c.door.held
	c.door.mu.Unlock()
	if held != nil && n > 0 {
		<-held
	}
	return n, err //nolint:wrapcheck // the connection's own
}
