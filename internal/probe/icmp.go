package probe

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"syscall"
	"time"

	probing "github.com/prometheus-community/pro-bing"
)

// Ping sends echoes to an address until one comes back or ctx ends, and says how long
// that one took.
type Ping func(ctx context.Context, to netip.Addr) (time.Duration, error)

var (
	errNoPing = errors.New("no socket for echoes: net.ipv4.ping_group_range has not the daemon's group")
	errNoEcho = errors.New("no echo")
)

// echoes are how many are sent at most, one a second.
const echoes = 10

func (p *Prober) icmp(ctx context.Context, host string) (text string, err error) {
	addresses, err := p.Guard.Addresses(ctx, host)
	if err != nil {
		return "", err
	}
	ping := p.Ping
	if ping == nil {
		ping = unprivileged
	}
	took, err := ping(ctx, addresses[0])
	if err != nil {
		return "", err
	}
	return took.Round(100 * time.Microsecond).String(), nil
}

// unprivileged pings by a socket that needs no capability, where the kernel lets the
// daemon's group have one.
func unprivileged(ctx context.Context, to netip.Addr) (time.Duration, error) {
	pinger := probing.New("")
	pinger.SetIPAddr(&net.IPAddr{IP: to.AsSlice()})
	pinger.SetLogger(probing.NoopLogger{})
	pinger.Count, pinger.RecordRtts, pinger.RecordTTLs = echoes, false, false
	pinger.OnRecv = func(*probing.Packet) { pinger.Stop() }
	err := pinger.RunWithContext(ctx)
	switch stats := pinger.Statistics(); {
	case stats.PacketsRecv > 0:
		return stats.MinRtt, nil
	case errors.Is(err, os.ErrPermission), errors.Is(err, syscall.EACCES), errors.Is(err, syscall.EPERM):
		return 0, errNoPing
	case err != nil && ctx.Err() == nil:
		return 0, fmt.Errorf("probe: %w", err)
	}
	return 0, errNoEcho
}
