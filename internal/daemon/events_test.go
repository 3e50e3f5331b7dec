package daemon

import (
	"bufio"
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap/zaptest"

	"github.com/astreinte/astreinte/internal/store/redisstore/redistest"
	"github.com/astreinte/astreinte/internal/web/events"
	"github.com/astreinte/astreinte/paging/phonetest"
)

// ear hears a daemon's events.
type ear struct {
	mu     sync.Mutex
	events []string          // names, in order
	last   map[string]string // state of each ticket
	id     string
	ended  chan struct{}
	opened chan struct{}
}

// hear opens a stream at a server, after the given id.
func hear(t *testing.T, url, after string) *ear {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/api/v1/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+apiToken)
	if after != "" {
		r.Header.Set("Last-Event-ID", after)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%v, %v", answer, err)
	}
	e := &ear{last: map[string]string{}, ended: make(chan struct{}), opened: make(chan struct{})}
	t.Cleanup(func() { cancel(); <-e.ended })
	go func() {
		defer close(e.ended)
		defer func() { _ = answer.Body.Close() }()
		e.listen(bufio.NewScanner(answer.Body))
	}()
	<-e.opened
	return e
}

func (e *ear) listen(lines *bufio.Scanner) {
	for first := true; lines.Scan(); {
		key, value, _ := strings.Cut(lines.Text(), ": ")
		e.mu.Lock()
		switch key {
		case "id":
			if e.id = value; first {
				first = false
				close(e.opened)
			}
		case "event":
			e.events = append(e.events, value)
		case "data":
			var hint struct{ Number, State string }
			if json.Unmarshal([]byte(value), &hint) == nil && hint.Number != "" {
				e.last[hint.Number] = hint.State
			}
		}
		e.mu.Unlock()
	}
}

func (e *ear) state(number string) string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.last[number]
}

func (e *ear) count(name string) (n int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, event := range e.events {
		if event == name {
			n++
		}
	}
	return n
}

func (e *ear) lastID() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.id
}

// act does something to a ticket by a daemon's API.
func act(t *testing.T, d *Daemon, number, action string) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/api/v1/tickets/"+number+"/"+action, strings.NewReader(`{"person":"alice"}`))
	r.Header.Set("Authorization", "Bearer "+apiToken)
	w := httptest.NewRecorder()
	d.Handler().ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		t.Fatalf("%s %s: %d %s", action, number, w.Code, w.Body)
	}
}

func quiet(t *testing.T) *phonetest.World {
	t.Helper()
	world := phonetest.New(phonetest.Options{AccountSID: accountSID, AuthToken: authToken, PublicURL: publicURL, Client: &http.Client{Transport: phonetest.Transport(http.NotFoundHandler())}})
	t.Cleanup(world.Close)
	return world
}

// served is a daemon's handler at an address.
func served(t *testing.T, d *Daemon) string {
	t.Helper()
	server := httptest.NewServer(d.Handler())
	t.Cleanup(server.Close)
	return server.URL
}

// TestEventsOverAllDaemons: a change at one daemon is heard at the other
// within a second. After the Redis was away, everybody reads anew and hears
// on.
func TestEventsOverAllDaemons(t *testing.T) {
	redis := redistest.Single(t)
	world := quiet(t)
	one, two := onRedis(t, world, redis.URL()), onRedis(t, world, redis.URL())
	here, there := hear(t, served(t, one), ""), hear(t, served(t, two), "")
	until(t, "both hear", func() bool { // a message that is sent before they do is lost
		n, err := redis.Client().PubSubNumSub(t.Context(), "astreinte:events").Result()
		return err == nil && n["astreinte:events"] == 2
	})
	number := fire(t, one, "srv-1")
	until(t, "it is heard where it was opened", func() bool { return here.state(number) == "open" })
	until(t, "it is heard at the other daemon", func() bool { return there.state(number) == "open" })
	act(t, two, number, "acknowledge")
	until(t, "the acknowledgement is heard", func() bool { return here.state(number) == "acknowledged" && there.state(number) == "acknowledged" })

	redis.Kill()
	redis.Restart()
	until(t, "both are told to read anew", func() bool { return here.count(events.Resync) > 0 && there.count(events.Resync) > 0 })
	act(t, two, number, "resolve")
	until(t, "it is heard on", func() bool { return here.state(number) == "resolved" && there.state(number) == "resolved" })
	if n := here.count(events.Ticket); n > 6 {
		t.Errorf("three changes were told %d times", n)
	}
}

