package records

import (
	"context"
	"slices"
	"sync"
)

// Hints wakes those who watch a kind of record in this process. The zero value
// will do; it is safe for concurrent use.
type Hints struct {
	mu       sync.Mutex
	watchers map[string][]chan struct{} // by kind
}

// Watch is Store.Watch for the changes that this process makes.
func (h *Hints) Watch(ctx context.Context, kind string) <-chan struct{} {
	c := make(chan struct{}, 1)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.watchers == nil {
		h.watchers = map[string][]chan struct{}{}
	}
	h.watchers[kind] = append(h.watchers[kind], c)
	context.AfterFunc(ctx, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.watchers[kind] = slices.DeleteFunc(h.watchers[kind], func(other chan struct{}) bool { return other == c })
	})
	return c
}

// Tell says that a record of the kind changed.
func (h *Hints) Tell(kind string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, c := range h.watchers[kind] {
		select {
		case c <- struct{}{}:
		default: // a hint waits already
		}
	}
}

// TellAll is Tell for the kinds of writes.
func (h *Hints) TellAll(writes []Write) {
	for i := range writes {
		if i == 0 || writes[i].Kind != writes[i-1].Kind {
			h.Tell(writes[i].Kind)
		}
	}
}
