//go:build long

package main_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/store/redisstore/redistest"
)

const (
	// resumes is how soon paging goes on by itself once Redis is back, and
	// answers how long a sender waits for an answer while it is away.
	resumes = 5 * time.Second
	answers = 10 * time.Second
)

// TestRedisHurt runs real daemons while a real Redis is hurt. Whatever was
// answered 2xx is paged.
func TestRedisHurt(t *testing.T) {
	program := build(t)
	for _, tt := range []struct {
		name string
		flow func(t *testing.T, program string)
	}{
		{"paused for 30 s", pausedFor30s}, // the longest first
		{"a Cluster's primary is lost", clusterPrimaryLost},
		{"a failover by Sentinel in a storm", sentinelFailover},
		{"an acknowledgement that a failover took back", acknowledgementTakenBack},
		{"killed, and restarted with its file", killedAndRestarted},
		{"out of memory", outOfMemory},
		{"evicting", evicting},
		{"scripts flushed", scriptsFlushed},
		{"latency of 200 ms", slowNetwork},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.flow(t, program)
		})
	}
}

// outage posts from before a hurt until after it, and checks what happened.
// hurt does the harm, and returns when Redis is there again.
func outage(t *testing.T, f *fleet, pages int, hurt func()) (s *storm, back time.Time) {
	t.Helper()
	s = newStorm(f)
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.blow("hurt", pages, 8, 50*time.Millisecond, time.Now().Add(2*patience))
	}()
	await(t, "the storm to begin", func() error {
		if n := len(f.world.Messages()); n < 20 {
			return fmt.Errorf("%d pages", n)
		}
		return nil
	})
	hurt()
	back = time.Now()
	<-done
	again, latest := s.settled(t)
	if len(s.taken) != pages {
		t.Errorf("%d of %d were taken in the end", len(s.taken), pages)
	}
	if again > inHand*len(f.ships) {
		t.Errorf("%d pages again: more than were in hand", again)
	}
	if s.slowest > answers {
		t.Errorf("somebody waited %s for an answer", s.slowest)
	}
	first := time.Time{}
	for _, m := range f.world.Messages() {
		if m.Accepted.After(back) && (first.IsZero() || m.Accepted.Before(first)) {
			first = m.Accepted
		}
	}
	if first.IsZero() || first.Sub(back) > resumes {
		t.Errorf("the first page came at %s, Redis was back at %s", first, back)
	}
	t.Logf("%d taken, %d refused, %d pages again; paging went on %s after Redis was back; nobody waited longer than %s for an answer; the latest page came %s after its 2xx",
		len(s.taken), s.refused, again, first.Sub(back).Round(time.Millisecond), s.slowest.Round(time.Millisecond), latest.Round(time.Millisecond))
	return s, back
}

// notReady checks that /readyz says so, quickly.
func notReady(t *testing.T, ship *ship) {
	t.Helper()
	await(t, "/readyz to be 503", func() error {
		status, said, took := ship.ready()
		if took > answers {
			t.Errorf("/readyz took %s", took)
		}
		if status != http.StatusServiceUnavailable {
			return errSaid(said)
		}
		return nil
	})
}

func killedAndRestarted(t *testing.T, program string) {
	server := redistest.Single(t)
	f := newFleet(t, program, server.URL(), "local", 2)
	outage(t, f, 200, func() {
		server.Kill()
		notReady(t, f.ships[0])
		server.Restart()
	})
	if status, said, _ := f.ships[0].ready(); status != http.StatusOK {
		t.Errorf("/readyz: %d %s", status, said)
	}
}

// pausedFor30s freezes Redis for so long that every call, claim and connection
// is given up.
func pausedFor30s(t *testing.T, program string) {
	server := redistest.Single(t)
	f := newFleet(t, program, server.URL(), "local", 2)
	s, _ := outage(t, f, 200, func() {
		server.Stop()
		notReady(t, f.ships[0])
		nap(30 * time.Second)
		server.Continue()
	})
	if s.refused == 0 {
		t.Error("nobody was answered 503")
	}
}

