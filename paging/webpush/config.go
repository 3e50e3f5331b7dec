package webpush

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/astreinte/astreinte/paging"
)

// Config is what a house pushes by.
type Config struct {
	// Keys are the house's (House.Keys).
	Keys func(ctx context.Context) (*Keys, error)
	// Subject is who we are to push services: a mailto: or https: address.
	Subject string
	// Allow are origins of push services beside the known ones (CheckAllowed).
	Allow []string
	// PublicURL is where phones reach the daemon, without a slash at its end.
	PublicURL string
	// HTTP carries the calls by its Transport alone; nil: transports of the Sender's
	// own, which lead out of the network, or to what Allow names.
	HTTP *http.Client
	// Now is the time that a push says of itself; nil: the machine's.
	Now func() time.Time
}

// Sender is a paging.Channel for browsers' subscriptions. It may be used from any
// goroutine.
type Sender struct {
	keys    func(ctx context.Context) (*Keys, error)
	subject string
	allow   []string
	public  string
	outside http.RoundTripper // to the services that are known
	allowed http.RoundTripper // to those that Allow names
	now     func() time.Time

	mu      sync.Mutex
	refused map[string]Refusal // by service
}

var _ paging.Channel = (*Sender)(nil)

// Refusal is that a push service refuses our keys, or the subject that we name.
type Refusal struct {
	Service string // google, mozilla, apple, microsoft or other
	Code    string
	Detail  string // its words, quoted
	At      time.Time
}

// New returns a Sender. It calls nobody. The error names all that is wrong with c.
func New(c Config) (*Sender, error) {
	s := &Sender{
		keys: c.Keys, subject: c.Subject, public: strings.TrimRight(c.PublicURL, "/"), refused: map[string]Refusal{},
		outside: outside(nil), allowed: anywhere(), now: c.Now,
	}
	if s.now == nil {
		s.now = time.Now
	}
	var errs []error
	if err := CheckSubject(c.Subject); err != nil {
		errs = append(errs, fmt.Errorf("subject: %w", err))
	}
	for _, text := range c.Allow {
		origin, err := CheckAllowed(text)
		if err != nil {
			errs = append(errs, fmt.Errorf("allow: %q: %w", text, err))
		}
		s.allow = append(s.allow, origin)
	}
	if c.HTTP != nil {
		way := c.HTTP.Transport
		if way == nil {
			way = http.DefaultTransport
		}
		s.outside, s.allowed = way, way
	}
	if len(errs) > 0 {
		return nil, fmt.Errorf("webpush: configure: %w", errors.Join(errs...))
	}
	return s, nil
}

// Close lets go of idle connections. Calls under way go on.
func (s *Sender) Close() {
	for _, way := range []http.RoundTripper{s.outside, s.allowed} {
		(&http.Client{Transport: way}).CloseIdleConnections()
	}
}

// way is the transport to a service.
func (s *Sender) way(service string) http.RoundTripper {
	if service == other {
		return s.allowed
	}
	return s.outside
}

// Check is the package's Check with the Sender's Allow.
func (s *Sender) Check(sub paging.Subscription) (paging.Subscription, error) {
	return Check(sub, s.allow)
}

// Keys are the house's.
func (s *Sender) Keys(ctx context.Context) (*Keys, error) { return s.keys(ctx) }

// Providers are the Sender as paging asks for it, one for each push service, so that
// each has a circuit breaker of its own.
func (s *Sender) Providers() []paging.Provider {
	names := make([]string, 0, len(services)+1)
	for i := range services {
		names = append(names, services[i].name)
	}
	names = append(names, other)
	list := make([]paging.Provider, len(names))
	for i, name := range names {
		list[i] = paging.Provider{Name: namePrefix + name, Channel: s, Receipts: true, Carries: func(d *paging.Device) bool {
			if d.Push == nil {
				return false
			}
			of, err := serviceOf(d.Push.Endpoint, s.allow)
			return of == name || (err != nil && name == other) // whose refusal says why
		}}
	}
	return list
}

// note keeps who refuses us.
func (s *Sender) note(service string, r paging.Result) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, was := s.refused[service]
	switch {
	case r.Class == paging.DeadAccount && !was:
		s.refused[service] = Refusal{Service: service, Code: r.Code, Detail: r.Detail, At: s.now()}
	case r.Class == paging.Accepted:
		delete(s.refused, service)
	}
}

// Refused lists the push services that refuse us, until they take a push again.
func (s *Sender) Refused() (list []Refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.refused {
		list = append(list, r)
	}
	slices.SortFunc(list, func(a, b Refusal) int { return strings.Compare(a.Service, b.Service) })
	return list
}

// Services are the names of push services, as metrics have them.
func Services() (names []string) {
	for i := range services {
		names = append(names, services[i].name)
	}
	return append(names, other)
}
