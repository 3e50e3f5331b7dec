package config

import (
	"net"
	"net/netip"
	"slices"
	"strings"

	"github.com/astreinte/astreinte/paging/words"
)

// warnPlain warns of an address of another host without TLS. The text may be a
// template.
func (v value) warnPlain(text string) {
	const plain = "http://"
	if len(text) < len(plain) || !strings.EqualFold(text[:len(plain)], plain) {
		return
	}
	host := text[len(plain):]
	if end := strings.IndexAny(host, "/?#"); end >= 0 {
		host = host[:end]
	}
	if !loopback(host) {
		v.warnf("http to another host: whoever is on the way can read it and change it; https wanted")
	}
}

// warnOpen warns of a store on another host without TLS. It quotes nothing,
// because a URL may hold a password.
func (v value) warnOpen(scheme, hosts string) {
	other := func(host string) bool { return !loopback(host) }
	if !strings.HasPrefix(scheme, "rediss") && slices.ContainsFunc(strings.Split(hosts, ","), other) {
		v.warnf("a store on another host without TLS: whoever is on the way can read it and change it, and learns its password; rediss%s:// wanted",
			strings.TrimPrefix(scheme, "redis"))
	}
}

// loopback reports whether host, or host:port, is this machine itself.
func loopback(host string) bool {
	host = host[strings.LastIndex(host, "@")+1:]
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.ToLower(strings.Trim(host, "[]")), ".")
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.Unmap().IsLoopback()
	}
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// The widest networks that one owner has alone: 10.0.0.0/8 and fc00::/7.
const (
	widest4 = 8
	widest6 = 7
)

// warnWide warns of trusted proxies that may be anybody. Whoever is in such a
// range can claim any address.
func (v value) warnWide(p netip.Prefix) {
	bits, least := p.Bits(), widest6
	switch {
	case p.Addr().Is4():
		least = widest4
	case p.Addr().Is4In6() && bits >= 96:
		bits, least = bits-96, widest4
	}
	switch {
	case bits == 0:
		v.warnf("the whole world: anybody says for himself where he comes from, and a gateway's networks keep nobody out; write your proxy's address")
	case bits < least:
		v.warnf("/%d is a large part of the world, and whoever is in it says for himself where he comes from: write your proxy's address", p.Bits())
	}
}

// leastRoom is how many characters an SMS should have, beside a link, for what
// happened.
const leastRoom = 60

// checkLinks checks that texts have room for a link and for what happened.
func (r *reader) checkLinks(cfg *Config) {
	if cfg.SMS == nil || cfg.Server.PublicURL == "" || !cfg.SMS.links() && (cfg.SMS.Fallback == nil || !cfg.SMS.Fallback.links()) {
		return
	}
	at := r.at["server.public_url"]
	taken, left, kept := words.LinkRoom(cfg.Server.PublicURL)
	switch {
	case !kept:
		at.errorf("links below it take %d characters, and an SMS has 160: too few are left for what happened; a shorter address wanted", taken)
	case left < leastRoom:
		at.warnf("links below it take %d of the 160 characters of an SMS and leave %d for what happened: %d wanted, by an address of %d characters at most",
			taken, left, leastRoom, len(cfg.Server.PublicURL)-leastRoom+left)
	}
}

// links says that texts by this provider may have links.
func (p *SMSProvider) links() bool { return p.Provider != providerHTTP || !p.HTTP.Spec.NoLinks }
