package disk

import (
	"errors"
	"fmt"
	"math"
	"syscall"
	"testing"
)

// TestLeaves: what would take the last room is refused, and says how much there is.
func TestLeaves(t *testing.T) {
	dir := t.TempDir()
	free, known, err := Free(dir)
	if err != nil {
		t.Fatal(err)
	}
	if !known {
		if err := Leaves(dir, math.MaxInt64, 1); err != nil { // nothing is refused for what nobody knows
			t.Error(err)
		}
		return
	}
	if free <= 0 {
		t.Fatalf("%d bytes free", free)
	}
	for _, c := range []struct {
		least, more int64
		fits        bool
	}{{0, 1, true}, {0, math.MaxInt64, false}, {math.MaxInt64, 0, false}, {math.MaxInt64, math.MaxInt64, false}, {free * 2, 1, false}} {
		if err := Leaves(dir, c.least, c.more); errors.Is(err, ErrNoRoom) == c.fits || c.fits != (err == nil) {
			t.Errorf("%+v of %d: %v", c, free, err)
		}
	}
	if err := Leaves(dir+"/none", 0, 1); err == nil || errors.Is(err, ErrNoRoom) {
		t.Errorf("a folder that is gone: %v", err)
	}
}

// TestFull knows a full disk and a full share from other errors.
func TestFull(t *testing.T) {
	for err, want := range map[error]bool{syscall.ENOSPC: true, syscall.EDQUOT: true, syscall.EIO: false, ErrNoRoom: false} {
		if got := Full(fmt.Errorf("write: %w", err)); got != want {
			t.Errorf("%v: %t", err, got)
		}
	}
}
