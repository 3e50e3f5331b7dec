package boltstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/ticket"
)

// crashedTest is a store that died with some tickets in the file and others in
// the journal. It holds copies of both, and where each frame ends.
type crashedTest struct {
	file, journal []byte
	ends          []int64
}

// crashTest opens tickets 1 to filed and has them written to the file. Then it
// opens the others, up to all.
func crashTest(t *testing.T, filed, all int) crashedTest {
	t.Helper()
	path := filepath.Join(t.TempDir(), "astreinte.db")
	s, err := Open(path, Options{FlushEvery: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	fillTest(t, s, filed)
	if err := s.flushNow(t.Context()); err != nil {
		t.Fatal(err)
	}
	var c crashedTest
	for n := filed + 1; n <= all; n++ {
		if err := openTicketTest(s, n); err != nil {
			t.Fatal(err)
		}
		c.ends = append(c.ends, s.journal.end)
	}
	c.file, c.journal = readTest(t, path), readTest(t, journalPath(path))
	return c
}

func readTest(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// reopenTest opens a copy of the file beside a journal.
func (c *crashedTest) reopenTest(t *testing.T, journal []byte) (*Store, string, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "astreinte.db")
	for name, text := range map[string][]byte{path: c.file, journalPath(path): journal} {
		if err := os.WriteFile(name, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s, err := Open(path, Options{FlushEvery: time.Hour})
	return s, path, err
}

// ticketsTest counts the tickets from 1 on that exist.
func ticketsTest(t *testing.T, s *Store) int {
	t.Helper()
	for n := 1; ; n++ {
		if len(loadTest(t, s, openingTest(n).Ticket.Number)) == 0 {
			return n - 1
		}
	}
}

// What was taken over once is not taken over again. What is behind the present
// frames is older.
func TestJournalGoesRound(t *testing.T) {
	c := crashTest(t, 1, 8)
	s, path, err := c.reopenTest(t, c.journal)
	if err != nil {
		t.Fatal(err)
	}
	if n := ticketsTest(t, s); n != 8 {
		t.Fatalf("%d tickets, want 8", n)
	}
	numberTest(t, s, storetest.Prefix+"0009")
	if err := openTicketTest(s, 10); err != nil { // the first frame again, with older ones behind it
		t.Fatal(err)
	}
	again := crashedTest{file: readTest(t, path), journal: readTest(t, journalPath(path))}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(journalPath(path)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("after Close there is a journal: %v", err)
	}
	s, _, err = again.reopenTest(t, again.journal)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if got := loadTest(t, s, openingTest(8).Ticket.Number, openingTest(10).Ticket.Number); len(got) != 2 {
		t.Errorf("there are only %v", got)
	}
	sameIndexTest(t, s)
}

// If a journal cannot be read and more of it follows, it is damaged. A journal
// that is newer than its file is refused too. Both are left as they were.
func TestJournalRefused(t *testing.T) {
	c := crashTest(t, 2, 6)
	older := crashTest(t, 2, 6)
	for name, tt := range map[string]struct {
		journal func() []byte
		file    []byte
		want    string
	}{
		"damaged": {func() []byte {
			j := bytes.Clone(c.journal)
			j[c.ends[1]-5] ^= 1
			return j
		}, c.file, "a part before frame"},
		"damaged at its beginning": {func() []byte {
			j := bytes.Clone(c.journal)
			j[2] ^= 1
			return j
		}, c.file, "a part before frame"},
		"a frame is missing": {func() []byte {
			return append(bytes.Clone(c.journal[:c.ends[0]]), c.journal[c.ends[1]:]...)
		}, c.file, "a part before frame"},
		"newer": {func() []byte { return c.journal[c.ends[1]:] }, c.file, "the file is older than it"},
	} {
		t.Run(name, func(t *testing.T) {
			it := crashedTest{file: tt.file}
			journal := tt.journal()
			s, path, err := it.reopenTest(t, journal)
			if err == nil {
				_ = s.Close()
				t.Fatal("it was opened")
			}
			if !bytes.Contains([]byte(err.Error()), []byte(tt.want)) || !bytes.Contains([]byte(err.Error()), []byte("restore BACKUP")) {
				t.Errorf("no %q, or not what to do, in: %v", tt.want, err)
			}
			if !bytes.Equal(readTest(t, path), tt.file) || !bytes.Equal(readTest(t, journalPath(path)), journal) {
				t.Error("it was changed")
			}
		})
	}
	t.Run("another store's", func(t *testing.T) {
		s, path, err := c.reopenTest(t, older.journal)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if n := ticketsTest(t, s); n != 2 {
			t.Errorf("%d tickets, want 2", n)
		}
		if !bytes.Equal(readTest(t, journalPath(path)+otherJournal), older.journal) {
			t.Error("the other store's journal was not kept")
		}
	})
}

// If a file is refused after its journal was begun, it has no journal
// afterwards.
func TestJournalOfRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "astreinte.db")
	s := openTest(t, path)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	boltTest(t, path, func(tx *bolt.Tx) error { return tx.DeleteBucket(inHeard.name()) })
	if _, err := Open(path, Options{}); !Damaged(err) {
		t.Errorf("a bucket is gone: %v", err)
	}
	if _, err := os.Stat(journalPath(path)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("there is a journal: %v", err)
	}
}

// If the journal cannot be written, the file is written at once.
func TestJournalBroken(t *testing.T) {
	path := filepath.Join(t.TempDir(), "astreinte.db")
	s, err := Open(path, Options{FlushEvery: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	fillTest(t, s, 3)
	whole := s.journal.file
	err = s.write(t.Context(), 1, func(*batch) error {
		f, err := os.Open(whole.Name()) // for reading only
		s.journal.file = sizedFile{f}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := openTicketTest(s, 4); err != nil {
		t.Fatal(err)
	}
	alone := crashedTest{file: readTest(t, path)}
	again, _, err := alone.reopenTest(t, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if n := ticketsTest(t, again); n != 4 {
		t.Errorf("%d tickets are in the file, want 4", n)
	}
}

// A failure loses nothing that is only in the journal.
func TestJournalOutlivesFailures(t *testing.T) {
	path := filepath.Join(t.TempDir(), "astreinte.db")
	s, err := Open(path, Options{FlushEvery: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	errNo := errors.New("no")
	for n := range 5 {
		if err := openTicketTest(s, n+1); err != nil {
			t.Fatal(err)
		}
		err := s.write(t.Context(), 1, func(b *batch) error {
			return errors.Join(b.put(inMeta, []byte("spoilt"), []byte("x")), errNo)
		})
		if !errors.Is(err, errNo) {
			t.Fatal(err)
		}
	}
	err = s.write(t.Context(), 1, func(b *batch) error { // it is in the journal, and the index is lost
		b.then(func(*index) { panic("oh") })
		return b.put(inMeta, []byte("kept"), []byte("x"))
	})
	if err == nil {
		t.Error("no error")
	}
	if n := ticketsTest(t, s); n != 5 {
		t.Errorf("%d tickets, want 5", n)
	}
	var kept, spoilt []byte
	err = s.survey(t.Context(), func(tx *bolt.Tx) error {
		meta := in(tx, inMeta)
		kept, spoilt = bytes.Clone(meta.Get([]byte("kept"))), bytes.Clone(meta.Get([]byte("spoilt")))
		return nil
	})
	if err != nil || kept == nil || spoilt != nil {
		t.Errorf("kept %q, spoilt %q, %v", kept, spoilt, err)
	}
	sameIndexTest(t, s)
}

// If the file does not take a batch, the journal has no gap.
func TestJournalAfterFileFailed(t *testing.T) {
	for name, filed := range map[string]int{"empty": 3, "not empty": 4} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "astreinte.db")
			s, err := Open(path, Options{FlushEvery: time.Hour, Spare: -1})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			fillTest(t, s, 3)
			if err := s.flushNow(t.Context()); err != nil {
				t.Fatal(err)
			}
			if filed == 4 {
				if err := openTicketTest(s, 4); err != nil {
					t.Fatal(err)
				}
			}
			roomTest(t, s, false)
			big := bytes.Repeat([]byte("x"), 32<<20)
			err = s.write(t.Context(), 1, func(b *batch) error { return b.put(inMeta, []byte("big"), big) })
			if !errors.Is(err, ErrFull) {
				t.Fatalf("got %v, want %v", err, ErrFull)
			}
			if err := openTicketTest(s, filed+1); err != nil {
				t.Fatal(err)
			}
			c := crashedTest{file: readTest(t, path)}
			again, _, err := c.reopenTest(t, readTest(t, journalPath(path)))
			if err != nil {
				t.Fatal(err)
			}
			defer again.Close()
			if n := ticketsTest(t, again); n != filed+1 {
				t.Errorf("%d tickets, want %d", n, filed+1)
			}
		})
	}
}

// A batch that is too large for the journal goes to the file. So does the
// batch that fills the journal.
func TestJournalFull(t *testing.T) {
	path := filepath.Join(t.TempDir(), "astreinte.db")
	s, err := Open(path, Options{FlushEvery: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for n, size := range []int{10, journalSize + 1, 10, journalSize / 3, journalSize / 3, journalSize / 3, journalSize / 3, 10} {
		opening := openingTest(n + 1)
		opening.Ticket.Title = string(bytes.Repeat([]byte("x"), size))
		commitTest(t, s, opening)
		c := crashedTest{file: readTest(t, path)}
		again, _, err := c.reopenTest(t, readTest(t, journalPath(path)))
		if err != nil {
			t.Fatal(err)
		}
		if got := ticketsTest(t, again); got != n+1 {
			t.Errorf("%d tickets after a crash, want %d", got, n+1)
		}
		if err := again.Close(); err != nil {
			t.Error(err)
		}
	}
}

// A reader sees everything that was answered for, and every reader gets an
// answer.
func TestReadsWhileAhead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "astreinte.db")
	s, err := Open(path, Options{FlushEvery: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var numbers []string
	for n := 1; n <= 50; n++ {
		if err := openTicketTest(s, n); err != nil {
			t.Fatal(err)
		}
		numbers = append(numbers, openingTest(n).Ticket.Number)
		if got := loadTest(t, s, numbers...); !slices.Equal(got, numbers) {
			t.Fatalf("of %v there are %v", numbers, got)
		}
		if n%10 == 0 {
			view, err := s.View(t.Context(), numbers[n-1])
			if err != nil || view.Ticket.Number != numbers[n-1] {
				t.Fatalf("%+v, %v", view.Ticket.Number, err)
			}
		}
	}
	if err := openTicketTest(s, 51); err != nil {
		t.Fatal(err)
	}
	free := busyTest(t, s)
	defer free()
	ctx, cancel := context.WithCancel(t.Context())
	failed := make(chan error, 1)
	go func() {
		_, err := s.Load(ctx, benchSource, numbers)
		failed <- err
	}()
	queuedTest(s, 1)
	cancel()
	if err := <-failed; !errors.Is(err, context.Canceled) {
		t.Errorf("a read that was given up on: %v", err)
	}
}

// After a failure, a reader sees what is in the journal.
func TestReadsAfterFailure(t *testing.T) {
	s, err := Open(filepath.Join(t.TempDir(), "astreinte.db"), Options{FlushEvery: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := openTicketTest(s, 1); err != nil {
		t.Fatal(err)
	}
	errNo := errors.New("no")
	if err := s.write(t.Context(), 1, func(*batch) error { return errNo }); !errors.Is(err, errNo) {
		t.Fatal(err)
	}
	if n := ticketsTest(t, s); n != 1 {
		t.Errorf("%d tickets, want 1", n)
	}
	verdictTest(t, s, 1, escalation.Repeat)
}

// If the file cannot be written, that is reported. No backup is made that
// lacks what the journal has.
func TestFileBehind(t *testing.T) {
	s, err := Open(filepath.Join(t.TempDir(), "astreinte.db"), Options{FlushEvery: time.Hour, Spare: -1})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	big := openingTest(1)
	big.Ticket.Title = string(bytes.Repeat([]byte("x"), journalSize/2))
	commitTest(t, s, big)
	roomTest(t, s, false)
	var copied bytes.Buffer
	if err := s.Backup(t.Context(), into(&copied)); err == nil {
		t.Error("there is a backup")
	}
	if err := s.Check(t.Context()); err == nil {
		t.Error("it was found in order")
	}
	roomTest(t, s, true)
}

// The writer reads a list if the file is behind; the list is whole.
func TestListWhileBehind(t *testing.T) {
	const all, from, to = 400, 100, 300
	s, err := Open(filepath.Join(t.TempDir(), "astreinte.db"), Options{FlushEvery: time.Hour, Spare: -1})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	fillTest(t, s, all)
	if err := s.flushNow(t.Context()); err != nil {
		t.Fatal(err)
	}
	for n := from; n < to; n++ { // whole pages of the list
		records, err := s.Load(t.Context(), benchSource, []string{openingTest(n).Ticket.Number})
		if err != nil {
			t.Fatal(err)
		}
		commitTest(t, s, storetest.Next(records[0], func(t *ticket.Ticket) { storetest.Close(t, storetest.At(time.Hour)) }))
	}
	roomTest(t, s, false)
	tickets, _, err := s.Tickets(t.Context(), ticket.Query{Scope: ticket.Everything(), Limit: all, States: []ticket.State{ticket.Open}})
	if want := all - (to - from); err != nil || len(tickets) != want || !s.isAhead() {
		t.Errorf("%d tickets, want %d; %v", len(tickets), want, err)
	}
	roomTest(t, s, true)
}

func FuzzJournal(f *testing.F) {
	frame := append(newFrame(), "body"...)
	j := journal{store: 7}
	for n := range uint64(3) {
		j.seal(frame, n+1)
		f.Add(bytes.Repeat(frame, int(n)+1), uint64(7), n)
	}
	f.Fuzz(func(t *testing.T, text []byte, store, applied uint64) {
		bodies, err := readJournal(bytes.NewReader(text), store, applied)
		if err != nil && bodies != nil {
			t.Error(fmt.Errorf("bodies and %w", err))
		}
	})
}
