package ingest

import (
	"bytes"
	"runtime"
	"testing"
)

const (
	// mostPerByte is how many bytes reading a body may allocate for each of its
	// own bytes, counting those that are freed again. mostPerAlert is the same
	// for each alert that is taken, of which there are max_alerts at most.
	// mostAtAll comes on top.
	mostPerByte  = 24
	mostPerAlert = 2 << 10
	mostAtAll    = 64 << 10
)

// allocates is how many bytes f allocates. Others may allocate meanwhile, and the
// race detector has pools forget at random what they keep. So only the least of
// several measurements counts, and one that is little enough ends them.
func allocates(enough uint64, f func()) uint64 {
	least := ^uint64(0)
	for range 20 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		f()
		runtime.ReadMemStats(&after)
		if least = min(least, after.TotalAlloc-before.TotalAlloc); least <= enough {
			break
		}
	}
	return least
}

func frugal(t *testing.T, data []byte, read func() (parsed, error)) {
	t.Helper()
	alerts := min(bytes.Count(data, []byte("{")), DefaultMaxAlerts) // at most, and read before the body turns out to be no JSON
	most := uint64(mostAtAll + mostPerByte*len(data) + mostPerAlert*alerts)
	if took := allocates(most, func() { _, _ = read() }); took > most {
		t.Errorf("%d bytes took %d bytes of memory, want %d at most: %.200q", len(data), took, most, data)
	}
}

// FuzzMemory: no body of any form takes more memory than its length allows.
func FuzzMemory(f *testing.F) {
	for _, alert := range oddities {
		f.Add([]byte(alert))
	}
	for _, b := range hostileBodies() {
		f.Add([]byte(b.body(64 << 10)))
	}
	f.Fuzz(func(t *testing.T, list []byte) {
		frugal(t, list, func() (parsed, error) { return parsePosted(t.Context(), list, usual, now, nil) })
		hook := append(append([]byte(`{"status":"firing","alerts":`), list...), '}')
		frugal(t, hook, func() (parsed, error) { return parseWebhook(t.Context(), hook, usual, now, nil) })
		frugal(t, list, func() (parsed, error) { return parseWebhook(t.Context(), list, usual, now, nil) })
	})
}
