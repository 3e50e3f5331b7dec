package phonetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"syscall"
)

// RoundTripper serves the Handler without sockets: the World answers a request
// for any host. For a synctest bubble, make the World inside it. A cut
// connection is io.ErrUnexpectedEOF. If the World is unplugged, connections
// are refused.
func (w *World) RoundTripper() http.RoundTripper {
	return &inProcess{handler: w.handler, begin: func() (func(), error) {
		w.mu.Lock()
		unplugged := w.unplugged
		w.mu.Unlock()
		if unplugged || !w.begin() {
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
		}
		return w.work.Done, nil
	}}
}

// Transport returns a RoundTripper that serves h in process, for any host. It
// is for Options.Client, to reach a daemon's handler from a synctest bubble.
// Answers are complete before they are returned; nothing streams.
func Transport(h http.Handler) http.RoundTripper {
	return &inProcess{handler: h, begin: func() (func(), error) { return func() {}, nil }}
}

type inProcess struct {
	handler http.Handler
	begin   func() (done func(), err error)
}

// RoundTrip serves req in another goroutine, as a server does. It returns when
// the handler has returned, or when the request's context ends. The handler
// sees that end.
func (t *inProcess) RoundTrip(req *http.Request) (*http.Response, error) {
	body := req.Body
	if body == nil {
		body = http.NoBody
	}
	done, err := t.begin()
	if err != nil {
		_ = body.Close()
		return nil, err
	}
	ctx, cancel := context.WithCancel(req.Context())
	served := serverRequest(ctx, req, body)
	result := make(chan *recorder, 1)
	go func() {
		defer done()
		defer cancel()
		rec := serve(t.handler, served)
		_ = body.Close()
		result <- rec
	}()
	select {
	case rec := <-result:
		return rec.response(req)
	case <-req.Context().Done():
		return nil, req.Context().Err()
	}
}

// serverRequest returns the request as a server would read it from the wire.
func serverRequest(ctx context.Context, req *http.Request, body io.ReadCloser) *http.Request {
	r := req.Clone(ctx)
	r.Body = body
	r.RequestURI = req.URL.RequestURI()
	r.RemoteAddr = "192.0.2.1:1024"
	r.Proto, r.ProtoMajor, r.ProtoMinor = "HTTP/1.1", 1, 1
	if r.Host == "" {
		r.Host = req.URL.Host
	}
	return r
}

// serve runs h as net/http does. http.ErrAbortHandler cuts the connection. Any
// other panic is the program's.
func serve(h http.Handler, r *http.Request) (rec *recorder) {
	rec = &recorder{header: http.Header{}}
	defer func() {
		v := recover()
		if err, ok := v.(error); ok && errors.Is(err, http.ErrAbortHandler) {
			rec.cut = true
		} else if v != nil {
			panic(v)
		}
	}()
	h.ServeHTTP(rec, r)
	return rec
}

// recorder is the ResponseWriter of one request in process.
type recorder struct {
	header http.Header
	sent   http.Header // as it was at WriteHeader
	status int
	body   bytes.Buffer
	cut    bool
}

func (r *recorder) Header() http.Header { return r.header }

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status, r.sent = status, r.header.Clone()
	}
}

func (r *recorder) Write(p []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	return r.body.Write(p)
}

func (r *recorder) response(req *http.Request) (*http.Response, error) {
	if r.cut {
		return nil, io.ErrUnexpectedEOF
	}
	r.WriteHeader(http.StatusOK)
	return &http.Response{
		Status:        fmt.Sprintf("%d %s", r.status, http.StatusText(r.status)),
		StatusCode:    r.status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        r.sent,
		Body:          io.NopCloser(&r.body),
		ContentLength: int64(r.body.Len()),
		Request:       req,
	}, nil
}
