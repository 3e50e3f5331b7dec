package main_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	// fewDescriptors are what the daemon may have under attack.
	fewDescriptors = "300"
	// pagesWithin is how soon an alert must be answered and paged under attack.
	// Anything later was held up, and is not just slow on a busy machine.
	pagesWithin = 30 * time.Second
	// holdsWithin is the memory that the daemon may take under attack, in bytes.
	holdsWithin = 200 << 20
)

// TestNoConnectionStopsAPage: many callers do what they can to a real daemon
// with 300 descriptors, some of them from the sender's own address. Each alert
// must be answered and paged meanwhile.
func TestNoConnectionStopsAPage(t *testing.T) {
	s := newSiteWith(t, build(t), "bolt:astreinte.db", siteConfig, "sh", "-c", "ulimit -n "+fewDescriptors+` && exec "$@"`, "sh")
	filler := strings.Repeat("x", 15<<10)
	for _, attack := range []struct {
		name    string
		callers int
		do      func(c net.Conn)
	}{
		{"headers of a megabyte", 700, func(c net.Conn) {
			_, _ = io.WriteString(c, "GET /healthz HTTP/1.1\r\nHost: a\r\nX: ")
			for written := 0; written < 1<<20; written += len(filler) {
				if _, err := io.WriteString(c, filler); err != nil {
					return
				}
			}
		}},
		{"headers that never end", 700, func(c net.Conn) {
			_, _ = io.WriteString(c, "GET /healthz HTTP/1.1\r\nHost: a\r\nX: "+filler[:8<<10])
			_, _ = io.Copy(io.Discard, c)
		}},
		{"idle connections", 330, func(c net.Conn) {
			_, _ = io.WriteString(c, "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
			_, _ = io.Copy(io.Discard, c)
		}},
		{"connections that say nothing", 330, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }},
		{"bodies that never come", 330, func(c net.Conn) {
			_, _ = io.WriteString(c, "POST /ingest/prometheus HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\nAuthorization: Bearer "+ingestToken+"\r\n\r\n{")
			_, _ = io.Copy(io.Discard, c)
		}},
		{"readers that never read", 100, func(c net.Conn) {
			_ = c.(*net.TCPConn).SetReadBuffer(1 << 10)
			for { // until it takes no more
				if _, err := io.WriteString(c, "GET /api/v1/openapi.json HTTP/1.1\r\nHost: a\r\n\r\n"); err != nil {
					return
				}
			}
		}},
	} {
		t.Run(attack.name, func(t *testing.T) {
			under := assault(t, s.address, attack.callers, attack.do)
			for i := range 2 {
				s.pagesSoon(t, fmt.Sprintf("%s, %d", attack.name, i))
				under.goesOn(t)
			}
		})
	}
	if held := peakMemory(t, s.daemon.cmd.Process.Pid); held > holdsWithin {
		t.Errorf("the daemon took %d bytes, want %d at most", held, int(holdsWithin))
	}
}

// pagesSoon posts an alert over a new connection. If that breaks, it posts
// again, as senders do. The answer and the page must come in time.
func (s *site) pagesSoon(t *testing.T, name string) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: pagesWithin}
	post := func(status string) error {
		body := fmt.Sprintf(`{"version": "4", "status": %q, "alerts": [{"status": %q, "labels": {"alertname": %q, "customer": "acme", "severity": "critical"}}]}`, status, status, name)
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+s.address+"/ingest/prometheus", strings.NewReader(body))
		if err != nil {
			return err
		}
		req.Header.Set("Authorization", "Bearer "+ingestToken)
		resp, err := client.Do(req)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusAccepted {
			return &refusal{resp.StatusCode, ""}
		}
		return nil
	}
	posted := time.Now()
	if err := poll(pagesWithin, func() (bool, error) {
		err := post("firing")
		return err == nil, err
	}); err != nil {
		t.Fatalf("not answered within %s: %v", pagesWithin, err)
	}
	page := s.alice.ExpectSMS(t, name)
	if took := page.Accepted.Sub(posted); took > pagesWithin {
		t.Errorf("paged after %s, want %s", took, pagesWithin)
	}
	if err := poll(pagesWithin, func() (bool, error) {
		err := post("resolved")
		return err == nil, err
	}); err != nil {
		t.Errorf("the recovery was not answered within %s: %v", pagesWithin, err)
	}
}

// attackers are many callers who come again whenever they are sent away.
type attackers struct {
	mu      sync.Mutex
	open    int // their connections
	reached int // the most that there were
	calls   int // how often they connected
	seen    int // connections that goesOn has counted
}

// assault has this many callers do the same until the test ends.
func assault(t *testing.T, address string, callers int, do func(net.Conn)) *attackers {
	t.Helper()
	a := &attackers{}
	ctx, stop := context.WithCancel(context.Background())
	var all sync.WaitGroup
	t.Cleanup(func() {
		stop()
		all.Wait()
	})
	for range callers {
		all.Go(func() {
			again := time.NewTicker(500 * time.Millisecond)
			defer again.Stop()
			for ctx.Err() == nil {
				a.call(ctx, address, do)
				select {
				case <-again.C:
				case <-ctx.Done():
				}
			}
		})
	}
	await(t, "the attack to begin", func() error {
		if n := a.count(); n < callers/4 {
			return fmt.Errorf("%d of %d callers", n, callers)
		}
		return nil
	})
	return a
}

func (a *attackers) call(ctx context.Context, address string, do func(net.Conn)) {
	var dialer net.Dialer
	c, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return
	}
	defer c.Close()
	stop := context.AfterFunc(ctx, func() { c.Close() })
	defer stop()
	a.mu.Lock()
	a.open++
	a.calls++
	a.reached = max(a.reached, a.open)
	a.mu.Unlock()
	do(c)
	a.mu.Lock()
	a.open--
	a.mu.Unlock()
}

func (a *attackers) count() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.reached
}

// goesOn checks that the attack goes on: since the last check, whoever was
// sent away has come again, or has a connection.
func (a *attackers) goesOn(t *testing.T) {
	t.Helper()
	await(t, "the attack to go on", func() error { // whoever was sent away comes again
		a.mu.Lock()
		defer a.mu.Unlock()
		if a.open == 0 && a.calls == a.seen {
			return errors.New("nobody attacks any more")
		}
		a.seen = a.calls
		return nil
	})
}

// peakMemory is the most memory that a process has had, in bytes.
func peakMemory(t *testing.T, pid int) int {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`VmHWM:\s*(\d+) kB`).FindSubmatch(status)
	if found == nil {
		t.Fatalf("no VmHWM in %s", status)
	}
	kilobytes, err := strconv.Atoi(string(found[1]))
	if err != nil {
		t.Fatal(err)
	}
	return kilobytes << 10
}
