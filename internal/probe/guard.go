package probe

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
)

// never are addresses that no configuration opens: loopback, what only a link
// has, what clouds tell their machines secrets by, what reaches many, and the forms of
// IPv6 that hide an address of IPv4.
var never = prefixes(
	"0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "240.0.0.0/4", // RFC 6890
	"100.100.100.200/32", "168.63.129.16/32", "192.0.0.192/32", // metadata of Alibaba, Azure, Oracle
	"::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", // mapped and translated: RFC 4291, RFC 6052, RFC 8215
	"2001::/32", "2002::/16", // Teredo, 6to4
	"fe80::/10", "fec0::/10", "ff00::/8",
	"fd00:ec2::/32", "fd20:ce::254/128", // metadata of Amazon, Google
)

func prefixes(texts ...string) []netip.Prefix {
	all := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		all[i] = netip.MustParsePrefix(text)
	}
	return all
}

// Never says that no address of a network is ever looked at.
func Never(network netip.Prefix) bool {
	inside := func(p netip.Prefix) bool { return p.Bits() <= network.Bits() && p.Contains(network.Addr()) }
	return slices.ContainsFunc(never, inside)
}

// ErrForbidden says that an address may not be looked at.
var ErrForbidden = errors.New("its address is not in recheck_networks, or nobody may look there")

// ErrName says that a name leads nowhere.
var ErrName = errors.New("its name is not known")

// Resolver finds the addresses of a name.
type Resolver func(ctx context.Context, host string) ([]netip.Addr, error)

// Dial connects to an address: host is an IP.
type Dial func(ctx context.Context, network, address string) (net.Conn, error)

// Guard decides which addresses may be looked at. The zero Guard allows none.
type Guard struct {
	// Networks are those that may be looked at. An address of this machine is among them
	// only if it stands there by itself, as a network of one address.
	Networks []netip.Prefix
	Own      func() ([]netip.Addr, error) // the addresses of this machine; nil: the system's
	Resolve  Resolver                     // nil: the system's
	Dial     Dial                         // nil: the network
}

// Allowed says whether an address may be looked at.
func (g *Guard) Allowed(a netip.Addr) bool {
	holds := func(p netip.Prefix) bool { return p.Contains(a) }
	names := func(p netip.Prefix) bool { return p.IsSingleIP() && p.Addr() == a }
	if !a.IsValid() || a.Zone() != "" || a.Is4In6() || slices.ContainsFunc(never, holds) || !slices.ContainsFunc(g.Networks, holds) {
		return false
	}
	return slices.ContainsFunc(g.Networks, names) || !g.own(a)
}

// own says whether an address is this machine's, or may be: what listens here for this
// machine alone is to be as safe from probes as what listens on loopback.
func (g *Guard) own(a netip.Addr) bool {
	find := g.Own
	if find == nil {
		find = interfaces
	}
	list, err := find()
	return err != nil || slices.Contains(list, a)
}

// interfaces are the addresses that the system has now.
func interfaces() (list []netip.Addr, err error) {
	all, err := net.InterfaceAddrs()
	for _, one := range all {
		if p, err := netip.ParsePrefix(one.String()); err == nil {
			list = append(list, p.Addr().Unmap().WithZone(""))
		}
	}
	return list, err //nolint:wrapcheck // own judges it
}

// Addresses are those that a host leads to and that may be looked at. The error wraps
// ErrForbidden or ErrName.
func (g *Guard) Addresses(ctx context.Context, host string) ([]netip.Addr, error) {
	if a, err := netip.ParseAddr(host); err == nil {
		if !g.Allowed(a) {
			return nil, fmt.Errorf("probe: %s: %w", a, ErrForbidden)
		}
		return []netip.Addr{a}, nil
	}
	resolve := g.Resolve
	if resolve == nil {
		resolve = system
	}
	found, err := resolve(ctx, host)
	if err != nil || len(found) == 0 {
		if ctx.Err() != nil {
			return nil, fmt.Errorf("probe: resolve a name: %w", ctx.Err())
		}
		return nil, fmt.Errorf("probe: %s: %w", host, ErrName)
	}
	allowed := slices.DeleteFunc(slices.Clone(found), func(a netip.Addr) bool { return !g.Allowed(a) })
	if len(allowed) == 0 {
		return nil, fmt.Errorf("probe: %s: %w", host, ErrForbidden)
	}
	return allowed, nil
}

// system asks the system. An address of IPv4 comes as such.
func system(ctx context.Context, host string) ([]netip.Addr, error) {
	found, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	for i := range found {
		found[i] = found[i].Unmap()
	}
	return found, err //nolint:wrapcheck // Addresses names it
}

// DialContext connects to host:port, of which host may be a name. What is dialled is
// the very address that was judged.
func (g *Guard) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("probe: %w", err)
	}
	addresses, err := g.Addresses(ctx, host)
	if err != nil {
		return nil, err
	}
	dial := g.Dial
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	var errs []error
	for _, a := range addresses {
		conn, err := dial(ctx, network, net.JoinHostPort(a.String(), port))
		if err == nil {
			return conn, nil
		}
		errs = append(errs, err)
	}
	return nil, errors.Join(errs...)
}
