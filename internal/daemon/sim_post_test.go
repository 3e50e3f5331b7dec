package daemon

import (
	"net"
	"sync"
)

// simPost is where mails come in at a daemon: its own server of SMTP, and pipes in the
// place of connections.
type simPost struct {
	l        *simLife
	incoming chan net.Conn
	closed   chan struct{}
	close    sync.Once
}

var simLoopback = &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 2525}

// opensMail has a daemon take mails, if it is configured to.
func (l *simLife) opensMail(d *Daemon) error {
	c := d.config.MailIn
	if c == nil {
		return nil
	}
	door, err := d.newMailDoor(c)
	if err != nil {
		return err
	}
	p := &simPost{l: l, incoming: make(chan net.Conn), closed: make(chan struct{})}
	door.address = p.Addr()
	d.mu.Lock()
	d.mailIn = door
	d.mu.Unlock()
	d.takeMails(p)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.post = p
	return nil
}

// mailbox is where a daemon's mails come in; nil: nowhere, or not yet.
func (l *simLife) mailbox() *simPost {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.post
}

// dial connects to it. When the daemon dies, the connection is cut.
func (p *simPost) dial() (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case p.incoming <- &simConn{theirs, p.l}:
	case <-p.closed:
		return nil, refusedConnection
	case <-p.l.dead:
		return nil, refusedConnection
	}
	gone := make(chan struct{})
	p.l.node.s.beside(func() {
		select {
		case <-gone:
		case <-p.l.dead:
			_ = ours.Close()
		}
	})
	return &simCall{Conn: ours, gone: gone}, nil
}

// simCall is a connection as who made it has it.
type simCall struct {
	net.Conn
	gone chan struct{}
	once sync.Once
}

func (c *simCall) Close() error {
	c.once.Do(func() { close(c.gone) })
	return c.Conn.Close()
}

// simConn is a connection as a daemon has it, which does nothing once it is dead, and
// while it is stopped.
type simConn struct {
	net.Conn
	l *simLife
}

func (c *simConn) RemoteAddr() net.Addr { return simLoopback }

func (c *simConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if dead := c.l.pass(); dead != nil {
		return 0, dead
	}
	return n, err
}

func (c *simConn) Write(b []byte) (int, error) {
	if err := c.l.pass(); err != nil {
		return 0, err
	}
	return c.Conn.Write(b)
}

// Accept implements net.Listener.
func (p *simPost) Accept() (net.Conn, error) {
	select {
	case c := <-p.incoming:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (p *simPost) Close() error {
	p.close.Do(func() { close(p.closed) })
	return nil
}

// Addr implements net.Listener.
func (p *simPost) Addr() net.Addr { return simLoopback }
