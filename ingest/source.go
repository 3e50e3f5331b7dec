package ingest

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// Source is one configured sender.
type Source struct {
	Name           string
	Type           string // of a tool of the table
	Token          string
	MaxBody        int64         // bytes, as sent and as unpacked
	MaxAlerts      int           // alerts that are taken of one request
	ResolveTimeout time.Duration // an alert of the API that announces no end is silent after that
}

// Defaults of a source (docs/REFERENCE.md#configuration).
const (
	DefaultMaxBody        = 8 << 20
	DefaultMaxAlerts      = 10000
	DefaultResolveTimeout = 5 * time.Minute
)

// Taken is what became of a batch.
type Taken struct {
	Accepted int
	Tickets  []string // numbers
}

// Taker makes alerts durable: when Take returns nil they will page.
type Taker interface {
	// Take takes all of a batch or, with an error, asks its sender to repeat.
	Take(ctx context.Context, b ticket.Batch) (Taken, error)
}

// authorized reports whether the request carries the source's token, as a
// bearer, as the password of basic authentication, or as ?token=. The
// comparison takes the same time whatever was sent.
func (s *Source) authorized(r *http.Request) bool {
	given := r.URL.Query().Get("token")
	if _, password, ok := r.BasicAuth(); ok {
		given = password
	} else if scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok && strings.EqualFold(scheme, "Bearer") {
		given = strings.TrimSpace(token)
	}
	want, got := sha256.Sum256([]byte(s.Token)), sha256.Sum256([]byte(given))
	return s.Token != "" && subtle.ConstantTimeCompare(want[:], got[:]) == 1
}
