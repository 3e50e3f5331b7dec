package paging

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// What every provider's adapter needs for a call over HTTP.

// PageLife is how long a provider may hold a page back. The outbox repeats
// pages, so one that arrives later would wake somebody for nothing.
const PageLife = 10 * time.Minute

// MaxDetail is how many bytes of a provider's words are kept at most.
const MaxDetail = ticket.MaxProviderDetail

// Hidden stands in place of a secret.
const Hidden = "***"

// Secret is a text that prints, logs and marshals as Hidden. Only a conversion
// to string shows it.
type Secret string

// Format prints Hidden, whatever the verb.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, Hidden) }

// MarshalText is Hidden, for JSON and YAML.
func (Secret) MarshalText() ([]byte, error) { return []byte(Hidden), nil }

// Wire watches how far a request gets. Its zero value is ready, for one request.
type Wire struct {
	wanted, got atomic.Bool
}

// Watch returns the context to make the request with.
func (w *Wire) Watch(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		// A second GetConn means that the first try sent nothing.
		GetConn: func(string) { w.wanted.Store(true); w.got.Store(false) },
		GotConn: func(httptrace.GotConnInfo) { w.got.Store(true) },
	})
}

// Left reports whether a request that failed with err may have reached its
// server. It may have if it had a connection, or if nobody can tell: the
// transport does not say when it has a connection, and the error is not a
// dial's.
func (w *Wire) Left(err error) bool {
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "dial" {
		return false
	}
	return w.got.Load() || !w.wanted.Load()
}

// RetryAfter reads the header of that name, seconds or a date (RFC 9110,
// 10.2.3). It is 0 if there is none or it makes no sense. A time longer than
// PageLife is cut to PageLife.
func RetryAfter(h http.Header, now time.Time) time.Duration {
	value := strings.TrimSpace(h.Get("Retry-After"))
	if seconds, err := strconv.Atoi(value); err == nil {
		return time.Duration(min(max(seconds, 0), int(PageLife/time.Second))) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		return min(max(at.Sub(now), 0), PageLife)
	}
	return 0
}

// Quote makes a provider's words fit to keep: on one line, bounded, quoted,
// and without these secrets.
func Quote(words string, secrets ...string) string {
	words = strings.Join(strings.Fields(words), " ")
	if words == "" {
		return ""
	}
	for _, s := range secrets {
		if s != "" {
			words = strings.ReplaceAll(words, s, Hidden)
		}
	}
	if len(words) > MaxDetail {
		words = strings.ToValidUTF8(words[:MaxDetail], "") + "…"
	}
	return strconv.Quote(words)
}

// HTTPCode is a status as the Code of a Result.
func HTTPCode(status int) string { return "http_" + strconv.Itoa(status) }
