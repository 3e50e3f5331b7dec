//go:build long

package main_test

import (
	"context"
	"net/http"
	"net/url"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/store/redisstore/redistest"
)

const (
	// takesOver is how late a page may be if its daemon has died. slack is what a
	// busy machine adds.
	takesOver = 5 * time.Second
	slack     = 2 * time.Second
	// inHand is how many pages a daemon may have with its provider at once.
	inHand = 64
)

// TestManyDaemons runs three real daemons on one real Redis.
func TestManyDaemons(t *testing.T) {
	program := build(t)
	for _, tt := range []struct {
		name string
		flow func(t *testing.T, program string)
	}{
		{"each page once, whoever took the request", eachPageOnce},
		{"one is killed", oneIsKilled},
		{"one is paused, and wakes", oneIsPaused},
		{"one after the other is replaced, by another version", rollingRestart},
		{"one after the other is replaced, by a version with another layout", upgrade},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.flow(t, program)
		})
	}
}

func eachPageOnce(t *testing.T, program string) {
	f := newFleet(t, program, redistest.Single(t).URL(), "local", 3)
	s := newStorm(f)
	s.blow("storm", 300, 16, 0, time.Now().Add(patience))
	again, latest := s.settled(t)
	f.quiet(t)
	if len(s.taken) != 300 || s.refused != 0 || again != 0 || len(f.world.Messages()) != 300 {
		t.Errorf("%d taken, %d refused, %d pages, %d of them again", len(s.taken), s.refused, len(f.world.Messages()), again)
	}
	took := map[string]int{}
	for _, of := range s.taken {
		took[of.by.address]++
	}
	senders := 0
	for i, ship := range f.ships {
		n := len(ship.door.calls())
		t.Logf("daemon %d took %d alerts and sent %d pages", i, took[ship.address], n)
		if took[ship.address] == 0 {
			t.Errorf("daemon %d took nothing", i)
		}
		if n > 0 {
			senders++
		}
	}
	if senders < 2 {
		t.Errorf("%d daemons sent pages", senders)
	}
	t.Logf("the latest page came %s after its 2xx", latest.Round(time.Millisecond))

	// An answer by SMS, a link's button and the API, each at another daemon than
	// the one that opened the ticket.
	messages := f.alice.Messages()
	acknowledged := func(instance string) {
		t.Helper()
		for _, ship := range f.ships {
			site := &site{address: ship.address}
			if now := site.ticket(t, s.taken[instance].ticket); now.State != "acknowledged" || now.AcknowledgedBy != "alice" {
				t.Errorf("at %s the ticket of %s is %s by %q", ship.address, instance, now.State, now.AcknowledgedBy)
			}
		}
	}
	for i := range 3 {
		answered, linked, asked := messages[3*i], messages[3*i+1], messages[3*i+2]
		other := f.ships[i]
		f.world.SetDaemon("http://" + other.address)
		if reply := answered.Reply(t, answered.Code()+" OK"); !strings.Contains(reply, "PRIS") {
			t.Errorf("daemon %d answers %q", i, reply)
		}
		acknowledged(instanceIn.FindString(answered.Body))
		press(t, other, linked.Link())
		acknowledged(instanceIn.FindString(linked.Body))
		instance := instanceIn.FindString(asked.Body)
		other.act(t, s.taken[instance].ticket, "acknowledge")
		acknowledged(instance)
	}
}

