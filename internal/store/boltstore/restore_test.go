package boltstore

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/paging"
)

const (
	phoneTest  = "+33612345601"
	prefixTest = "I261121_"
)

// backedUpTest is a closed store that was written to after its backup, and
// that backup.
func backedUpTest(t *testing.T) (path, backup string) {
	t.Helper()
	dir := t.TempDir()
	path, backup = filepath.Join(dir, "astreinte.db"), filepath.Join(dir, "backup.db")
	s := openTest(t, path)
	numberTest(t, s, prefixTest+"0001")
	fillTest(t, s, 3)
	codeTest(t, s, "1", 11)
	codeTest(t, s, "2", 12)
	if err := s.Release(t.Context(), phoneTest, "1", storetest.At(0)); err != nil {
		t.Fatal(err)
	}
	size, err := Save(backup, false, func(w io.Writer) error { return s.Backup(t.Context(), into(w)) })
	if err != nil || size == 0 {
		t.Fatal(size, err)
	}
	numberTest(t, s, prefixTest+"0004") // the first three are tickets
	codeTest(t, s, "3", 13)
	if err := openTicketTest(s, 4); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return path, backup
}

func numberTest(t *testing.T, s *Store, want string) {
	t.Helper()
	got, err := s.Numbers(t.Context(), benchSource, prefixTest, 1)
	if err != nil || got[0] != want {
		t.Errorf("number %v, want %s (%v)", got, want, err)
	}
}

func codeTest(t *testing.T, s *Store, number string, want int) {
	t.Helper()
	got, err := s.Reserve(t.Context(), paging.Reservation{
		Phone: phoneTest, Link: paging.Link{Person: "alice", Source: benchSource, Ticket: number, At: storetest.At(0)},
	})
	if err != nil || got != want {
		t.Errorf("code %d, want %d (%v)", got, want, err)
	}
}

func restoreTest(t *testing.T, path, backup string) Restored {
	t.Helper()
	done, err := Restore(path, Restoring{
		Backup: backup, Now: storetest.At(time.Hour), Prefixes: []string{prefixTest}, Phones: []string{"+33612345699"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return done
}

func TestRestore(t *testing.T) {
	path, backup := backedUpTest(t)
	was, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	done := restoreTest(t, path, backup)
	if done.Active != 3 || done.Queued != 3 || time.Since(done.At) > time.Minute {
		t.Errorf("restored %+v, want 3 active tickets, 3 pages, now", done)
	}
	if aside, err := os.ReadFile(done.Aside); err != nil || !bytes.Equal(aside, was) {
		t.Errorf("what was there is not kept as %s (%v)", done.Aside, err)
	}
	back := restoreTest(t, path, done.Aside)
	if !back.At.IsZero() {
		t.Errorf("what is no backup says that it is one of %s", back.At)
	}
	if done = restoreTest(t, path, backup); done.At.IsZero() {
		t.Error("the backup does not know its moment")
	}
	s := openTest(t, path)
	defer s.Close()
	verdictTest(t, s, 3, escalation.Repeat)
	if t4 := openingTest(4).Ticket.Number; len(loadTest(t, s, t4)) != 0 {
		t.Errorf("ticket %s is there: it was opened after the backup", t4)
	}
	numberTest(t, s, prefixTest+"60034")       // 10,000 for each restore, beyond what the one before left
	codeTest(t, s, "2", 12)                    // as it was
	codeTest(t, s, "4", 11+2+3*codesLeftOut+1) // 11 was released and 13 given: both rest
	onlyOneTest(t, filepath.Dir(path), 5)
}

// loadTest are those of the numbers whose tickets exist.
func loadTest(t *testing.T, s *Store, numbers ...string) (there []string) {
	t.Helper()
	records, err := s.Load(t.Context(), benchSource, numbers)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records {
		there = append(there, r.Ticket.Number)
	}
	return there
}

// onlyOneTest checks that a folder has only this many files and a note.
func onlyOneTest(t *testing.T, dir string, want int) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".lock") && !strings.HasSuffix(e.Name(), ".journal") {
			names = append(names, e.Name())
		}
	}
	if len(names) != want {
		t.Errorf("the folder has %v, want %d files", names, want)
	}
}

// Numbers are not given again, even if nothing says which ones they were.
func TestRestoreOverDamage(t *testing.T) {
	path, backup := backedUpTest(t)
	for round, want := range []string{prefixTest + "10034", prefixTest + "20034"} {
		if err := os.WriteFile(path, []byte("nothing"), 0o600); err != nil {
			t.Fatal(err)
		}
		restoreTest(t, path, backup)
		s := openTest(t, path)
		numberTest(t, s, want)
		if err := s.Close(); err != nil {
			t.Fatal(round, err)
		}
	}
	onlyOneTest(t, filepath.Dir(path), 4)
}

