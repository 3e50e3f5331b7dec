package doorway

import (
	"io"
	"net/http"
	"time"
)

// Deadlines bound what a peer may keep us waiting for.
type Deadlines struct {
	Header   time.Duration // until a request's header has come, a TLS handshake before it
	Idle     time.Duration // between two requests
	Body     time.Duration // until a body has begun to come
	BodyRate int64         // bytes a second: each such number of bytes gives a body a second more
	BodyMost time.Duration // until a body has come, however long it is
	Stall    time.Duration // until a part of an answer was taken
}

// Usual are the deadlines of a daemon.
func Usual() Deadlines {
	return Deadlines{
		Header: 10 * time.Second, Idle: 2 * time.Minute,
		Body: 10 * time.Second, BodyRate: 1 << 10, BodyMost: 5 * time.Minute,
		Stall: 30 * time.Second,
	}
}

// part is how much of an answer has a deadline of its own, in bytes.
const part = 16 << 10

// Handler keeps the deadlines of bodies and answers, and notes for the gate
// which connections keep requests waiting. What next sets by an
// http.ResponseController stands until it reads or writes again.
func (d Deadlines) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := connOf(r.Context())
		if c != nil {
			c.begin()
			defer c.end()
		}
		out := &writer{ResponseWriter: w, conn: http.NewResponseController(w), peer: c, stall: d.Stall}
		if r.Body != nil && r.Body != http.NoBody {
			in := &body{ReadCloser: r.Body, conn: out.conn, peer: c, deadlines: d, began: time.Now()}
			in.extend()
			r.Body = in
		}
		defer out.deadline() // of what was not sent yet
		next.ServeHTTP(out, r)
	})
}

// body is a request's, that has to come at some pace.
type body struct {
	io.ReadCloser
	conn      *http.ResponseController
	peer      *conn
	deadlines Deadlines
	began     time.Time
	came      int64
	until     time.Time
}

// extend moves the deadline to where what has come allows, in steps: setting
// one costs more than many a read.
func (b *body) extend() {
	allowed := b.deadlines.Body + time.Duration(b.came/b.deadlines.BodyRate)*time.Second
	until := b.began.Add(min(allowed, b.deadlines.BodyMost))
	if until.Sub(b.until) < b.deadlines.Body/10 {
		return
	}
	b.until = until
	_ = b.conn.SetReadDeadline(until) // not possible in a test without a connection
	if b.came == 0 {
		_ = b.conn.SetWriteDeadline(until) // a "100 Continue" is written by the first read
	}
}

// Read implements io.Reader.
func (b *body) Read(p []byte) (int, error) {
	if b.peer != nil {
		b.peer.stuck.Add(1)
		defer b.peer.stuck.Add(-1)
	}
	n, err := b.ReadCloser.Read(p)
	b.came += int64(n)
	switch err {
	case nil:
		b.extend()
	case io.EOF:
		// From here on the connection is read for one thing alone: that its peer
		// goes away. A deadline would look like that.
		_ = b.conn.SetReadDeadline(time.Time{})
	}
	return n, err
}

// writer is an answer whose peer has to take it.
type writer struct {
	http.ResponseWriter
	conn  *http.ResponseController
	peer  *conn
	stall time.Duration
	begun bool
}

func (w *writer) deadline() { _ = w.conn.SetWriteDeadline(time.Now().Add(w.stall)) } // not possible in a test without a connection

// timed does what writes, under a deadline of its own.
func (w *writer) timed(write func() error) error {
	if w.peer != nil {
		if !w.begun {
			w.begun = true
			w.peer.answer()
		}
		w.peer.stuck.Add(1)
		defer w.peer.stuck.Add(-1)
	}
	w.deadline()
	return write()
}

// Write implements io.Writer.
func (w *writer) Write(p []byte) (n int, err error) {
	for {
		err = w.timed(func() error {
			m, err := w.ResponseWriter.Write(p[n:min(n+part, len(p))])
			n += m
			return err
		})
		if err != nil || n == len(p) {
			return n, err
		}
	}
}

// FlushError sends what was written (http.ResponseController).
func (w *writer) FlushError() error { return w.timed(w.conn.Flush) }

// Unwrap lets http.ResponseController reach what is below.
func (w *writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }
