package heartbeat

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
)

const (
	callTimeout = 10 * time.Second
	callsEvery  = time.Second
	answerRead  = 64 << 10 // so that the connection can be used again
)

// To is somebody who is called while all is well here.
type To struct {
	URL   string // it may hold a secret: only its host is told
	Every time.Duration
}

// host is what is told of the address.
func (t *To) host() string {
	u, err := url.Parse(t.URL)
	if err != nil {
		return "?"
	}
	return u.Host
}

// Caller calls addresses while this daemon is well. Nothing is called while it is not: that
// is how others learn of it. It is safe for concurrent use; Run is called once.
type Caller struct {
	Now func() time.Time
	// Well is nil while this daemon can do its work.
	Well      func(ctx context.Context) error
	HTTP      http.RoundTripper
	UserAgent string
	Log       *zap.Logger

	mu    sync.Mutex
	to    []To
	last  []lastCall
	count *prometheus.CounterVec
}

// lastCall is what became of the last call of one address.
type lastCall struct {
	next time.Time // when it is called next
	busy bool
	bad  string // why the last call came to nothing; empty: it was taken
	said bool   // the log has said so
}

// Called is what became of calls of an address.
type Called struct {
	Host string
	Why  string // the last came to nothing; empty: it was taken, or there was none yet
}

// NewCaller makes a Caller of its parts. registerer may be nil.
func NewCaller(c *Caller, registerer prometheus.Registerer) *Caller {
	c.count = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "astreinte_heartbeat_to_total", Help: "Calls of heartbeat_to, by host: taken, failed, or withheld as this daemon could not write its store or page.",
	}, []string{"host", "outcome"})
	if registerer != nil {
		registerer.MustRegister(c.count)
	}
	return c
}

// Set puts other addresses in force. What is known of those that stay is kept.
func (c *Caller) Set(list []To) {
	c.mu.Lock()
	defer c.mu.Unlock()
	last := make([]lastCall, len(list))
	for i := range list {
		if k := slices.Index(c.to, list[i]); k >= 0 {
			last[i] = c.last[k]
			last[i].busy = false
		}
	}
	c.to, c.last = slices.Clone(list), last
}

// Called says what became of the last calls.
func (c *Caller) Called() []Called {
	c.mu.Lock()
	defer c.mu.Unlock()
	list := make([]Called, len(c.to))
	for i := range c.to {
		list[i] = Called{c.to[i].host(), c.last[i].bad}
	}
	return list
}

// Run calls until ctx ends, and waits for calls under way.
func (c *Caller) Run(ctx context.Context) {
	var under sync.WaitGroup
	defer under.Wait()
	tick := time.NewTicker(callsEvery)
	defer tick.Stop()
	for {
		for _, to := range c.due() {
			under.Go(func() { c.end(&to, c.once(ctx, &to)) })
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// due are the addresses to call now.
func (c *Caller) due() (list []To) {
	now := c.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range c.to {
		l := &c.last[i]
		if l.busy || l.next.After(now) && l.next.Sub(now) <= c.to[i].Every {
			continue // a clock that went back puts no call off
		}
		l.busy, l.next = true, now.Add(c.to[i].Every)
		list = append(list, c.to[i])
	}
	return list
}

// errWithheld says why an address is not called.
type errWithheld struct{ why error }

func (e *errWithheld) Error() string { return "not called: " + e.why.Error() }
func (e *errWithheld) Unwrap() error { return e.why }

// once calls an address, if all is well. Redirects are not followed.
func (c *Caller) once(ctx context.Context, to *To) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	if err := c.Well(ctx); err != nil {
		return &errWithheld{err}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, to.URL, nil)
	if err != nil {
		return errors.New("its address is none") // the error would tell it
	}
	req.Header.Set("User-Agent", c.UserAgent)
	resp, err := c.HTTP.RoundTrip(req)
	if err != nil {
		return plain(err)
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.CopyN(io.Discard, resp.Body, answerRead) // whatever it says
	switch {
	case resp.StatusCode/100 == 2:
		return nil
	case resp.StatusCode/100 == 3:
		return fmt.Errorf("HTTP %d: redirects are not followed", resp.StatusCode)
	}
	return fmt.Errorf("HTTP %d", resp.StatusCode)
}

// end notes what became of a call. The log says once that calls come to nothing, and once
// that they are taken again.
func (c *Caller) end(to *To, err error) {
	var withheld *errWithheld
	outcome := "taken"
	switch {
	case errors.As(err, &withheld):
		outcome = "withheld"
	case err != nil:
		outcome = "failed"
	}
	c.count.WithLabelValues(to.host(), outcome).Inc()
	c.mu.Lock()
	i := slices.Index(c.to, *to)
	if i < 0 {
		c.mu.Unlock()
		return
	}
	l := &c.last[i]
	l.busy = false
	was := l.said
	if l.bad, l.said = "", err != nil; err != nil {
		l.bad = err.Error()
	}
	c.mu.Unlock()
	switch {
	case err != nil && !was:
		c.Log.Warn("a heartbeat of ours came to nothing", zap.String("host", to.host()), zap.Error(err))
	case err == nil && was:
		c.Log.Info("our heartbeat is taken again", zap.String("host", to.host()))
	}
}

// plain is an error without the address, which may hold a secret.
func plain(err error) error {
	var at *url.Error
	if errors.As(err, &at) {
		err = at.Err
	}
	var network net.Error
	if errors.Is(err, context.DeadlineExceeded) || errors.As(err, &network) && network.Timeout() {
		return errors.New("no answer in time")
	}
	return err
}
