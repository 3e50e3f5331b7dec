package phonetest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// inProcessURL is the base URL of a World that was not started. Its
// RoundTripper serves any host, and this host never resolves (RFC 6761).
const inProcessURL = "http://phones.test"

// routes returns all faces on one mux.
func (w *World) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /2010-04-01/Accounts/{account}/Messages.json", w.twilioCreate)
	mux.HandleFunc("GET /2010-04-01/Accounts/{account}/Messages/{file}", w.twilioFetch)
	mux.HandleFunc("/2010-04-01/", w.twilioUnknown)
	mux.HandleFunc("POST /token", w.oauthToken)
	mux.HandleFunc("POST /v1/projects/{project}/messages:send", w.fcmSend)
	mux.HandleFunc("POST "+webPushPath+"{id}", w.webPush)
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if !w.begin() {
			panic(http.ErrAbortHandler)
		}
		defer w.work.Done()
		mux.ServeHTTP(rw, r)
	})
}

// Handler returns all faces on one mux: Twilio under /2010-04-01, FCM under
// /v1, Google's token endpoint at /token and the browsers' push service under
// /push/.
func (w *World) Handler() http.Handler { return w.handler }

// Start serves the Handler on a loopback port that the kernel chooses, and
// returns the base URL without a final slash.
func (w *World) Start() (baseURL string, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.addr != "" {
		return "", errors.New("phonetest: start: already started at " + w.addr)
	}
	if err := w.listen("127.0.0.1:0"); err != nil {
		return "", fmt.Errorf("phonetest: start: %w", err)
	}
	return "http://" + w.addr, nil
}

// URL returns the base URL of all faces: the one that Start returned. Before
// Start it is one that only the RoundTripper answers.
func (w *World) URL() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.addr == "" {
		return inProcessURL
	}
	return "http://" + w.addr
}

// Unplug closes the listener and cuts every connection. From now on
// connections are refused, in process too.
func (w *World) Unplug() {
	w.mu.Lock()
	w.unplugged = true
	stop := w.stop
	w.stop = nil
	w.mu.Unlock()
	if stop != nil {
		stop()
	}
}

// Plug ends what Unplug began, on the same port.
func (w *World) Plug() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.unplugged {
		return nil
	}
	if w.addr != "" {
		if err := w.listen(w.addr); err != nil {
			return fmt.Errorf("phonetest: plug in again: %w", err)
		}
	}
	w.unplugged = false
	return nil
}

// listen serves at addr. The caller holds the lock.
func (w *World) listen(addr string) error {
	if w.closed {
		return errors.New("the world is closed")
	}
	l, err := (&net.ListenConfig{}).Listen(w.life, "tcp", addr)
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler:           w.handler,
		ReadHeaderTimeout: 10 * time.Second,
		BaseContext:       func(net.Listener) context.Context { return w.life },
		ConnState:         w.countConnection,
	}
	w.addr = l.Addr().String()
	w.stop = func() {
		_ = l.Close() // before Serve has run, the server does not know the listener
		_ = server.Close()
	}
	w.work.Add(1)
	go func() {
		defer w.work.Done()
		_ = server.Serve(l) // http.ErrServerClosed, by Unplug or Close
	}()
	return nil
}

// countConnection lets Close wait for a connection's goroutine. Its Add is
// never the first one: Serve, which calls it, is counted already.
func (w *World) countConnection(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		w.work.Add(1)
	case http.StateClosed, http.StateHijacked:
		w.work.Done()
	case http.StateActive, http.StateIdle:
	}
}

// Close cuts every connection and stops what is under way. It returns when no
// goroutine of the World is left. Receipts that were due are not sent. It may
// be called more than once.
func (w *World) Close() {
	w.mu.Lock()
	w.closed = true
	stop := w.stop
	w.stop = nil
	w.mu.Unlock()
	w.end()
	if stop != nil {
		stop()
	}
	w.work.Wait()
	if w.own != nil {
		w.own.CloseIdleConnections()
	}
}