// press presses the button behind a link, at the given daemon.
func press(t *testing.T, at *ship, link string) {
	t.Helper()
	u, err := url.Parse(link)
	if err != nil || u.Path == "" {
		t.Fatalf("link %q: %v", link, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+at.address+u.Path, strings.NewReader("action=acknowledge"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("the button of %s: %s", link, resp.Status)
	}
}

func oneIsKilled(t *testing.T, program string) {
	f := newFleet(t, program, redistest.Single(t).URL(), "local", 3)
	for _, ship := range f.ships {
		ship.door.slow(300 * time.Millisecond)
	}
	s := newStorm(f)
	victim := f.ships[0]
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		for len(victim.door.calls()) < 20 && !victim.ended() {
			nap(5 * time.Millisecond)
		}
		victim.kill()
	}()
	s.blow("killed", 300, 16, 20*time.Millisecond, time.Now().Add(patience))
	<-gone
	_, latest := s.settled(t)
	f.quiet(t)
	again, _ := s.settled(t)
	if len(s.taken) != 300 || again > inHand {
		t.Errorf("%d taken, %d pages again, at most %d were in hand", len(s.taken), again, inHand)
	}
	if latest > takesOver+slack {
		t.Errorf("the latest page came %s after its 2xx", latest)
	}
	t.Logf("%d pages of the killed one, %d again; the latest %s after its 2xx", len(victim.door.calls()), again, latest.Round(time.Millisecond))
}

func oneIsPaused(t *testing.T, program string) {
	f := newFleet(t, program, redistest.Single(t).URL(), "local", 3)
	sleeper := f.ships[0]
	for _, ship := range f.ships {
		ship.door.close()
	}
	s := newStorm(f)
	s.blow("before", 60, 8, 0, time.Now().Add(patience))
	await(t, "pages in hand", func() error {
		n := 0
		for _, ship := range f.ships {
			n += len(ship.door.calls())
		}
		if n < 60 {
			return errTooFew(n)
		}
		return nil
	})
	held := map[string]bool{}
	for _, c := range sleeper.door.calls() {
		held[c.instance] = true
	}
	if err := sleeper.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	asleep := time.Now()
	for _, ship := range f.ships[1:] {
		ship.door.open()
	}
	// The others send what it had claimed.
	again, latest := s.settled(t)
	if again != 0 || latest > time.Since(asleep)+takesOver+slack {
		t.Errorf("%d pages twice before it wakes; the latest after %s", again, latest)
	}
	f.ships = f.ships[1:]
	s.blow("asleep", 60, 8, 0, time.Now().Add(patience))
	s.settled(t)
	before := len(f.world.Messages())
	for _, of := range s.taken {
		f.ships[0].act(t, of.ticket, "acknowledge")
	}
	called := len(sleeper.door.calls())
	if err := sleeper.cmd.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	sleeper.door.open()
	f.ships = append(f.ships, sleeper)
	f.quiet(t)
	late := f.world.Messages()[before:]
	for _, m := range late {
		if instance := instanceIn.FindString(m.Body); !held[instance] {
			t.Errorf("after it woke it sent %s, which it had not claimed", instance)
		}
	}
	if len(late) > len(held) {
		t.Errorf("%d messages after it woke, it had %d in hand", len(late), len(held))
	}
	for _, c := range sleeper.door.calls()[called:] {
		t.Errorf("it began to send %s after it woke: acknowledged, and another's", c.instance)
	}
	t.Logf("it had %d pages in hand; %d messages came after it woke", len(held), len(late))
}

type errTooFew int

func (e errTooFew) Error() string { return "too few pages in hand" }

// rollingRestart replaces one daemon after the other, under load, by another
// version's build. A newer minor layout has written the store.
func rollingRestart(t *testing.T, program string) {
	server := redistest.Single(t)
	if err := server.Client().Set(t.Context(), "astreinte:layout", "2.7", 0).Err(); err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(t.TempDir(), "astreinte")
	if said, err := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-ldflags=-X main.version=v9.9.9", "-o", other, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, said)
	}
	f := newFleet(t, program, server.URL(), "local", 3)
	for _, ship := range f.ships {
		ship.door.slow(100 * time.Millisecond)
	}
	s := newStorm(f)
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.blow("roll", 400, 4, 20*time.Millisecond, time.Now().Add(patience))
	}()
	for _, ship := range f.ships {
		calls := len(ship.door.calls())
		await(t, "it to work", func() error {
			if n := len(ship.door.calls()); n < calls+5 {
				return errTooFew(n)
			}
			return nil
		})
		began := time.Now()
		if !ship.end() || time.Since(began) > stopsWithin/2 {
			t.Errorf("it took %s to stop", time.Since(began))
		}
		ship.program = other
		ship.again(t)
	}
	<-done
	_, latest := s.settled(t)
	f.quiet(t)
	if again, _ := s.settled(t); len(s.taken) != 400 || again != 0 {
		t.Errorf("%d taken, %d pages again", len(s.taken), again)
	}
	if latest > takesOver+slack {
		t.Errorf("the latest page came %s after its 2xx", latest)
	}
	t.Logf("%d requests refused meanwhile; the latest page %s after its 2xx", s.refused, latest.Round(time.Millisecond))
	for _, ship := range f.ships {
		if ship.cmd.ProcessState != nil {
			t.Errorf("a daemon ended: %s", ship.said(t))
		}
	}
	newerStops(t, f, server)
	for _, ship := range f.ships {
		began := time.Now()
		if !ship.end() || time.Since(began) > stopsWithin/2 {
			t.Errorf("it took %s to stop", time.Since(began))
		}
	}
}

// newerStops lets a version with another layout write to the store. Daemons
// that run stop, and an old one does not start.
func newerStops(t *testing.T, f *fleet, server *redistest.Server) {
	t.Helper()
	if err := server.Client().Set(t.Context(), "astreinte:layout", "3.0", 0).Err(); err != nil {
		t.Fatal(err)
	}
	const want = "a newer version of astreinte wrote there: layout 3.0"
	for _, ship := range f.ships {
		await(t, "an older daemon to stop", func() error {
			if status, said, _ := ship.ready(); status != http.StatusServiceUnavailable || !strings.Contains(said, want) {
				return errSaid(said)
			}
			return nil
		})
		if status, _ := ship.post("prometheus", "srv-newer"); status != http.StatusServiceUnavailable {
			t.Errorf("a post is answered %d", status)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	late := exec.CommandContext(ctx, f.ships[0].program, serveArgs...)
	model := f.ships[0].command("127.0.0.1:0")
	late.Dir, late.Env = model.Dir, model.Env
	said, err := late.CombinedOutput()
	if err == nil || !strings.Contains(string(said), want) {
		t.Errorf("an older daemon starts: %v\n%s", err, said)
	}
}

type errSaid string

func (e errSaid) Error() string { return string(e) }
