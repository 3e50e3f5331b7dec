package doorway

import (
	"log"
	"net/http"
	"syscall"

	"github.com/astreinte/astreinte/internal/ticket"
)

const (
	// MaxHeader is the longest header of a request, in bytes.
	MaxHeader = ticket.MaxHeader
	// slop is what net/http adds to the bound that it is given.
	slop = 4 << 10
)

// NewServer makes a server of h whose peers are kept to the deadlines, and to
// what they may make it remember. Its listener has to be a gate's.
func NewServer(h http.Handler, d Deadlines, errors *log.Logger) *http.Server {
	return &http.Server{
		Handler: d.Handler(h), ErrorLog: errors, ConnContext: withConn, ConnState: state,
		ReadHeaderTimeout: d.Header, IdleTimeout: d.Idle, MaxHeaderBytes: MaxHeader - slop,
		Protocols: plain(),
	}
}

// plain is HTTP/1.1 alone. Of HTTP/2 a peer may send settings and pings without
// end, each of which is work and none of which is a request: no deadline counts
// them.
func plain() *http.Protocols {
	var p http.Protocols
	p.SetHTTP1(true)
	return &p
}

const (
	// kept are the descriptors that store, providers and files need: 64
	// connections to a Redis, 64 pages under way, and what else is open.
	kept = 160
	// Most is how many connections are enough for anybody, in memory too.
	Most = 1024
	// Fewest are let in however few descriptors there are.
	Fewest = 16
)

// Room is how many connections the descriptors that this process may have leave
// room for, Most at most; enough is false if it is fewer than that leaves
// for others. others are connections that other listeners may have.
func Room(others int) (most int, enough bool) {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return Fewest, false
	}
	return room(limit.Cur, uint64(max(others, 0)))
}

func room(descriptors, others uint64) (most int, enough bool) {
	if taken := kept + others; descriptors >= taken+Fewest {
		return int(min(descriptors-taken, Most)), true
	}
	return Fewest, false
}
