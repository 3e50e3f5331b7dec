package webpush

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// errInside is of a push service's name that leads into the network, or to this
// machine.
var errInside = errors.New("its name leads to an address that is not on the internet")

// outside is a transport that connects to nobody but who is on the internet,
// whatever a name resolves to: it looks at the address that is dialled, after the
// resolver has spoken. Through a proxy nobody here resolves the name, which is one
// of the known services'.
func outside(resolver *net.Resolver) http.RoundTripper {
	proxied := transport(&net.Dialer{Timeout: dialTimeout})
	proxied.Proxy = http.ProxyFromEnvironment
	return &ways{
		direct:  transport(&net.Dialer{Timeout: dialTimeout, Resolver: resolver, ControlContext: onlyOutside}),
		proxied: proxied,
	}
}

// anywhere is a transport to what push.allow names.
func anywhere() http.RoundTripper { return transport(&net.Dialer{Timeout: dialTimeout}) }

const dialTimeout = 10 * time.Second

func transport(d *net.Dialer) *http.Transport {
	return &http.Transport{
		DialContext:            d.DialContext,
		ForceAttemptHTTP2:      true,
		MaxIdleConnsPerHost:    32,
		IdleConnTimeout:        90 * time.Second,
		TLSHandshakeTimeout:    dialTimeout,
		MaxResponseHeaderBytes: maxHeader,
	}
}

const maxHeader = ticket.MaxAnswerHeader

// ways takes the proxy of the environment if that has one for a request.
type ways struct{ direct, proxied *http.Transport }

// RoundTrip sends a request.
func (w *ways) RoundTrip(r *http.Request) (*http.Response, error) {
	if proxy, err := w.proxied.Proxy(r); err == nil && proxy != nil {
		return w.proxied.RoundTrip(r)
	}
	return w.direct.RoundTrip(r)
}

// CloseIdleConnections lets go of what is open.
func (w *ways) CloseIdleConnections() {
	w.direct.CloseIdleConnections()
	w.proxied.CloseIdleConnections()
}

// onlyOutside refuses a connection to an address that is not on the internet.
func onlyOutside(_ context.Context, _, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil || !isOutside(at.Addr()) {
		return errInside
	}
	return nil
}

// inside are the networks of IANA's registries for special purposes that are no
// part of the internet, beside those that net/netip knows.
var inside = prefixes(
	"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
	"::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fec0::/10",
)

// translated is where networks without IPv4 have the addresses of it (RFC 6052).
var translated = netip.MustParsePrefix("64:ff9b::/96")

func prefixes(texts ...string) []netip.Prefix {
	list := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		list[i] = netip.MustParsePrefix(text)
	}
	return list
}

func isOutside(a netip.Addr) bool {
	a = a.WithZone("").Unmap()
	if translated.Contains(a) {
		b := a.As16()
		a = netip.AddrFrom4([4]byte(b[12:]))
	}
	if !a.IsGlobalUnicast() || a.IsPrivate() {
		return false
	}
	for _, p := range inside {
		if p.Contains(a) {
			return false
		}
	}
	return true
}