func TestRestoreWhereNothingWas(t *testing.T) {
	_, backup := backedUpTest(t)
	path := filepath.Join(t.TempDir(), "new", "astreinte.db")
	if done := restoreTest(t, path, backup); done.Aside != "" || done.Active != 3 {
		t.Errorf("restored %+v", done)
	}
	s := openTest(t, path)
	defer s.Close()
	onlyOneTest(t, filepath.Dir(path), 1)
}

// If a restore is refused, everything stays as it was.
func TestRestoreRefuses(t *testing.T) {
	path, backup := backedUpTest(t)
	whole, err := os.ReadFile(backup)
	if err != nil {
		t.Fatal(err)
	}
	was, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	try := func(t *testing.T, backup, want string) {
		t.Helper()
		_, err := Restore(path, Restoring{Backup: backup, Now: storetest.At(0)})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
		if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, was) {
			t.Errorf("the store was changed (%v)", err)
		}
		onlyOneTest(t, filepath.Dir(path), 2)
	}
	for name, spoilt := range map[string]struct {
		content []byte
		want    string
	}{
		"cut":   {whole[:len(whole)/2], "cut short"},
		"empty": {nil, "the file is empty"},
		"text":  {[]byte("not a store, not at all"), "does not begin as one does"},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "spoilt.db")
			if err := os.WriteFile(file, spoilt.content, 0o600); err != nil {
				t.Fatal(err)
			}
			try(t, file, spoilt.want)
		})
	}
	t.Run("missing", func(t *testing.T) { try(t, filepath.Join(t.TempDir(), "none.db"), "no such file") })
	t.Run("itself", func(t *testing.T) { try(t, path, "not a backup of it") })
	t.Run("newer", func(t *testing.T) { try(t, newerTest(t), "a newer astreinte wrote it") })
	t.Run("held", func(t *testing.T) {
		holder := startTest(t, childHolds, path)
		defer holder.killTest()
		was, _ = os.ReadFile(path)
		try(t, backup, "held by process ")
	})
}

func TestSave(t *testing.T) {
	_, backup := backedUpTest(t)
	whole, err := os.ReadFile(backup)
	if err != nil {
		t.Fatal(err)
	}
	bring := func(b []byte, then error) func(io.Writer) error {
		return func(w io.Writer) error {
			_, err := w.Write(b)
			return errors.Join(err, then)
		}
	}
	errGone := errors.New("the daemon is gone")
	for name, tt := range map[string]struct {
		fetch func(io.Writer) error
		want  error
	}{
		"broken off": {bring(whole[:5000], errGone), errGone},
		"cut":        {bring(whole[:len(whole)/2], nil), errTorn},
		"nothing":    {bring(nil, nil), errTorn},
		"a page":     {bring([]byte("<html>come in</html>"), nil), errTorn},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if _, err := Save(filepath.Join(dir, "saved.db"), false, tt.fetch); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
			onlyOneTest(t, dir, 0)
		})
	}
	t.Run("there already", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "saved.db")
		if err := os.WriteFile(path, []byte("mine"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Save(path, false, bring(whole, nil)); !errors.Is(err, fs.ErrExist) {
			t.Errorf("got %v", err)
		}
		if _, err := Save(path, true, bring(whole[:5000], nil)); !errors.Is(err, errTorn) {
			t.Errorf("got %v", err)
		}
		if text, err := os.ReadFile(path); err != nil || string(text) != "mine" {
			t.Errorf("%q, %v", text, err)
		}
		if size, err := Save(path, true, bring(whole, nil)); err != nil || size != int64(len(whole)) {
			t.Errorf("%d, %v", size, err)
		}
	})
}

// A restore after a crash can be undone: the file that was set aside has its
// journal.
func TestRestoreOverACrash(t *testing.T) {
	c := crashTest(t, 2, 6)
	dir := t.TempDir()
	path, backup := filepath.Join(dir, "astreinte.db"), filepath.Join(dir, "backup.db")
	for name, text := range map[string][]byte{path: c.file, journalPath(path): c.journal, backup: c.file} {
		if err := os.WriteFile(name, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want := func(n int) {
		t.Helper()
		s := openTest(t, path)
		defer s.Close()
		if got := ticketsTest(t, s); got != n {
			t.Errorf("%d tickets, want %d", got, n)
		}
	}
	done := restoreTest(t, path, backup)
	want(2)
	restoreTest(t, path, done.Aside)
	want(6)
}
