package boltstore

import (
	"slices"
	"testing"
	"time"
)

func TestRecentIsInOrder(t *testing.T) {
	var r recent
	for _, at := range []int64{5, 7, 7, 6, 7, 5, 9, 1} {
		r.add(at)
	}
	if want := []int64{1, 5, 5, 6, 7, 7, 7, 9}; !slices.Equal(r, want) {
		t.Errorf("%d, want %d", r, want)
	}
}

// A storm opens its tickets at one instant. The last one must cost as little
// as the first: if each moved all before it, that would take minutes.
func TestRecentOfOneInstant(t *testing.T) {
	var r recent
	began := time.Now()
	for range 400_000 {
		r.add(7)
		if time.Since(began) > time.Minute {
			t.Fatalf("%d took %s", len(r), time.Since(began))
		}
	}
}
