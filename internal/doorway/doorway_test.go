package doorway_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/astreinte/astreinte/internal/doorway"
)

// street is a listener in memory, whose callers have addresses.
type street struct {
	conns  chan net.Conn
	once   sync.Once
	closed chan struct{}
}

func newStreet() *street { return &street{conns: make(chan net.Conn), closed: make(chan struct{})} }

type caller struct {
	net.Conn
	from net.Addr
}

func (c caller) RemoteAddr() net.Addr { return c.from }

func (s *street) Accept() (net.Conn, error) {
	select {
	case c := <-s.conns:
		return c, nil
	case <-s.closed:
		return nil, net.ErrClosed
	}
}

func (s *street) Close() error   { s.once.Do(func() { close(s.closed) }); return nil }
func (s *street) Addr() net.Addr { return &net.TCPAddr{} }

// house is a server behind a gate.
type house struct {
	t      *testing.T
	street *street
	gate   *doorway.Gate
	worked chan error // what the request's context said after the work of /work
	beside sync.WaitGroup
}

// open starts a house. /work takes a minute, /large answers a megabyte, / says
// how long the body was.
func open(t *testing.T, most int) *house {
	t.Helper()
	h := &house{t: t, street: newStreet(), gate: doorway.NewGate(most), worked: make(chan error, 100)}
	mux := http.NewServeMux()
	mux.HandleFunc("/work", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		time.Sleep(time.Minute)
		h.worked <- r.Context().Err()
		_, _ = io.WriteString(w, "worked")
	})
	mux.HandleFunc("/large", func(w http.ResponseWriter, _ *http.Request) {
		_, err := io.WriteString(w, strings.Repeat("x", 1<<20))
		h.worked <- err
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		n, err := io.Copy(io.Discard, r.Body)
		if err != nil {
			w.WriteHeader(http.StatusRequestTimeout)
		}
		_, _ = fmt.Fprint(w, n)
	})
	server := doorway.NewServer(mux, doorway.Usual(), nil)
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(h.gate.Listener(h.street))
	}()
	t.Cleanup(func() {
		_ = server.Close()
		<-served
		h.beside.Wait()
	})
	return h
}

// visitor is one connection to a house.
type visitor struct {
	*house
	net.Conn
	answers *bufio.Reader
}

func (h *house) dial(from string) *visitor {
	h.t.Helper()
	ours, theirs := net.Pipe()
	h.t.Cleanup(func() { _ = ours.Close() })
	h.street.conns <- caller{theirs, net.TCPAddrFromAddrPort(netip.MustParseAddrPort(from + ":1234"))}
	return &visitor{h, ours, bufio.NewReader(ours)}
}

func (v *visitor) say(text string) error {
	_, err := io.WriteString(v.Conn, text)
	return err
}

// answer reads one.
func (v *visitor) answer() (status int, body string, err error) {
	resp, err := http.ReadResponse(v.answers, nil)
	if err != nil {
		return 0, "", err
	}
	data, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(data), err
}

// ask wants 200 to a request.
func (v *visitor) ask() {
	v.t.Helper()
	if err := v.say("GET / HTTP/1.1\r\nHost: a\r\n\r\n"); err != nil {
		v.t.Fatal(err)
	}
	if status, body, err := v.answer(); status != http.StatusOK || err != nil {
		v.t.Fatalf("answered %d %q %v", status, body, err)
	}
}

// patient has a read of v end after d, whatever comes.
func (v *visitor) patient(d time.Duration) (stop func()) {
	late := time.AfterFunc(d, func() { _ = v.SetReadDeadline(time.Unix(1, 0)) })
	return func() {
		late.Stop()
		_ = v.SetReadDeadline(time.Time{})
	}
}

// gone wants the house to close the connection, and says when.
func (v *visitor) gone() (after time.Duration) {
	v.t.Helper()
	began := time.Now()
	stop := v.patient(time.Hour)
	defer stop()
	if _, err := io.Copy(io.Discard, v.answers); err != nil {
		v.t.Fatalf("the connection is open after %s: %v", time.Since(began), err)
	}
	return time.Since(began)
}

// open reports whether the connection is.
func (v *visitor) open() bool {
	stop := v.patient(time.Millisecond)
	defer stop()
	_, err := v.answers.Peek(1)
	return err != io.EOF
}

func within(t *testing.T, what string, got, least, most time.Duration) {
	t.Helper()
	if got < least || got > most {
		t.Errorf("%s after %s, want %s to %s", what, got, least, most)
	}
}

