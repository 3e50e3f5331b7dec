//go:build !race || long

package boltstore

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// Wherever a crash cuts the journal off, every whole frame counts, and nothing
// else does.
func TestJournalCutOff(t *testing.T) {
	c := crashTest(t, 3, 9)
	var cuts []int64
	for _, end := range append([]int64{0}, c.ends...) {
		cuts = append(cuts, end-1, end, end+1, end+frameHead, end+frameHead+7)
	}
	for _, cut := range cuts {
		if cut < 0 || cut > c.ends[len(c.ends)-1] {
			continue
		}
		whole := 0
		for _, end := range c.ends {
			if end <= cut {
				whole++
			}
		}
		for name, rest := range map[string]byte{"zeros": 0, "garbage": 0x5a} {
			journal := bytes.Clone(c.journal)
			for i := range journal[cut:] {
				journal[cut:][i] = rest
			}
			s, path, err := c.reopenTest(t, journal)
			if err != nil {
				t.Fatalf("cut at %d, then %s: %v", cut, name, err)
			}
			if n := ticketsTest(t, s); n != 3+whole {
				t.Errorf("cut at %d, then %s: %d tickets, want %d", cut, name, n, 3+whole)
			}
			sameIndexTest(t, s)
			if err := s.Close(); err != nil {
				t.Error(err)
			}
			if err := os.RemoveAll(filepath.Dir(path)); err != nil { // all of them at once fill a disk
				t.Error(err)
			}
		}
	}
}
