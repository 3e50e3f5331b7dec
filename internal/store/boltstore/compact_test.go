//go:build !race || long

package boltstore

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/astreinte/astreinte/escalation/storetest"
)

// roomy makes a file of which more than half is free: few of its n tickets are
// left. It returns what the file holds.
func roomy(t *testing.T, path string, n int) map[string]int {
	t.Helper()
	s, err := Open(path, Options{compact: compactNever})
	if err != nil {
		t.Fatal(err)
	}
	pastTickets(t, s, "", 1, n)
	if done := forgetAll(t, s); done.Tickets != n {
		t.Fatalf("forgot %+v", done)
	}
	pastTickets(t, s, "+33612345601", n+1, 20)
	keys := keysIn(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return keys
}

func size(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

// same checks that a store holds what it held.
func same(t *testing.T, s *Store, keys map[string]int) {
	t.Helper()
	got := keysIn(t, s)
	for name, n := range keys {
		if got[name] != n {
			t.Errorf("%s: %d keys, want %d", name, got[name], n)
		}
	}
	numbers, err := s.Numbers(t.Context(), "prometheus", storetest.Prefix, 1)
	if err != nil || numbers[0] <= storetest.Prefix+"5000" {
		t.Errorf("the next number: %v, %v", numbers, err)
	}
}

func TestAStartGivesRoomBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	keys := roomy(t, path, 6000)
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	left := path + compactMark + "of-a-crash"
	if err := os.WriteFile(left, []byte("half a copy"), 0o600); err != nil {
		t.Fatal(err)
	}
	before := size(t, path)
	s, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	after := size(t, path)
	if done := s.Compacted(); done.Before != before || done.After > before/2 || after > before/2 {
		t.Errorf("%d bytes before, %d after: %+v", before, after, done)
	}
	same(t, s, keys)
	if _, err := Open(path, Options{}); err == nil || !strings.Contains(err.Error(), "held by process") {
		t.Errorf("the copy is not locked: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("its mode: %v, %v", info.Mode(), err)
	}
	if files, _ := filepath.Glob(path + "*"); len(files) != 1 {
		t.Errorf("left beside it: %q", files)
	}
	if s, err = Open(path, Options{}); err != nil {
		t.Fatal(err)
	}
	if done := s.Compacted(); done != (Compacted{}) {
		t.Errorf("a second start copies again: %+v", done)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// What a crash left in the journal belongs to the copy too.
func TestCompactAfterAKill(t *testing.T) {
	dir := t.TempDir()
	path, killed := filepath.Join(dir, "a.db"), filepath.Join(dir, "b.db")
	s, err := Open(path, Options{FlushEvery: 1 << 40})
	if err != nil {
		t.Fatal(err)
	}
	pastTickets(t, s, "+33612345601", 1, 10)
	for _, suffix := range []string{"", ".journal"} {
		text, err := os.ReadFile(path + suffix)
		if err == nil {
			err = os.WriteFile(killed+suffix, text, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	keys := keysIn(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if done, err := Compact(killed, storetest.Began()); err != nil || done.After == 0 {
		t.Fatalf("%+v, %v", done, err)
	}
	if s, err = Open(killed, Options{}); err != nil {
		t.Fatal(err)
	}
	for name, n := range keysIn(t, s) {
		if keys[name] != n {
			t.Errorf("%s: %d keys, want %d", name, n, keys[name])
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestCompactRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	if _, err := Compact(path, storetest.Began()); err == nil || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
	s, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Compact(path, storetest.Began()); err == nil || !strings.Contains(err.Error(), "held by process") {
		t.Errorf("a file that a daemon uses: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := hasRoom(filepath.Dir(path), 1<<60); err == nil {
		t.Error("there is room for anything")
	}
}

// A page that waits is more important than room.
func TestAStartThatPagesDoesNotCompact(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	roomy(t, path, 6000)
	s, err := Open(path, Options{compact: compactNever})
	if err != nil {
		t.Fatal(err)
	}
	commitTest(t, s, openingTest(1))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s, err = Open(path, Options{}); err != nil {
		t.Fatal(err)
	}
	if done := s.Compacted(); done != (Compacted{}) {
		t.Errorf("it copied while a page waited: %+v", done)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}
