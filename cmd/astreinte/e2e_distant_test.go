//go:build long

package main_test

import (
	"net"
	"sync"
	"testing"
	"time"
)

// distant is a way to a server on which everything takes some time in each
// direction.
func distant(t *testing.T, server string, delay time.Duration) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	var mu sync.Mutex
	var conns []net.Conn
	keep := func(c net.Conn) {
		mu.Lock()
		defer mu.Unlock()
		conns = append(conns, c)
	}
	t.Cleanup(func() {
		_ = l.Close()
		mu.Lock()
		for _, c := range conns {
			_ = c.Close()
		}
		mu.Unlock()
		group.Wait()
	})
	group.Go(func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return // the test is over
			}
			keep(near)
			group.Go(func() {
				far, err := net.Dial("tcp", server)
				if err != nil {
					_ = near.Close()
					return
				}
				keep(far)
				group.Go(func() { carry(near, far, delay) })
				carry(far, near, delay)
			})
		}
	})
	return l.Addr().String()
}

// carry brings what comes on one connection to another, later.
func carry(from, to net.Conn, delay time.Duration) {
	type parcel struct {
		due  time.Time
		data []byte
	}
	road := make(chan parcel, 1024)
	go func() {
		defer close(road)
		for {
			buf := make([]byte, 32<<10)
			n, err := from.Read(buf)
			if n > 0 {
				road <- parcel{time.Now().Add(delay), buf[:n]}
			}
			if err != nil {
				return
			}
		}
	}()
	for p := range road {
		nap(time.Until(p.due))
		if _, err := to.Write(p.data); err != nil {
			break
		}
	}
	_ = to.Close()
	_ = from.Close()
	for range road { // until its reader has ended
	}
}
