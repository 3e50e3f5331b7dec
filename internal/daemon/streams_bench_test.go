//go:build unix

package daemon

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging/phonetest"
)

const (
	streamsOpen  = 200  // how many streams the figures are of
	stormOpens   = 1000 // tickets, each with a page
	stormsOfKind = 3    // of which the middle one is told
)

// audience is who hears what happens while a storm is taken in.
type audience struct {
	name  string
	opens int
	reads func(c net.Conn) // until the connection ends
}

var audiences = []audience{
	{name: "none"},
	{"read", streamsOpen, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }},
	{"asleep", streamsOpen, func(net.Conn) {}},
	{"slow", streamsOpen, func(c net.Conn) {
		for part := make([]byte, 64); ; time.Sleep(50 * time.Millisecond) {
			if _, err := c.Read(part); err != nil {
				return
			}
		}
	}},
}

// BenchmarkStreams tells what a storm of 1,000 tickets costs, each of which
// pages somebody. It measures without streams, and with 200 streams
// over TCP: they read, they have gone to sleep, or they read a little now and
// then. It tells the milliseconds until the last page is handed over, and the
// processor time, with that of the provider's stand-in and of the readers. It
// also tells the memory of both ends of the streams.
//
//	go test -run - -bench Streams -benchtime 1x ./internal/daemon
func BenchmarkStreams(b *testing.B) {
	for range b.N {
		took, worked := map[string][]float64{}, map[string][]float64{}
		for range stormsOfKind {
			for _, a := range audiences {
				t, w := a.hears(b)
				took[a.name], worked[a.name] = append(took[a.name], t), append(worked[a.name], w)
			}
		}
		for _, a := range audiences {
			b.ReportMetric(middle(took[a.name]), "ms/storm-"+a.name)
			b.ReportMetric(middle(worked[a.name]), "cpu-ms/storm-"+a.name)
		}
	}
}

func middle(of []float64) float64 {
	slices.Sort(of)
	return of[len(of)/2]
}

// hears has a storm taken in before an audience.
func (a audience) hears(b *testing.B) (took, worked float64) {
	b.Helper()
	d, world := benchDaemon(b)
	before := inUse()
	ctx, cancel := context.WithCancel(b.Context())
	var readers sync.WaitGroup
	for range a.opens {
		a.opensStream(ctx, b, &readers, d.Addr())
	}
	for d.events.Readers() < a.opens {
		runtime.Gosched()
	}
	if a.opens > 0 {
		b.ReportMetric(float64(inUse()-before)/(1<<20), "MiB/200-streams")
	}
	began, used := time.Now(), processor(b)
	storm(b, d, stormOpens)
	for len(world.Messages()) < stormOpens {
		time.Sleep(5 * time.Millisecond)
	}
	took, worked = float64(time.Since(began).Milliseconds()), float64((processor(b) - used).Milliseconds())
	cancel()
	readers.Wait()
	if err := d.Stop(context.Background()); err != nil {
		b.Fatal(err)
	}
	return took, worked
}

// inUse is the memory that the process has in use: its heap and its stacks.
func inUse() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse + m.StackInuse)
}

// processor is the time that the process has had of processors.
func processor(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

func benchDaemon(b *testing.B) (*Daemon, *phonetest.World) {
	b.Helper()
	world := phonetest.New(phonetest.Options{AccountSID: accountSID, AuthToken: authToken, PublicURL: publicURL, Client: &http.Client{Transport: phonetest.Transport(http.NotFoundHandler())}})
	b.Cleanup(world.Close)
	var lc net.ListenConfig
	l, err := lc.Listen(b.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	c := exampleConfig(b, world, replaced("bolt:/nowhere/astreinte.db", "bolt:"+b.TempDir()+"/astreinte.db"), replaced("by: [push, sms]", "by: [sms]"), always("alice"),
		replaced("# base_url: http://127.0.0.1:4010", "rate: 0"), replaced("provider: twilio\n", "provider: twilio\n  bundle_over: 0\n"))
	d, err := New(b.Context(), Options{Config: c, Log: zap.NewNop(), Transport: world.RoundTripper(), Listener: l})
	if err != nil {
		b.Fatal(err)
	}
	if err := d.Start(b.Context()); err != nil {
		b.Fatal(err)
	}
	return d, world
}

// opensStream opens a stream, which is read as its audience reads.
func (a audience) opensStream(ctx context.Context, b *testing.B, readers *sync.WaitGroup, addr string) {
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
	readers.Go(func() { a.reads(c) })
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