// TestAnEarOverARestart: a page that is open while its daemon restarts is told
// to read anew. After a break of its connection it hears what happened
// meanwhile.
func TestAnEarOverARestart(t *testing.T) {
	file := "bolt:" + t.TempDir() + "/astreinte.db"
	world := quiet(t)
	start := func() *Daemon {
		d, err := New(t.Context(), Options{
			Config: exampleConfig(t, world, replaced("bolt:/nowhere/astreinte.db", file), replaced("by: [push, sms]", "by: [sms]"), always("alice")),
			Log:    zaptest.NewLogger(t), Transport: world.RoundTripper(), Listener: loopback(t),
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		return d
	}
	stop := func(d *Daemon) time.Duration {
		began := time.Now()
		if err := d.Stop(context.Background()); err != nil {
			t.Error(err)
		}
		return time.Since(began)
	}
	d := start()
	e := hear(t, "http://"+d.Addr(), "")
	number := fire(t, d, "srv-1")
	until(t, "it is heard", func() bool { return e.state(number) == "open" })
	act(t, d, number, "acknowledge")
	other := fire(t, d, "srv-2")
	until(t, "all was told", func() bool { return e.state(other) == "open" && e.state(number) == "acknowledged" })
	first := e.lastID()[:strings.LastIndex(e.lastID(), "-")] + "-1"
	again := hear(t, "http://"+d.Addr(), first)
	until(t, "who comes back hears how each ticket is", func() bool { return again.state(number) == "acknowledged" && again.state(other) == "open" })
	if again.count(events.Resync) > 0 {
		t.Error("nothing was lost")
	}
	if took := stop(d); took > 10*time.Second {
		t.Errorf("the daemon stopped after %s, with streams open", took)
	}
	<-e.ended

	d = start()
	defer stop(d)
	e = hear(t, "http://"+d.Addr(), e.lastID())
	until(t, "who comes to another daemon reads anew", func() bool { return e.count(events.Resync) == 1 })
	act(t, d, number, "resolve")
	until(t, "it is heard", func() bool { return e.state(number) == "resolved" })
}

func loopback(t *testing.T) net.Listener {
	t.Helper()
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// TestDutyAndHealthAreHeard at a handover, after a reload, and when the store
// cannot be written.
func TestDutyAndHealthAreHeard(t *testing.T) {
	inTownFrom(t, "2026-11-26 08:30", func(t *testing.T, w *town) {
		d := w.daemon.Load()
		reader, err := d.events.Subscribe("alice", "")
		if err != nil {
			t.Fatal(err)
		}
		defer reader.Close()
		heard := func(what string, want ...string) {
			t.Helper()
			var got []string
			for part := reader.Take(nil); len(part) > 0; part = reader.Take(nil) {
				for line := range strings.Lines(string(part)) {
					if name, ok := strings.CutPrefix(strings.TrimSpace(line), "event: "); ok {
						got = append(got, name)
					}
				}
			}
			if strings.Join(got, " ") != strings.Join(want, " ") {
				t.Errorf("%s: %v, not %v", what, got, want)
			}
		}
		time.Sleep(time.Minute)
		heard("a quiet minute")
		d.Doubted([]string{"nobody covers Christmas"})
		time.Sleep(2 * time.Second)
		heard("a doubt", events.Health)
		w.reload(nobodyAsked)
		time.Sleep(2 * time.Second)
		heard("a reload", events.OnCall)
		from := d.clock.Now()
		changes := d.pager.Rules().Directory.Changes("on-call", from, from.Add(14*24*time.Hour))
		if len(changes) == 0 {
			t.Fatal("the on-call never changes")
		}
		time.Sleep(changes[0].Sub(from) - 2*time.Second)
		heard("before the handover")
		time.Sleep(3 * time.Second)
		heard("the handover", events.OnCall)
	}, nobodyAsked) // who comes on call is asked, which is heard too
}
