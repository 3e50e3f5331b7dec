// Package events tells screens that something changed: a ticket, who is on call,
// the pager's own health. An event is a hint, not a log: whoever hears one reads
// anew, and looks every few seconds as well, for a hint can be lost.
//
// A [Hub] keeps the last [Kept] events of its daemon. Who publishes writes into a
// ring and waits for nobody; a reader has a place in that ring and no buffer of its
// own. One that falls behind by more than the ring holds is told to read everything
// anew ([Resync]), and so is one that comes back to a daemon that does not know
// where it was.
//
// [Changes] gathers the tickets that change and publishes each a few times a
// second at most, here and, by a [Wire], at the other daemons of the store.
package events

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
)

// The names of events.
const (
	Ticket = "ticket" // a ticket changed; the data are a Hint
	OnCall = "oncall" // somebody else is on call, or will be
	Health = "health" // the pager's own health changed
	Resync = "resync" // anything may have changed
)

const (
	// Kept is how many events a hub remembers.
	Kept = 1000
	// Most is how many readers a hub has at most, and half of them are one caller's
	// at most.
	Most = 500
)

// Errors of Subscribe.
var (
	ErrFull   = errors.New("there are as many event streams as this daemon bears")
	ErrShare  = errors.New("this caller has half of all event streams already")
	ErrClosed = errors.New("the daemon is stopping")
)

// Hub hands events to readers. It is safe for concurrent use.
type Hub struct {
	epoch  string // of this hub, so that ids of another one are never taken for its own
	joined chan struct{}
	done   chan struct{}

	mu      sync.Mutex
	ring    [Kept][]byte // events as they are written, by number
	names   [Kept]string // what they are called
	last    uint64       // the number of the newest; the first is 1
	most    int
	readers map[*Reader]struct{}
	share   map[string]int // readers by caller
	closed  bool
}

// NewHub makes a Hub.
func NewHub() *Hub {
	unique := make([]byte, 6)
	_, _ = rand.Read(unique) // it never fails
	return &Hub{
		epoch: hex.EncodeToString(unique), joined: make(chan struct{}, 1), done: make(chan struct{}),
		most: Most, readers: map[*Reader]struct{}{}, share: map[string]int{},
	}
}

// SetMost bounds the readers to come, by Most at most.
func (h *Hub) SetMost(most int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.most = min(max(most, 2), Most)
}

// Publish tells every reader. It waits for none. data is one line.
func (h *Hub) Publish(name string, data []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.put(name, data)
	h.wake()
}

func (h *Hub) put(name string, data []byte) {
	h.last++
	h.names[h.last%Kept] = name
	h.ring[h.last%Kept] = fmt.Appendf(nil, "id: %s\nevent: %s\ndata: %s\n\n", h.id(h.last), name, data)
}

func (h *Hub) wake() {
	for r := range h.readers {
		select {
		case r.wake <- struct{}{}:
		default: // it knows already
		}
	}
}

func (h *Hub) id(number uint64) string { return h.epoch + "-" + strconv.FormatUint(number, 10) }

// Last is the id of the newest event: whoever reads something now, and asks for
// events from that id on, misses nothing.
func (h *Hub) Last() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.id(h.last)
}

// Readers is how many there are.
func (h *Hub) Readers() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.readers)
}

// Joined has a value after a reader has come.
func (h *Hub) Joined() <-chan struct{} { return h.joined }

// Done is closed by Close.
func (h *Hub) Done() <-chan struct{} { return h.done }

// Close has all readers end, so that nothing waits for them. A second one does
// nothing.
func (h *Hub) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.closed {
		h.closed = true
		close(h.done)
	}
}

// Subscribe adds a reader for a caller, who has heard of all events up to the id
// given; empty: of none, and those of before are nothing to him.
func (h *Hub) Subscribe(caller, after string) (*Reader, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.closed:
		return nil, ErrClosed
	case len(h.readers) >= h.most:
		return nil, ErrFull
	case h.share[caller] >= h.most/2:
		return nil, ErrShare
	}
	r := &Reader{hub: h, caller: caller, heard: h.last, wake: make(chan struct{}, 1)}
	if after != "" {
		r.heard, r.lost = h.place(after)
	}
	h.readers[r] = struct{}{}
	h.share[caller]++
	select {
	case h.joined <- struct{}{}:
	default:
	}
	return r, nil
}

// place finds where an id stands; lost: nobody knows what came after it.
func (h *Hub) place(id string) (heard uint64, lost bool) {
	text, ours := strings.CutPrefix(id, h.epoch+"-")
	number, err := strconv.ParseUint(text, 10, 64)
	if !ours || err != nil || number > h.last {
		return h.last, true
	}
	return number, false
}

// Reader is one stream's place among the events. It is for one goroutine.
type Reader struct {
	hub    *Hub
	caller string
	wake   chan struct{}
	heard  uint64 // the number of the last event that was taken
	lost   bool   // events were lost to it
	veiled bool
}

// Veil has the reader hear of tickets only that something may have changed: it is for
// somebody who does not see all of them.
func (r *Reader) Veil() { r.veiled = true }

// Wake has a value when there may be something to take.
func (r *Reader) Wake() <-chan struct{} { return r.wake }

// Begin is what a stream begins with: after how many milliseconds to come back
// when it breaks, and the id to come back with.
func (r *Reader) Begin() []byte {
	return fmt.Appendf(nil, "retry: %d\nid: %s\n\n", retry, r.hub.id(r.heard))
}

// retry is after how many milliseconds who lost a stream comes back.
const retry = 1000

// Take appends events that the reader has not had to part, as they are written,
// while they fit into what part has room for, but one at least. Nothing is appended
// if there is none.
func (r *Reader) Take(part []byte) []byte {
	h := r.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	if r.lost || h.last-r.heard > Kept {
		r.lost, r.heard = false, h.last
		return fmt.Appendf(part, "id: %s\nevent: %s\ndata: {}\n\n", h.id(h.last), Resync)
	}
	said := false // that something may have changed: once is enough
	for begun := len(part); r.heard < h.last; r.heard++ {
		event := h.ring[(r.heard+1)%Kept]
		if r.veiled && h.names[(r.heard+1)%Kept] == Ticket {
			if said {
				continue
			}
			event, said = fmt.Appendf(nil, "id: %s\nevent: %s\ndata: {}\n\n", h.id(r.heard+1), Resync), true
		}
		if len(part) > begun && len(part)+len(event) > cap(part) {
			break
		}
		part = append(part, event...)
	}
	return part
}

// Close gives the reader's place up.
func (r *Reader) Close() {
	h := r.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, in := h.readers[r]; !in {
		return
	}
	delete(h.readers, r)
	if h.share[r.caller]--; h.share[r.caller] <= 0 {
		delete(h.share, r.caller)
	}
}