func sentinelFailover(t *testing.T, program string) {
	set := redistest.SentinelOf(t, 2)
	f := newFleet(t, program, set.URL(), "replicated", 2)
	outage(t, f, 400, func() {
		lag(t, set.Primary, set.Replicas...)
		set.Primary.Kill()
		catchUp(set.Replicas...)
		writable(t, set.Replicas...)
	})
}

// lag cuts replicas off and lets their primary take writes that they never
// hear of. catchUp lets them go on.
func lag(t *testing.T, primary *redistest.Server, replicas ...*redistest.Server) {
	t.Helper()
	for _, replica := range replicas {
		replica.Stop()
	}
	if err := primary.Client().ClientKillByFilter(t.Context(), "type", "replica").Err(); err != nil {
		t.Fatal(err)
	}
	nap(500 * time.Millisecond)
}

func catchUp(replicas ...*redistest.Server) {
	for _, replica := range replicas {
		replica.Continue()
	}
}

func clusterPrimaryLost(t *testing.T, program string) {
	cluster := redistest.ReplicatedCluster(t)
	f := newFleet(t, program, cluster.URL(), "replicated", 2)
	of := cluster.Of(t, "astreinte:{prometheus}:")
	outage(t, f, 400, func() {
		lag(t, cluster.Nodes[of], cluster.Replicas[of])
		cluster.Nodes[of].Kill()
		catchUp(cluster.Replicas[of])
		cluster.Replicas[of].Promoted()
		cluster.Nodes[of].Restart() // it follows the other now
	})
}

// writable returns when one of the servers is a primary with a replica.
func writable(t *testing.T, servers ...*redistest.Server) {
	t.Helper()
	var infos []func() (string, error)
	for _, server := range servers {
		client := server.Client()
		infos = append(infos, func() (string, error) { return client.Info(t.Context(), "replication").Result() })
	}
	await(t, "a new primary with a replica", func() error {
		for _, ask := range infos {
			info, err := ask()
			if err == nil && strings.Contains(info, "role:master") && strings.Contains(info, "state=online") {
				return nil
			}
		}
		return errors.New("none yet")
	})
}

// acknowledgementTakenBack: a failover promotes a replica that was cut off
// before somebody acknowledged. The ticket is open again, and pages again.
func acknowledgementTakenBack(t *testing.T, program string) {
	set := redistest.Sentinel(t)
	f := newFleet(t, program, set.URL(), "local", 1)
	write(t, f.dir+"/astreinte.yml", strings.Replace(fleetConfig, "repeat: 1h", "repeat: 3s", 1))
	f.ships[0].kill()
	f.ships[0].again(t)
	s := newStorm(f)
	if !s.send(0, "srv-taken-back", time.Now().Add(patience)) {
		t.Fatal("it was not taken")
	}
	f.alice.ExpectSMS(t, "srv-taken-back")
	if n, err := set.Primary.Client().Wait(t.Context(), 1, patience).Result(); err != nil || n != 1 {
		t.Fatalf("the replica has not heard: %d, %v", n, err)
	}
	lag(t, set.Primary, set.Replica)
	number := s.taken["srv-taken-back"].ticket
	f.ships[0].act(t, number, "acknowledge")
	acknowledged := time.Now()
	set.Primary.Kill()
	catchUp(set.Replica)
	await(t, "the ticket to page again", func() error {
		for _, m := range f.alice.Messages() {
			if m.Accepted.After(acknowledged) && strings.Contains(m.Body, "srv-taken-back") {
				return nil
			}
		}
		return errors.New("no page")
	})
	site := &site{address: f.ships[0].address}
	if now := site.ticket(t, number); now.State != "open" {
		t.Errorf("the ticket is %s", now.State)
	}
	f.ships[0].act(t, number, "acknowledge")
}

