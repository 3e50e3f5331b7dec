//go:build !race || long

package boltstore

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

// Whatever is wrong with a file, opening it ends in a store or in an error.
func TestSpoiltAnywhere(t *testing.T) {
	whole, err := os.ReadFile(writtenTest(t, 100))
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	used, dir, refused := len(bytes.TrimRight(whole, "\x00")), t.TempDir(), 0
	for i := range 80 {
		b := bytes.Clone(whole)
		for range 1 + random.IntN(20) {
			// Usually it is what bbolt relies on: the first bytes of a page.
			at := random.IntN(used/os.Getpagesize())*os.Getpagesize() + random.IntN(200)
			b[min(at, used-1)] = byte(random.IntN(256))
		}
		path := filepath.Join(dir, fmt.Sprint(i))
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := Open(path, Options{Spare: -1})
		if err != nil {
			refused++
		} else if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	if refused == 0 {
		t.Error("nothing was refused")
	}
}
