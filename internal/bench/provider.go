package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// provider gets the pages. It is Twilio's message API, as far as the daemon
// needs it, and a receiver of Alertmanager's webhook. It answers at once, and
// remembers when it first heard of an alert's name.
type provider struct {
	address string
	server  *http.Server
	began   time.Time
	refuse  atomic.Bool // it is down: every request is answered 503

	mu       sync.Mutex
	first    map[int]time.Duration // since began, by the number in the alert's name
	latest   time.Duration         // when the last new name came
	messages int                   // messages taken, repeats included
	arrived  chan struct{}
}

func newProvider(ctx context.Context) (*provider, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("the provider: %w", err)
	}
	p := &provider{
		address: l.Addr().String(), began: time.Now(),
		first: map[int]time.Duration{}, arrived: make(chan struct{}, 1),
	}
	p.server = &http.Server{Handler: p, ReadHeaderTimeout: readyWithin}
	go func() { _ = p.server.Serve(l) }() // ends with close
	return p, nil
}

func (p *provider) close() { _ = p.server.Close() }

// now is the provider's clock.
func (p *provider) now() time.Duration { return time.Since(p.began) }

// ServeHTTP takes one message.
func (p *provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	at := p.now()
	body, err := io.ReadAll(r.Body)
	if err != nil || p.refuse.Load() {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	p.note(at, body)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusCreated)
	fmt.Fprintf(w, `{"sid":"SM%032x","status":"queued"}`, at)
}

// note notes the name of every alert in a message.
func (p *provider) note(at time.Duration, body []byte) {
	p.mu.Lock()
	p.messages++
	for last := -1; ; {
		i := bytes.Index(body, []byte(marker))
		if i < 0 || len(body) < i+len(marker)+digits {
			break
		}
		body = body[i+len(marker):]
		id, err := strconv.Atoi(string(body[:digits]))
		if err != nil || id == last {
			continue
		}
		last = id
		if _, known := p.first[id]; !known {
			p.first[id], p.latest = at, max(p.latest, at)
		}
	}
	p.mu.Unlock()
	select {
	case p.arrived <- struct{}{}:
	default:
	}
}

// handed counts the names from from and before to that were heard of.
func (p *provider) handed(from, to int) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for id := from; id < to; id++ {
		if _, known := p.first[id]; known {
			n++
		}
	}
	return n
}

// at is when a name was first heard of.
func (p *provider) at(id int) (at time.Duration, known bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	at, known = p.first[id]
	return at, known
}

// count says how many names were heard of, and in how many messages.
func (p *provider) count() (names, messages int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.first), p.messages
}

// heardOf waits until so many names were heard of. It says when the last one
// was.
func (p *provider) heardOf(ctx context.Context, names int) (at time.Duration, err error) {
	err = p.until(ctx, func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		at = p.latest
		return len(p.first) >= names
	})
	if errors.Is(err, errLate) {
		heard, _ := p.count()
		return 0, fmt.Errorf("%w: %d of %d", err, heard, names)
	}
	return at, err
}

// errLate says that a wait was given up.
var errLate = errors.New("the provider did not hear of it in time")

// handedWithin is how long a wait for pages goes on without any page.
const handedWithin = time.Minute

// until waits for something, and asks at each arrival. Only one caller may
// wait at a time.
func (p *provider) until(ctx context.Context, so func() bool) error {
	late := time.NewTimer(handedWithin)
	defer late.Stop()
	look := time.NewTicker(100 * time.Millisecond)
	defer look.Stop()
	for !so() {
		select {
		case <-p.arrived:
			late.Reset(handedWithin)
		case <-look.C:
		case <-late.C:
			return errLate
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}