func outOfMemory(t *testing.T, program string) {
	server := redistest.Single(t)
	f := newFleet(t, program, server.URL(), "local", 1)
	client := server.Client()
	f.ships[0].door.close()
	s := newStorm(f)
	s.blow("room", 40, 4, 0, time.Now().Add(patience))
	limit := func(bytes string) {
		t.Helper()
		if err := client.ConfigSet(t.Context(), "maxmemory", bytes).Err(); err != nil {
			t.Fatal(err)
		}
	}
	limit("1")
	notReady(t, f.ships[0])
	for n := range 3 {
		began := time.Now()
		status, _ := f.ships[0].post("prometheus", fmt.Sprintf("srv-full-%d", n))
		if status != http.StatusServiceUnavailable || time.Since(began) > answers {
			t.Errorf("a full Redis: %d after %s", status, time.Since(began))
		}
	}
	// What was accepted goes out, and people can take it.
	f.ships[0].door.open()
	again, latest := s.settled(t)
	if again != 0 {
		t.Errorf("%d pages again", again)
	}
	f.ships[0].act(t, s.taken[s.order[0]].ticket, "acknowledge")
	limit("0")
	if !s.send(0, "srv-room-again", time.Now().Add(patience)) {
		t.Error("it does not recover")
	}
	s.settled(t)
	t.Logf("the latest page came %s after its 2xx, most of it behind a closed door", latest.Round(time.Millisecond))
}

func evicting(t *testing.T, program string) {
	server := redistest.Single(t, "--maxmemory", "200mb", "--maxmemory-policy", "noeviction")
	f := newFleet(t, program, server.URL(), "local", 1)
	if err := server.Client().ConfigSet(t.Context(), "maxmemory-policy", "allkeys-lru").Err(); err != nil {
		t.Fatal(err)
	}
	const want = "maxmemory-policy is"
	await(t, "/readyz to warn", func() error {
		if status, said, _ := f.ships[0].ready(); status != http.StatusOK || !strings.Contains(said, want) {
			return errSaid(said)
		}
		return nil
	})
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	second := exec.CommandContext(ctx, program, serveArgs...)
	model := f.ships[0].command("127.0.0.1:0")
	second.Dir, second.Env = model.Dir, model.Env
	said, err := second.CombinedOutput()
	if err == nil || !strings.Contains(string(said), want) || !strings.Contains(string(said), "set maxmemory-policy noeviction") {
		t.Errorf("it starts on a Redis that evicts: %v\n%s", err, said)
	}
}

func scriptsFlushed(t *testing.T, program string) {
	server := redistest.Single(t)
	f := newFleet(t, program, server.URL(), "local", 2)
	client := server.Client()
	s := newStorm(f)
	ctx, cancel := context.WithCancel(t.Context())
	var flushing sync.WaitGroup
	flushes := 0
	flushing.Go(func() {
		for ctx.Err() == nil {
			if client.ScriptFlush(ctx).Err() == nil {
				flushes++
			}
			nap(5 * time.Millisecond)
		}
	})
	s.blow("flush", 200, 8, 0, time.Now().Add(patience))
	again, latest := s.settled(t)
	cancel()
	flushing.Wait()
	if len(s.taken) != 200 || s.refused != 0 || again != 0 || flushes < 20 {
		t.Errorf("%d taken, %d refused, %d pages again, %d flushes", len(s.taken), s.refused, again, flushes)
	}
	t.Logf("%d flushes; the latest page came %s after its 2xx", flushes, latest.Round(time.Millisecond))
}

// slowNetwork has every answer of Redis take 200 ms.
func slowNetwork(t *testing.T, program string) {
	server := redistest.Single(t)
	far := distant(t, server.Addr(), 100*time.Millisecond)
	f := newFleet(t, program, "redis://"+far+"/0", "local", 2)
	s := newStorm(f)
	s.blow("far", 100, 8, 0, time.Now().Add(patience))
	_, latest := s.settled(t)
	f.quiet(t)
	again, _ := s.settled(t)
	if len(s.taken) != 100 || s.refused != 0 || again != 0 {
		t.Errorf("%d taken, %d refused, %d pages again", len(s.taken), s.refused, again)
	}
	if latest > 10*time.Second {
		t.Errorf("the latest page came %s after its 2xx", latest)
	}
	alone := time.Now()
	s.send(0, "srv-far-alone", time.Now().Add(patience))
	s.settled(t)
	page := f.paged()["srv-far-alone"][0]
	t.Logf("a storm of 100: the latest page came %s after its 2xx; one alone: 2xx after %s, page after %s",
		latest.Round(time.Millisecond), s.taken["srv-far-alone"].at.Sub(alone).Round(time.Millisecond), page.Sub(alone).Round(time.Millisecond))
}
