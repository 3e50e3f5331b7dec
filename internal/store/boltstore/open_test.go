package boltstore

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	bolt "go.etcd.io/bbolt"

	"github.com/astreinte/astreinte/escalation/storetest"
)

func TestHeldByAnotherProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "astreinte.db")
	other := startTest(t, childHolds, path)
	_, err := Open(path, Options{})
	want := fmt.Sprintf("boltstore: open %s: held by process %d on ", path, other.Process.Pid)
	if err == nil || !strings.HasPrefix(err.Error(), want) || !strings.HasSuffix(err.Error(), "; stop it or use another file") {
		t.Fatalf("got %v, want %s…", err, want)
	}
	other.killTest()
	// The dead process left its note; the file is free all the same.
	if _, err := os.Stat(path + ".lock"); err != nil {
		t.Fatal(err)
	}
	s := openTest(t, path)
	if _, err = Open(path, Options{}); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("process %d ", os.Getpid())) {
		t.Errorf("opened twice: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path + ".lock"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the note stays after Close: %v", err)
	}
}

func TestHeldByWhoLeftNoNote(t *testing.T) {
	path := filepath.Join(t.TempDir(), "astreinte.db")
	s := openTest(t, path)
	defer s.Close()
	for _, note := range []string{"", "nonsense"} {
		if err := os.WriteFile(path+".lock", []byte(note), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(path, Options{}); err == nil || !strings.Contains(err.Error(), "held by another process") {
			t.Errorf("note %q: %v", note, err)
		}
	}
}

// What a process named as durable is there after it was killed.
func TestKilledWhileWriting(t *testing.T) {
	path := filepath.Join(t.TempDir(), "astreinte.db")
	writer := startTest(t, childWrites, path)
	var durable []string
	for range 50 {
		durable = append(durable, writer.lineTest(t))
	}
	durable = append(durable, writer.killTest()...)
	s := openTest(t, path)
	defer s.Close()
	records, err := s.Load(t.Context(), benchSource, durable)
	if err != nil || len(records) != len(durable) {
		t.Fatalf("%d of %d tickets are there: %v", len(records), len(durable), err)
	}
	next, err := s.Numbers(t.Context(), benchSource, storetest.Prefix, 1)
	if err != nil || next[0] <= durable[len(durable)-1] {
		t.Errorf("number %v after %s: %v", next, durable[len(durable)-1], err)
	}
}

func TestModes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a", "b", "astreinte.db")
	s := openTest(t, path)
	defer s.Close()
	for name, want := range map[string]os.FileMode{
		path: 0o600, path + ".lock": 0o600, filepath.Dir(path): 0o700 | os.ModeDir,
	} {
		info, err := os.Stat(name)
		if err != nil || info.Mode() != want {
			t.Errorf("%s: mode %v, want %v (%v)", name, info.Mode(), want, err)
		}
	}
	if s.Path() != path {
		t.Errorf("path %s, want %s", s.Path(), path)
	}
}

// writtenTest is the path of a closed store with some tickets.
func writtenTest(t *testing.T, tickets int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "astreinte.db")
	s := openTest(t, path)
	fillTest(t, s, tickets)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestNewerLayout(t *testing.T) {
	path := writtenTest(t, 1)
	boltTest(t, path, func(tx *bolt.Tx) error {
		record, err := json.Marshal(layout{Version: layoutVersion + 1})
		return errors.Join(err, tx.Bucket(inMeta.name()).Put(layoutKey, record))
	})
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = Open(path, Options{})
	if err == nil || !strings.Contains(err.Error(), "a newer astreinte wrote it (layout 2, this one knows 1)") {
		t.Fatalf("got %v", err)
	}
	after, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("the file was changed (%v)", err)
	}
}

// boltTest changes a file as somebody else may.
func boltTest(t *testing.T, path string, change func(tx *bolt.Tx) error) {
	t.Helper()
	db, err := bolt.Open(path, 0o600, nil)
	if err == nil {
		err = errors.Join(db.Update(change), db.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestNotOurs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "other.db")
	boltTest(t, path, func(tx *bolt.Tx) error {
		_, err := tx.CreateBucket([]byte("theirs"))
		return err
	})
	damagedTest(t, path)
}

// A file that bbolt's own tools wrote keeps a list of free pages.
func TestSyncedFreelist(t *testing.T) {
	path := writtenTest(t, 100)
	boltTest(t, path, func(*bolt.Tx) error { return nil })
	s := openTest(t, path)
	defer s.Close()
	stats, err := s.Stats(t.Context())
	if err != nil || stats.Queued != 100 {
		t.Errorf("%d pages are queued, want 100 (%v)", stats.Queued, err)
	}
}

// damagedTest opens a file that must be refused as damaged.
func damagedTest(t *testing.T, path string) {
	t.Helper()
	s, err := Open(path, Options{})
	if err == nil {
		_ = s.Close()
	}
	if !errors.Is(err, errDamaged) || !strings.HasPrefix(err.Error(), "boltstore: open "+path) {
		t.Errorf("got %v", err)
	}
}

func TestDamaged(t *testing.T) {
	whole, err := os.ReadFile(writtenTest(t, 300))
	if err != nil {
		t.Fatal(err)
	}
	page := os.Getpagesize()
	for name, spoil := range map[string]func(b []byte) []byte{
		"text":               func([]byte) []byte { return bytes.Repeat([]byte("not a store\n"), 2000) },
		"short":              func(b []byte) []byte { return b[:100] },
		"cut":                func(b []byte) []byte { return b[:20*page] },
		"both heads gone":    func(b []byte) []byte { clear(b[:2*page]); return b },
		"a hole":             func(b []byte) []byte { clear(b[2*page : 40*page]); return b },
		"another page there": func(b []byte) []byte { copy(b[10*page:11*page], b[12*page:13*page]); return b },
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "astreinte.db")
			if err := os.WriteFile(path, spoil(bytes.Clone(whole)), 0o600); err != nil {
				t.Fatal(err)
			}
			damagedTest(t, path)
			if _, err := os.Stat(path + ".lock"); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("the note stays: %v", err)
			}
		})
	}
}

// Whatever is wrong with a file, opening it ends in a store or in an error.
func TestSpoiltAnywhere(t *testing.T) {
	whole, err := os.ReadFile(writtenTest(t, 100))
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	used, dir, refused := len(bytes.TrimRight(whole, "\x00")), t.TempDir(), 0
	for i := range 200 {
		b := bytes.Clone(whole)
		for range 1 + random.IntN(20) {
			// Mostly what bbolt goes by: the first bytes of a page.
			at := random.IntN(used/os.Getpagesize())*os.Getpagesize() + random.IntN(200)
			b[min(at, used-1)] = byte(random.IntN(256))
		}
		path := filepath.Join(dir, fmt.Sprint(i))
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := Open(path, Options{})
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

// One head of the two may be half written: the other one counts.
func TestHeadHalfWritten(t *testing.T) {
	for i := range 2 {
		path := writtenTest(t, 3)
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		clear(b[i*os.Getpagesize()+40 : i*os.Getpagesize()+60])
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		s := openTest(t, path)
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}
