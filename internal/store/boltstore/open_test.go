package boltstore

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
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
	// The dead process left its note, but the file is free.
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

// What a process called durable is there after it was killed.
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
		path: 0o600, path + ".lock": 0o600, path + ".journal": 0o600, filepath.Dir(path): 0o700 | os.ModeDir,
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

// newerTest is the path of a store that a newer version wrote.
func newerTest(t *testing.T) string {
	t.Helper()
	path := writtenTest(t, 1)
	boltTest(t, path, func(tx *bolt.Tx) error {
		record, err := json.Marshal(layout{Version: layoutVersion + 1})
		return errors.Join(err, tx.Bucket(inMeta.name()).Put(layoutKey, record))
	})
	return path
}

// boltTest changes a file as somebody else might.
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

// A file that bbolt's own tools wrote has a list of free pages.
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

// A file that is refused gets an error that says what to do, and stays as it
// is to the last byte.
func TestRefused(t *testing.T) {
	whole, err := os.ReadFile(writtenTest(t, 300))
	if err != nil {
		t.Fatal(err)
	}
	const (
		damaged = "the file is damaged or no data file of astreinte, and was left as it is: " +
			"put the latest backup in its place with `astreinte restore BACKUP`, which keeps this one beside it"
		newer = "a newer astreinte wrote it (layout 7, this one knows 6), and it was left as it is: " +
			"run that version, or put a backup made before it in its place with `astreinte restore BACKUP`"
	)
	page := os.Getpagesize()
	spoilt := func(spoil func(b []byte) []byte) func(t *testing.T) string {
		return func(t *testing.T) string {
			path := filepath.Join(t.TempDir(), "astreinte.db")
			if err := os.WriteFile(path, spoil(bytes.Clone(whole)), 0o600); err != nil {
				t.Fatal(err)
			}
			return path
		}
	}
	for name, tt := range map[string]struct {
		file func(t *testing.T) string
		want []string
	}{
		"empty":              {spoilt(func([]byte) []byte { return nil }), []string{"the file is empty: remove it if", "`astreinte restore BACKUP`"}},
		"text":               {spoilt(func([]byte) []byte { return bytes.Repeat([]byte("not a store\n"), 2000) }), []string{damaged, "it does not begin as one does"}},
		"a head alone":       {spoilt(func(b []byte) []byte { return b[:100] }), []string{damaged, "it is cut short: "}},
		"cut":                {spoilt(func(b []byte) []byte { return b[:20*page] }), []string{damaged, "it is cut short: "}},
		"cut by a byte":      {spoilt(func(b []byte) []byte { return b[:used(b)*page-1] }), []string{damaged, "it is cut short: "}},
		"both heads gone":    {spoilt(func(b []byte) []byte { clear(b[:2*page]); return b }), []string{damaged, "it does not begin as one does"}},
		"all zeros":          {spoilt(func(b []byte) []byte { clear(b); return b }), []string{damaged}},
		"a hole":             {spoilt(func(b []byte) []byte { clear(b[2*page : 40*page]); return b }), []string{damaged, "page "}},
		"another page there": {spoilt(func(b []byte) []byte { copy(b[10*page:11*page], b[12*page:13*page]); return b }), []string{damaged, "it says that it is page "}},
		"another's buckets": {func(t *testing.T) string {
			path := filepath.Join(t.TempDir(), "other.db")
			boltTest(t, path, func(tx *bolt.Tx) error {
				_, err := tx.CreateBucket([]byte("theirs"))
				return err
			})
			return path
		}, []string{damaged, `it has a bucket "theirs"`}},
		"newer": {newerTest, []string{newer}},
		"held": {func(t *testing.T) string {
			path := writtenTest(t, 1)
			startTest(t, childHolds, path)
			return path
		}, []string{"held by process ", "; stop it or use another file"}},
		"a folder": {func(t *testing.T) string { return t.TempDir() }, []string{"is a directory: name a file in it"}},
	} {
		t.Run(name, func(t *testing.T) { refusedTest(t, tt.file(t), tt.want) })
	}
}

// used is how many pages of a file are in use.
func used(b []byte) int {
	v := verifier{f: bytes.NewReader(b), size: int64(len(b))}
	if err := v.findMeta(); err != nil {
		panic(err)
	}
	return int(v.pages)
}

func refusedTest(t *testing.T, path string, want []string) {
	t.Helper()
	note, noteErr := os.ReadFile(path + ".lock")
	before, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, syscall.EISDIR) {
		t.Fatal(err)
	}
	s, err := Open(path, Options{})
	if err == nil {
		_ = s.Close()
		t.Fatal("it was opened")
	}
	for _, words := range append(want, "boltstore: open "+path+": ") {
		if !strings.Contains(err.Error(), words) {
			t.Errorf("no %q in: %v", words, err)
		}
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("more than a line: %v", err)
	}
	if after, err := os.ReadFile(path); !bytes.Equal(before, after) {
		t.Errorf("the file was changed (%v)", err)
	}
	if now, err := os.ReadFile(path + ".lock"); !errors.Is(err, noteErr) && (err == nil) != (noteErr == nil) || !bytes.Equal(now, note) {
		t.Errorf("the note was %q, %v and is %q, %v", note, noteErr, now, err)
	}
}

// One of the two heads may be half written: then the other one counts.
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
