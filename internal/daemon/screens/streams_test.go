package screens

import (
	"context"
	"fmt"
	"io"
	"net"
	"runtime"
	"sync"
	"testing"

	"github.com/astreinte/astreinte/internal/ticket"
)

// What streams may cost.
const (
	manyStreams = 200
	streamsCost = 20 << 20 // bytes of memory, of all of them
)

// TestStreamsAreSmall: so many screens that hear what happens cost little memory,
// whether they read it or have gone to sleep, and a storm is taken in beside them.
func TestStreamsAreSmall(t *testing.T) {
	s := newSite(t)
	s.many(10) // what is made once is made
	before := inUse()
	ctx, cancel := context.WithCancel(t.Context())
	var readers sync.WaitGroup
	defer readers.Wait()
	defer cancel()
	for i := range manyStreams {
		s.stream(ctx, &readers, i%2 == 0)
	}
	for i := range 20 {
		s.alert("prometheus", fmt.Sprintf("Storm%02d", i))
	}
	cost := inUse() - before
	t.Logf("%d streams take %.1f MiB", manyStreams, float64(cost)/(1<<20))
	if cost > streamsCost {
		t.Errorf("%d streams take %d bytes, %d are their budget", manyStreams, cost, streamsCost)
	}
	list, _, err := s.store.Tickets(t.Context(), ticket.Query{Scope: ticket.Everything(), Limit: 100})
	if err != nil || len(list) != 30 {
		t.Errorf("%d tickets (%v)", len(list), err)
	}
}

// stream opens one, and returns when the daemon answers. One that sleeps reads
// nothing more.
func (s *site) stream(ctx context.Context, readers *sync.WaitGroup, sleeps bool) {
	s.t.Helper()
	var dialer net.Dialer
	c, err := dialer.DialContext(ctx, "tcp", s.door.Addr().String())
	if err == nil {
		_, err = fmt.Fprintf(c, "GET /api/v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n", apiToken)
	}
	begun := make([]byte, len("HTTP/1.1 200"))
	if err == nil {
		_, err = io.ReadFull(c, begun)
	}
	if err != nil || string(begun) != "HTTP/1.1 200" {
		s.t.Fatalf("a stream: %s (%v)", begun, err)
	}
	context.AfterFunc(ctx, func() { _ = c.Close() })
	if !sleeps {
		readers.Go(func() { _, _ = io.Copy(io.Discard, c) })
	}
}

// inUse is the memory that the process has in use: its heap and its stacks. Both ends
// of each connection are in it.
func inUse() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse + m.StackInuse)
}
