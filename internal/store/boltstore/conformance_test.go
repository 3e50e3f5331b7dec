package boltstore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"testing"

	"github.com/astreinte/astreinte/escalation/storetest"
)

var (
	_ storetest.Store  = (*Store)(nil)
	_ storetest.Lister = (*Store)(nil)
)

func openTest(t testing.TB, path string) *Store {
	t.Helper()
	s, err := Open(path, Options{Spare: -1, Log: true})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// openUnloggedTest opens a store that keeps no log of changes.
func openUnloggedTest(t testing.TB, path string) *Store {
	t.Helper()
	s, err := Open(path, Options{Spare: -1})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func newTest(t testing.TB) *Store {
	t.Helper()
	s := openTest(t, filepath.Join(t.TempDir(), "data", "astreinte.db"))
	t.Cleanup(func() {
		if _, bench := t.(*testing.B); !bench {
			sameIndexTest(t, s)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// sameIndexTest compares the index, after everything that happened to it, with
// one that is loaded from the file.
func sameIndexTest(t testing.TB, s *Store) {
	t.Helper()
	if err := s.flushNow(context.Background()); err != nil {
		if !errors.Is(err, errClosed) {
			t.Error(err)
		}
		return
	}
	loaded, id, err := s.load()
	if err != nil {
		t.Error(err)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	got, want := dumpTest(s.ix), dumpTest(loaded)
	if id != s.applied || !maps.Equal(got, want) {
		t.Errorf("the index of transaction %d is\n%v\nthe file's, of %d, is\n%v", s.applied, got, id, want)
	}
}

// dumpTest is everything in an index, line by line.
func dumpTest(ix *index) map[string]bool {
	lines := map[string]bool{fmt.Sprint("counts ", ix.counts, ix.logged, ix.trimmed): true}
	add := func(values ...any) { lines[fmt.Sprint(values...)] = true }
	for _, t := range ix.tickets {
		add("ticket ", t.number, " ", t.source.name, " ", fmt.Sprintf("%q", t.group), t.deadline, t.place == nowhere, t.state, t.urgency, t.logged)
	}
	for _, src := range ix.sources {
		for key, t := range src.groups {
			add("group ", src.name, " ", key, " ", t.number, " ", ix.tickets[t.number] == t)
		}
		for f, a := range src.alerts {
			add("alert ", f, " ", a.ticket.number, ix.tickets[a.ticket.number] == a.ticket, a.heard, a.place == nowhere, a.status, a.urgency)
		}
		for key := range src.senders {
			for a := src.senders[key]; a != nil; a = a.next {
				add("sender ", src.name, " ", key, " ", a.sender == key, a.fingerprint)
			}
		}
	}
	for key, w := range ix.waiting {
		add("page ", fmt.Sprintf("%q", key), w.pageHead)
	}
	add("waiting ", ix.readyLen()+ix.later.len(), " ", len(ix.waiting))
	return lines
}

// checked compares its index with the file's before it closes.
type checked struct {
	*Store
	t testing.TB
}

func (c checked) Close() error {
	sameIndexTest(c.t, c.Store)
	return c.Store.Close()
}

func TestConformance(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Store {
		return checked{openTest(t, filepath.Join(t.TempDir(), "astreinte.db")), t}
	})
}

func TestClosedAndOpened(t *testing.T) {
	storetest.RunDurable(t, func(t *testing.T) (storetest.Store, func() storetest.Store) {
		path := filepath.Join(t.TempDir(), "astreinte.db")
		s := openTest(t, path)
		return s, func() storetest.Store {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			s = openTest(t, path)
			return s
		}
	})
}

// A process that is killed leaves what the file holds at that moment. So does
// a copy of a file that nobody closed.
func TestKilled(t *testing.T) {
	storetest.RunDurable(t, func(t *testing.T) (storetest.Store, func() storetest.Store) {
		dir, n := t.TempDir(), 0
		s := openTest(t, filepath.Join(dir, "0.db"))
		return s, func() storetest.Store {
			n++
			path := filepath.Join(dir, string(rune('0'+n))+".db")
			copyFileTest(t, s.Path(), path)
			copyFileTest(t, journalPath(s.Path()), journalPath(path))
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			s = openTest(t, path)
			return s
		}
	})
}

func copyFileTest(t testing.TB, from, to string) {
	t.Helper()
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	if _, err := io.Copy(out, in); err != nil {
		t.Fatal(err)
	}
}