func TestHeadersAreBounded(t *testing.T) {
	for _, tt := range []struct{ bytes, want int }{
		{doorway.MaxHeader - 1<<10, http.StatusOK},
		{doorway.MaxHeader + 1<<10, http.StatusRequestHeaderFieldsTooLarge},
		{1 << 20, http.StatusRequestHeaderFieldsTooLarge},
	} {
		synctest.Test(t, func(t *testing.T) {
			v := open(t, 8).dial("192.0.2.1")
			v.beside.Go(func() { _ = v.say("GET / HTTP/1.1\r\nHost: a\r\nX: " + strings.Repeat("x", tt.bytes) + "\r\n\r\n") })
			if status, _, err := v.answer(); status != tt.want || err != nil {
				t.Errorf("a header of %d bytes: answered %d %v, want %d", tt.bytes, status, err, tt.want)
			}
		})
	}
}

func TestWhoNeverEndsAHeaderIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := open(t, 8).dial("192.0.2.1")
		v.beside.Go(func() {
			for v.say("X") == nil {
				time.Sleep(time.Second)
			}
		})
		within(t, "gone", v.gone(), 9*time.Second, 11*time.Second)
	})
}

func TestWhoIsIdleIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := open(t, 8).dial("192.0.2.1")
		v.ask()
		within(t, "gone", v.gone(), 2*time.Minute, 2*time.Minute)
	})
}

// TestABodyHasToCome wants a body to end that comes too slowly, and one of a
// poor line to be taken, but not for ever.
func TestABodyHasToCome(t *testing.T) {
	for _, tt := range []struct {
		name       string
		size, each int // bytes a second
		want       int
		least      time.Duration
		most       time.Duration
	}{
		{"nothing at all", 1000, 0, http.StatusRequestTimeout, 10 * time.Second, 11 * time.Second},
		{"one byte a second", 1000, 1, http.StatusRequestTimeout, 10 * time.Second, 11 * time.Second},
		{"a poor line", 100 << 10, 2 << 10, http.StatusOK, 49 * time.Second, 51 * time.Second},
		{"longer than anybody waits", 8 << 20, 2 << 10, http.StatusRequestTimeout, 5 * time.Minute, 5*time.Minute + time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := open(t, 8).dial("192.0.2.1")
				if err := v.say(fmt.Sprintf("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n", tt.size)); err != nil {
					t.Fatal(err)
				}
				began := time.Now()
				v.beside.Go(func() {
					part := strings.Repeat("x", tt.each)
					for sent := 0; tt.each > 0 && sent < tt.size && v.say(part) == nil; sent += tt.each {
						time.Sleep(time.Second)
					}
				})
				status, _, err := v.answer()
				if status != tt.want || err != nil {
					t.Errorf("answered %d %v, want %d", status, err, tt.want)
				}
				within(t, "answered", time.Since(began), tt.least, tt.most)
			})
		})
	}
}

// TestAnAnswerHasToBeTaken wants a reader that takes nothing to be gone, and one
// that takes it slowly to get it whole.
func TestAnAnswerHasToBeTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t, 8)
		v := h.dial("192.0.2.1")
		if err := v.say("GET /large HTTP/1.1\r\nHost: a\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if err := <-h.worked; err == nil {
			t.Error("an answer that nobody took was written")
		}
		within(t, "given up", time.Since(began), 30*time.Second, 31*time.Second)
		v.gone()
	})
	synctest.Test(t, func(t *testing.T) {
		h := open(t, 8)
		v := h.dial("192.0.2.1")
		if err := v.say("GET /large HTTP/1.1\r\nHost: a\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		began, taken := time.Now(), int64(0)
		for taken < 1<<20 {
			time.Sleep(10 * time.Second)
			n, err := io.CopyN(io.Discard, v, 16<<10)
			if taken += n; err != nil {
				t.Fatalf("cut off after %d bytes and %s: %v", taken, time.Since(began), err)
			}
		}
	})
}

// TestWorkIsNotDisturbed wants no deadline of a peer to end a request that we
// are working on, nor one of a request that of the next on its connection.
func TestWorkIsNotDisturbed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t, 8)
		v := h.dial("192.0.2.1")
		for range 2 {
			if err := v.say("POST /work HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n"); err != nil {
				t.Fatal(err)
			}
			if line, err := v.answers.ReadString('\n'); err != nil || !strings.Contains(line, "100 Continue") {
				t.Fatalf("said %q %v", line, err)
			}
			if _, err := v.answers.ReadString('\n'); err != nil {
				t.Fatal(err)
			}
			v.beside.Go(func() { _ = v.say("abc") })
			if err := <-h.worked; err != nil {
				t.Errorf("the work was told %v", err)
			}
			if status, body, err := v.answer(); status != http.StatusOK || body != "worked" || err != nil {
				t.Fatalf("answered %d %q %v", status, body, err)
			}
			time.Sleep(100 * time.Second)
		}
	})
}
