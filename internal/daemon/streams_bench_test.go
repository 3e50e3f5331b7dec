package daemon

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging/phonetest"
)

// streamsOpen is how many streams the figures are of.
const streamsOpen = 200

// BenchmarkStreams tells what 200 streams cost that are open, over TCP, in bytes of
// memory of the process (both ends' sockets are in it, for both are here), and how
// long 1,000 tickets take to open, beside them and without.
//
//	go test -run - -bench Streams -benchtime 1x ./internal/daemon
func BenchmarkStreams(b *testing.B) {
	for range b.N {
		for _, streams := range []int{0, streamsOpen} {
			d := benchDaemon(b)
			before := inUse()
			ctx, cancel := context.WithCancel(b.Context())
			var readers sync.WaitGroup
			for range streams {
				drainStream(ctx, b, &readers, d.Addr())
			}
			for d.events.Readers() < streams {
				runtime.Gosched()
			}
			if streams > 0 {
				b.ReportMetric(float64(inUse()-before)/(1<<20), "MiB/200-streams")
			}
			began := time.Now()
			storm(b, d, 1000)
			b.ReportMetric(float64(time.Since(began).Milliseconds()), fmt.Sprintf("ms/1000-tickets-%d-streams", streams))
			cancel()
			readers.Wait()
			if err := d.Stop(context.Background()); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// inUse is the memory that the process has in use: its heap and its stacks.
func inUse() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse + m.StackInuse)
}

func benchDaemon(b *testing.B) *Daemon {
	b.Helper()
	world := phonetest.New(phonetest.Options{AccountSID: accountSID, AuthToken: authToken, PublicURL: publicURL, Client: &http.Client{Transport: phonetest.Transport(http.NotFoundHandler())}})
	b.Cleanup(world.Close)
	var lc net.ListenConfig
	l, err := lc.Listen(b.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	c := exampleConfig(b, world, replaced("bolt:/nowhere/astreinte.db", "bolt:"+b.TempDir()+"/astreinte.db"), replaced("by: [push, sms]", "by: [sms]"), always("alice"))
	d, err := New(b.Context(), Options{Config: c, Log: zap.NewNop(), Transport: world.RoundTripper(), Listener: l})
	if err != nil {
		b.Fatal(err)
	}
	if err := d.Start(b.Context()); err != nil {
		b.Fatal(err)
	}
	return d
}

// drainStream opens a stream and reads it with as little as possible on its own side.
func drainStream(ctx context.Context, b *testing.B, readers *sync.WaitGroup, addr string) {
	b.Helper()
	var dialer net.Dialer
	c, err := dialer.DialContext(ctx, "tcp", addr)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := fmt.Fprintf(c, "GET /api/v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n", apiToken); err != nil {
		b.Fatal(err)
	}
	context.AfterFunc(ctx, func() { _ = c.Close() })
	readers.Go(func() {
		lines := bufio.NewReaderSize(c, 512)
		for {
			if _, err := lines.Discard(512); err != nil {
				return
			}
		}
	})
}

// storm opens so many tickets, as one source's 100 requests at once would.
func storm(b *testing.B, d *Daemon, tickets int) {
	b.Helper()
	var senders sync.WaitGroup
	for i := range 100 {
		senders.Go(func() {
			batch := ticket.Batch{Source: "prometheus"}
			for j := range tickets / 100 {
				name := fmt.Sprintf("srv-%d-%d", i, j)
				batch.Alerts = append(batch.Alerts, ticket.Alert{
					Source: "prometheus", Fingerprint: name, Status: ticket.Firing, StartsAt: d.clock.Now(),
					Labels: map[string]string{"alertname": name, "customer": "acme", "severity": "critical"},
				})
			}
			if _, err := d.Engine().Ingest(b.Context(), batch); err != nil && !strings.Contains(err.Error(), "stop") {
				b.Error(err)
			}
		})
	}
	senders.Wait()
}
