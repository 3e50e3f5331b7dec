package ingest

import (
	"context"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// Source is one configured sender.
type Source struct {
	Name           string
	Type           string // of a tool in the table
	Token          string
	MaxBody        int64             // in bytes, both as sent and as unpacked
	MaxAlerts      int               // the most alerts that are taken of one request
	ResolveTimeout time.Duration     // how long an alert of the API without an end may go unheard
	Labels         map[string]string // added to what it sends; its own win
	Networks       []netip.Prefix    // where it may post from; none: anywhere
	Mapping        *Mapping          // what its JSON means, for a type that has one (Table.Mapped)
	out            *outside          // nil: nobody posts
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
	Later    bool     // they are written down, and nobody has looked yet whose tickets they are
}

// Taker makes alerts durable: when Take returns nil they will page.
type Taker interface {
	// Take takes all of a batch. If it returns an error, the sender must send
	// again.
	Take(ctx context.Context, b ticket.Batch) (Taken, error)
}

// authorized reports whether the request carries the source's token: as a
// bearer token, as the password of basic authentication, or as ?token=.
func (s *Source) authorized(r *http.Request) bool {
	given := r.URL.Query().Get("token")
	if _, password, ok := r.BasicAuth(); ok {
		given = password
	} else if scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok && strings.EqualFold(scheme, "Bearer") {
		given = strings.TrimSpace(token)
	}
	return s.has(given)
}

// add adds the source's labels to those of an alert, whose own win. The
// fingerprint is made before.
func (s *Source) add(a *ticket.Alert) {
	for name, value := range s.Labels {
		if a.Labels[name] != "" {
			continue
		}
		if a.Labels == nil {
			a.Labels = map[string]string{}
		}
		a.Labels[name] = value
		a.Added = append(a.Added, name)
	}
	slices.Sort(a.Added)
}

// admits reports whether the source may post from an address.
func (s *Source) admits(client string) bool {
	if len(s.Networks) == 0 {
		return true
	}
	address, err := netip.ParseAddr(client)
	return err == nil && slices.ContainsFunc(s.Networks, func(n netip.Prefix) bool { return n.Contains(address.Unmap()) })
}
