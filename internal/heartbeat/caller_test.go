package heartbeat

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
)

// line is the way to an address: what came, and what it answers.
type line struct {
	mu     sync.Mutex
	calls  int
	status int
	hangs  bool
	to     string
}

func (l *line) RoundTrip(r *http.Request) (*http.Response, error) {
	l.mu.Lock()
	l.calls++
	l.to = r.URL.String()
	hangs, status := l.hangs, l.status
	l.mu.Unlock()
	if hangs {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	return &http.Response{StatusCode: status, Body: http.NoBody, Header: http.Header{"Location": {"http://169.254.169.254/"}}, Request: r}, nil
}

func (l *line) answers(status int, hangs bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.status, l.hangs = status, hangs
}

func (l *line) asked() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.to
}

func (l *line) since(n int) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.calls - n
}

// TestCalls: an address hears of a daemon that is well each minute, and nothing of one
// that is not. What it answers wrong is counted and told, without its secret.
func TestCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var well error
		var mu sync.Mutex
		way := &line{status: 200}
		registry := prometheus.NewRegistry()
		c := NewCaller(&Caller{Now: time.Now, HTTP: way, Log: zap.NewNop(), Well: func(context.Context) error {
			mu.Lock()
			defer mu.Unlock()
			return well
		}}, registry)
		c.Set([]To{{"https://beats.example.net/ping/secret", time.Minute}})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); c.Run(ctx) }()
		time.Sleep(10*time.Minute + 30*time.Second)
		if n := way.since(0); n < 10 || n > 11 || way.asked() != "https://beats.example.net/ping/secret" {
			t.Errorf("%d calls of %s", n, way.asked())
		}
		mu.Lock()
		well = errors.New("the store cannot be written")
		mu.Unlock()
		before := way.since(0)
		time.Sleep(10 * time.Minute)
		if n := way.since(before); n != 0 || c.Called()[0].Why != "not called: the store cannot be written" {
			t.Errorf("%d calls of a daemon that is not well: %+v", n, c.Called())
		}
		mu.Lock()
		well = nil
		mu.Unlock()
		way.answers(http.StatusFound, false)
		time.Sleep(2 * time.Minute)
		if n := way.since(before); n < 1 || n > 2 || c.Called()[0] != (Called{"beats.example.net", "HTTP 302: redirects are not followed"}) {
			t.Errorf("%d %+v", n, c.Called())
		}
		way.answers(http.StatusFound, true)
		time.Sleep(3 * time.Minute)
		if got := c.Called()[0]; got.Why != "no answer in time" || strings.Contains(got.Host, "secret") {
			t.Errorf("%+v", got)
		}
		way.answers(http.StatusNoContent, false)
		time.Sleep(2 * time.Minute)
		if got := c.Called()[0]; got.Why != "" {
			t.Errorf("%+v", got)
		}
		families, err := registry.Gather()
		if err != nil || len(families) != 1 {
			t.Fatal(err, families)
		}
		for _, m := range families[0].GetMetric() {
			least := map[string]float64{"taken": 10, "failed": 4, "withheld": 9}[m.GetLabel()[1].GetValue()]
			if n := m.GetCounter().GetValue(); least == 0 || n < least {
				t.Errorf("%v", m)
			}
		}
		cancel()
		<-done
	})
}
