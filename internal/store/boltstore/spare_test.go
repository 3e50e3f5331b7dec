package boltstore

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// roomTest lets the file grow, or not.
func roomTest(t *testing.T, s *Store, grows bool) {
	t.Helper()
	err := s.write(t.Context(), 1, func(*batch) error {
		if s.db.MaxSize = 0; !grows {
			s.db.MaxSize = 1
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// fullTest opens tickets from n on until there is no room for another one. It
// returns the one that did not fit.
func fullTest(t *testing.T, s *Store, n int) int {
	t.Helper()
	for ; n < 10_000; n++ {
		opening := openingTest(n)
		opening.Ticket.Title = string(make([]byte, 20_000))
		errs, err := s.Commit(t.Context(), benchSource, []escalation.Change{opening})
		if err = errors.Join(append(errs, err)...); errors.Is(err, ErrFull) {
			return n
		} else if err != nil {
			t.Fatal(err)
		}
	}
	t.Fatal("it is never full")
	return 0
}

// Without room, what is new is refused, and what is known goes on.
func TestFull(t *testing.T) {
	path := filepath.Join(t.TempDir(), "astreinte.db")
	s, err := Open(path, Options{FlushEvery: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	fillTest(t, s, 20)
	roomTest(t, s, false)
	refused := fullTest(t, s, 21)
	for name, err := range map[string]error{
		"Check":   s.Check(t.Context()),
		"Commit":  openTicketTest(s, refused+1),
		"Numbers": second(s.Numbers(t.Context(), benchSource, storetest.Prefix, 1)),
	} {
		if !errors.Is(err, ErrFull) {
			t.Errorf("%s: got %v, want %v", name, err, ErrFull)
		}
	}
	for n := 1; n <= 20; n++ {
		goOnTest(t, s, n)
	}
	if err := s.Backup(t.Context(), into(discardTest{})); err != nil {
		t.Errorf("no backup: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}

	s, err = Open(path, Options{FlushEvery: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	roomTest(t, s, false)
	refused = fullTest(t, s, refused)
	roomTest(t, s, true)
	for err := error(ErrFull); err != nil; err = s.Check(t.Context()) {
		if t.Context().Err() != nil || !errors.Is(err, ErrFull) {
			t.Fatal(err)
		}
	}
	if err := openTicketTest(s, refused); err != nil {
		t.Errorf("there is room again: %v", err)
	}
	sameIndexTest(t, s)
}

func second[T any](_ T, err error) error { return err }

type discardTest struct{}

func (discardTest) Write(p []byte) (int, error) { return len(p), nil }

// goOnTest pages ticket n, which alert n repeats, and writes on it.
func goOnTest(t *testing.T, s *Store, n int) {
	t.Helper()
	verdictTest(t, s, n, escalation.Repeat)
	claims, _, err := s.Claim(t.Context(), paging.ClaimRequest{Owner: "one", Now: storetest.At(0), Until: storetest.At(time.Minute), Limit: 1})
	if err != nil || len(claims) != 1 {
		t.Fatalf("%d pages claimed, %v", len(claims), err)
	}
	page := claims[0].Page
	done, err := s.Finish(t.Context(), []paging.Outcome{{
		Source: benchSource, Key: page.PageKey, Token: claims[0].Token, State: ticket.PageSent, ProviderID: "SM" + page.String(), At: storetest.At(0),
	}})
	if err != nil || !done[0] {
		t.Fatalf("recorded %v, %v", done, err)
	}
	records, err := s.Load(t.Context(), benchSource, []string{page.Ticket})
	if err != nil || len(records) != 1 {
		t.Fatal(len(records), err)
	}
	commitTest(t, s, storetest.Next(records[0], nil))
}

// What is in the journal fits into the spare, however many pages it changes.
func TestFullWhileAhead(t *testing.T) {
	const all = 3000
	s, err := Open(filepath.Join(t.TempDir(), "astreinte.db"), Options{FlushEvery: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	fillTest(t, s, all)
	if err := s.flushNow(t.Context()); err != nil {
		t.Fatal(err)
	}
	roomTest(t, s, false)
	for i := 0; s.short.Load() == nil; i++ {
		err := s.write(t.Context(), 1, func(b *batch) error { // all over the file
			key := pageKey(openingTest(i*37%all + 1).Pages[0].PageKey)
			rec, err := b.page(key)
			if err != nil {
				return err
			}
			rec.Until = storetest.At(time.Duration(i))
			return b.putPage(string(key), rec)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	goOnTest(t, s, 1)
}

// If the disk has become full, what a crash left in the journal goes into the
// spare room: a daemon starts and pages.
func TestTakeOverWhereItIsFull(t *testing.T) {
	s, err := Open(filepath.Join(t.TempDir(), "astreinte.db"), Options{FlushEvery: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	roomTest(t, s, false)
	n := 1
	for spare := true; spare; {
		for range 3 {
			opening := openingTest(n)
			opening.Ticket.Title = string(make([]byte, 20_000))
			commitTest(t, s, opening)
			n++
		}
		if err := s.takeOver(); err != nil {
			t.Fatalf("at ticket %d: %v", n, err)
		}
		err := s.db.View(func(tx *bolt.Tx) error {
			spare = tx.Bucket(spareBucket) != nil
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if got := ticketsTest(t, s); got != n-1 {
		t.Errorf("%d tickets, want %d", got, n-1)
	}
}

// An operation that shares a transaction with one that has no room is not
// refused with it.
func TestFullTogether(t *testing.T) {
	s, err := Open(filepath.Join(t.TempDir(), "astreinte.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	fillTest(t, s, 20)
	roomTest(t, s, false)
	free := busyTest(t, s)
	defer free()
	big := openingTest(21)
	big.Ticket.Title = string(make([]byte, 1<<20))
	opened, claimed := make(chan error, 1), make(chan error, 1)
	go func() {
		_, err := s.Commit(context.Background(), benchSource, []escalation.Change{big})
		opened <- err
	}()
	queuedTest(s, 1)
	go func() {
		claims, _, err := s.Claim(context.Background(), paging.ClaimRequest{Owner: "one", Now: storetest.At(0), Until: storetest.At(time.Minute), Limit: 3})
		if err == nil && len(claims) != 3 {
			err = fmt.Errorf("%d pages", len(claims))
		}
		claimed <- err
	}()
	queuedTest(s, 2)
	free()
	if err := <-opened; !errors.Is(err, ErrFull) {
		t.Errorf("opened: %v", err)
	}
	if err := <-claimed; err != nil {
		t.Errorf("claimed: %v", err)
	}
}

func TestIsFull(t *testing.T) {
	for err, want := range map[error]bool{
		nil:            false,
		syscall.ENOSPC: true,
		fmt.Errorf("write x: %w", syscall.EDQUOT):                         true,
		fmt.Errorf("file resize error: truncate x: %s", syscall.EFBIG):    true, //nolint:errorlint // as bbolt does
		fmt.Errorf("write x: %w", syscall.EIO):                            false,
		errors.New("no space left on device is what somebody else wrote"): false,
	} {
		if got := isFull(err); got != want {
			t.Errorf("%v: %v", err, got)
		}
	}
}

// If a transaction failed after it landed, its head is written once more.
func TestSettleHeads(t *testing.T) {
	s := newTest(t)
	fillTest(t, s, 3)
	err := s.write(t.Context(), 1, func(b *batch) error {
		b.then(func(*index) { panic("oh") })
		b.dirty = true
		return nil
	})
	if err == nil {
		t.Fatal("no error")
	}
	if err := openTicketTest(s, 4); err != nil {
		t.Fatal(err)
	}
	if err := s.flushNow(t.Context()); err != nil {
		t.Fatal(err)
	}
	whole := s.file
	s.file = nil // nothing can be settled
	_ = s.rebuild()
	if err := s.Check(t.Context()); err == nil {
		t.Error("it writes on heads that may not be on disk")
	}
	s.file = whole
	if err := s.Check(t.Context()); err != nil {
		t.Errorf("once they are: %v", err)
	}
}
