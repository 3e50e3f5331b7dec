package doorway_test

import (
	"fmt"
	"net/http"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"
)

// TestAFullGateHasRoom has many hold connections as attackers do, and wants
// everybody who comes to be answered at once, and the bound to be kept.
func TestAFullGateHasRoom(t *testing.T) {
	for name, attack := range map[string]func(v *visitor){
		"says nothing":        func(*visitor) {},
		"is idle":             func(v *visitor) { v.ask() },
		"never ends a header": func(v *visitor) { _ = v.say("GET / HTTP/1.1\r\nX: ") },
		"never sends a body":  func(v *visitor) { _ = v.say("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n") },
		"never reads":         func(v *visitor) { _ = v.say("GET /large HTTP/1.1\r\nHost: a\r\n\r\n") },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const most = 8
				h := open(t, most)
				dropped := 0
				h.gate.Dropped = func() { dropped++ }
				for range 5 * most {
					attack(h.dial("192.0.2.1"))
				}
				began := time.Now()
				for range most {
					h.dial("192.0.2.1").ask()
				}
				within(t, "all were answered", time.Since(began), 0, 3*time.Second)
				if n := h.gate.Len(); n > most {
					t.Errorf("%d connections are open, want %d at most", n, most)
				}
				if dropped < 4*most {
					t.Errorf("%d connections were told to have given way", dropped)
				}
			})
		})
	}
}

// TestWhoGivesWay wants it to be the oldest of who has the most, whatever of the
// others.
func TestWhoGivesWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t, 6)
		h.gate.Proxy = func(a netip.Addr) bool { return a == netip.MustParseAddr("10.0.0.1") }
		honest := h.dial("198.51.100.7")
		honest.ask()
		var proxy, many []*visitor
		for range 3 {
			v := h.dial("10.0.0.1")
			v.ask()
			proxy = append(proxy, v)
			time.Sleep(time.Second)
		}
		for i := range 2 {
			many = append(many, h.dial(fmt.Sprintf("[2001:db8::%d]", i)))
			time.Sleep(time.Second)
		}
		for i := range 5 {
			v := h.dial(fmt.Sprintf("[2001:db8::%d]", 9+i))
			time.Sleep(time.Second)
			if many[0].open() {
				t.Errorf("caller %d came, and the oldest of those who have most is still there", i)
			}
			many = append(many[1:], v)
		}
		for i, v := range append(proxy, honest, many[0], many[1]) {
			if !v.open() {
				t.Errorf("connection %d was closed", i)
			}
		}
	})
}

// TestWorkNeverGivesWay wants a new connection to wait if all requests are
// being worked on, and to be answered when one of them is done.
func TestWorkNeverGivesWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t, 2)
		var busy []*visitor
		for range 2 {
			v := h.dial("192.0.2.1")
			if err := v.say("GET /work HTTP/1.1\r\nHost: a\r\n\r\n"); err != nil {
				t.Fatal(err)
			}
			busy = append(busy, v)
		}
		synctest.Wait()
		began := time.Now()
		late := h.dial("192.0.2.1")
		answered := make(chan time.Duration, 1)
		h.beside.Go(func() {
			late.ask()
			answered <- time.Since(began)
		})
		statuses := make(chan int, 2)
		for _, v := range busy {
			h.beside.Go(func() {
				status, _, _ := v.answer()
				statuses <- status
			})
		}
		for range busy {
			if status := <-statuses; status != http.StatusOK {
				t.Errorf("work was answered %d", status)
			}
		}
		within(t, "the late one was answered", <-answered, time.Minute, time.Minute+time.Second)
	})
}
