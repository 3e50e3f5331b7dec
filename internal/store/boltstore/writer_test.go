package boltstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// openTicketTest opens ticket n.
func openTicketTest(s *Store, n int) error {
	errs, err := s.Commit(context.Background(), benchSource, []escalation.Change{openingTest(n)})
	return errors.Join(append(errs, err)...)
}

// busyTest keeps the writer busy until free is called, so that other
// operations queue up.
func busyTest(t *testing.T, s *Store) (free func()) {
	t.Helper()
	started, freed, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		done <- s.write(context.Background(), 1, func(*batch) error {
			close(started)
			<-freed
			return nil
		})
	}()
	<-started
	return sync.OnceFunc(func() {
		close(freed)
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// queuedTest waits until n operations wait for the writer.
func queuedTest(s *Store, n int) {
	for len(s.ops) < n {
		runtime.Gosched()
	}
}

func TestGroupCommit(t *testing.T) {
	const callers = 64
	s := newTest(t)
	if err := openTicketTest(s, 1); err != nil {
		t.Fatal(err)
	}
	before := s.commits.Load()
	free := busyTest(t, s)
	errs := make(chan error, callers)
	for i := range callers {
		go func() { errs <- openTicketTest(s, i+2) }()
	}
	queuedTest(s, callers)
	free()
	for range callers {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if n := s.commits.Load() - before; n != 1 {
		t.Errorf("%d commits took %d transactions, want 1", callers, n)
	}
}

// An operation that is refused, or has nothing to write, costs no transaction.
func TestNothingToWrite(t *testing.T) {
	s := newTest(t)
	if err := openTicketTest(s, 1); err != nil {
		t.Fatal(err)
	}
	before := s.commits.Load()
	if err := openTicketTest(s, 1); !errors.Is(err, escalation.ErrConflict) {
		t.Errorf("opened twice: %v", err)
	}
	claims, _, err := s.Claim(t.Context(), paging.ClaimRequest{Owner: "one", Now: storetest.At(-time.Minute), Until: storetest.At(0), Limit: 0})
	if err != nil || len(claims) > 0 {
		t.Errorf("claims %v, %v", claims, err)
	}
	if err := s.Extend(t.Context(), nil, storetest.At(0)); err != nil {
		t.Error(err)
	}
	_, _, err = s.Receipt(t.Context(), paging.Receipt{ProviderID: "nothing"})
	if !errors.Is(err, escalation.ErrNotFound) {
		t.Errorf("receipt of nothing: %v", err)
	}
	if n := s.commits.Load() - before; n != 0 {
		t.Errorf("%d transactions, want none", n)
	}
}

// If one operation fails or panics, the others are done.
func TestCulprits(t *testing.T) {
	s := newTest(t)
	free := busyTest(t, s)
	defer free()
	errNo := errors.New("no")
	spoilt := func(end func() error) func(b *batch) error {
		return func(b *batch) error {
			if err := b.put(inMeta, []byte("spoilt"), []byte("x")); err != nil {
				return err
			}
			return end()
		}
	}
	results := make([]chan error, 4)
	for i, call := range []func() error{
		func() error { return openTicketTest(s, 1) },
		func() error { return s.write(t.Context(), 1, spoilt(func() error { return errNo })) },
		func() error { return s.write(t.Context(), 1, spoilt(func() error { panic("oh") })) },
		func() error { return openTicketTest(s, 2) },
	} {
		results[i] = make(chan error, 1)
		go func() { results[i] <- call() }()
		queuedTest(s, i+1)
	}
	free()
	for i, want := range []string{"", "no", "panic: oh", ""} {
		if err := <-results[i]; (err == nil) != (want == "") || (err != nil && err.Error() != want) {
			t.Errorf("operation %d: got %v, want %q", i, err, want)
		}
	}
	spoiltTest(t, s)
	records, err := s.Load(t.Context(), benchSource, []string{openingTest(1).Ticket.Number, openingTest(2).Ticket.Number})
	if err != nil || len(records) != 2 {
		t.Errorf("%d tickets, %v", len(records), err)
	}
}

// If a claim's transaction failed, its page can be claimed.
func TestClaimAgainAfterFailure(t *testing.T) {
	s := newTest(t)
	fillTest(t, s, 3)
	free := busyTest(t, s)
	defer free()
	claimed := make(chan int, 1)
	go func() {
		claims, _, err := s.Claim(t.Context(), paging.ClaimRequest{Owner: "one", Now: storetest.At(0), Until: storetest.At(time.Minute), Limit: 2})
		if err != nil {
			t.Error(err)
		}
		claimed <- len(claims)
	}()
	queuedTest(s, 1)
	failed := make(chan error, 1)
	go func() { failed <- s.write(t.Context(), 1, func(*batch) error { panic("oh") }) }()
	queuedTest(s, 2)
	free()
	if n := <-claimed; n != 2 {
		t.Errorf("%d pages claimed, want 2", n)
	}
	if err := <-failed; err == nil {
		t.Error("no error")
	}
}

// If another ticket took a group, the group does not go back, however often
// the file is opened.
func TestGroupDoesNotFallBack(t *testing.T) {
	s := newTest(t)
	fillTest(t, s, 1)
	second := openingTest(2)
	second.Ticket.GroupKey, second.GroupWas = openingTest(1).Ticket.GroupKey, openingTest(1).Ticket.Number
	commitTest(t, s, second)
	records, err := s.Load(t.Context(), benchSource, []string{second.Ticket.Number})
	if err != nil {
		t.Fatal(err)
	}
	commitTest(t, s, storetest.Next(records[0], func(t *ticket.Ticket) { storetest.Close(t, storetest.At(time.Hour)) }))
	if live := s.ix.source(benchSource).groupTicket(second.Ticket.GroupKey); live != nil {
		t.Errorf("the group's ticket is %s, want none", live.number)
	}
	sameIndexTest(t, s)
}

func spoiltTest(t *testing.T, s *Store) {
	t.Helper()
	err := s.write(t.Context(), 1, func(b *batch) error {
		if v := b.in(inMeta).Get([]byte("spoilt")); v != nil {
			t.Errorf("a failed operation left %q", v)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestContextEnds(t *testing.T) {
	s := newTest(t)
	free := busyTest(t, s)
	defer free()
	ctx, cancel := context.WithCancel(t.Context())
	got := make(chan error, 1)
	go func() {
		_, err := s.Commit(ctx, benchSource, []escalation.Change{openingTest(1)})
		got <- err
	}()
	queuedTest(s, 1)
	cancel()
	if err := <-got; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	free()
	// The writer passed over the operation: nobody waited any more.
	if err := openTicketTest(s, 1); err != nil {
		t.Errorf("the number was taken: %v", err)
	}
}

// A call that is given up while the writer works on it shares nothing with the
// writer.
func TestContextEndsMeanwhile(t *testing.T) {
	s := newTest(t)
	fillTest(t, s, 20)
	page := openingTest(1).Pages[0]
	for name, call := range map[string]func(ctx context.Context) error{
		"Commit": func(ctx context.Context) error {
			c := openingTest(1)
			c.Revision = 7
			_, err := s.Commit(ctx, benchSource, []escalation.Change{c})
			c.Alerts[0].Was, c.Alerts[0].Record.Fingerprint = "reused", "reused"
			return err
		},
		"Finish": func(ctx context.Context) error {
			outcomes := []paging.Outcome{{Source: benchSource, Key: page.PageKey, Token: 1, ProviderID: "SM1"}}
			_, err := s.Finish(ctx, outcomes)
			outcomes[0] = paging.Outcome{}
			return err
		},
		"Claim": func(ctx context.Context) error {
			_, _, err := s.Claim(ctx, paging.ClaimRequest{Owner: "one", Now: storetest.At(0), Until: storetest.At(0), Limit: 1})
			return err
		},
		"Receipt": func(ctx context.Context) error {
			_, _, err := s.Receipt(ctx, paging.Receipt{Source: benchSource, Key: page.PageKey})
			return err
		},
		"Reserve": func(ctx context.Context) error {
			_, err := s.Reserve(ctx, paging.Reservation{Phone: "+33", Hash: "h"})
			return err
		},
		"PutDevice": func(ctx context.Context) error {
			_, err := s.PutDevice(ctx, paging.Device{Token: "t"})
			return err
		},
		"DropDevice": func(ctx context.Context) error {
			if err := s.DropDevice(ctx, "alice", "d"); !errors.Is(err, escalation.ErrNotFound) {
				return err
			}
			return nil
		},
		"Numbers": func(ctx context.Context) error {
			_, err := s.Numbers(ctx, benchSource, storetest.Prefix, 40)
			return err
		},
	} {
		for range 30 {
			ctx, cancel := context.WithCancel(t.Context())
			go cancel()
			if err := call(ctx); err != nil && !errors.Is(err, context.Canceled) {
				t.Errorf("%s: %v", name, err)
			}
			cancel()
		}
	}
}

// If a transaction fails, the index stays as it was. If it fails after it
// landed, the index is rebuilt.
func TestFailedCommit(t *testing.T) {
	s := newTest(t)
	fillTest(t, s, 10)
	roomTest(t, s, false)
	big := openingTest(11)
	big.Ticket.Title = string(bytes.Repeat([]byte("x"), 32<<20))
	if _, err := s.Commit(t.Context(), benchSource, []escalation.Change{big, openingTest(12)}); err == nil {
		t.Fatal("no error")
	}
	roomTest(t, s, true)
	verdictTest(t, s, 12, escalation.New)
	if err := openTicketTest(s, 12); err != nil {
		t.Error(err)
	}
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
	d, err := newDraft(benchSource, new(openingTest(13)))
	if err != nil {
		t.Fatal(err)
	}
	verdictTest(t, s, 3, escalation.Repeat) // counted, and not on disk yet
	err = s.write(t.Context(), 1, func(b *batch) error {
		b.filed = true
		b.then(func(*index) { panic("oh") })
		_, err := b.change(&d)
		return err
	})
	if err == nil {
		t.Fatal("no error")
	}
	verdictTest(t, s, 13, escalation.Repeat)
	if err := openTicketTest(s, 13); !errors.Is(err, escalation.ErrConflict) {
		t.Errorf("what landed can be committed again: %v", err)
	}
	if n := countTest(t, s, 3); n != 2 {
		t.Errorf("count %d, want 2", n)
	}
}

func verdictTest(t *testing.T, s *Store, n int, want escalation.Verdict) {
	t.Helper()
	o := storetest.Observation(openingTest(n).Alerts[0].Record.Alert, storetest.At(time.Minute))
	observed, err := s.Observe(t.Context(), benchSource, []escalation.Observation{o})
	if err != nil || observed.Items[0].Verdict != want {
		t.Errorf("ticket %d: verdict %+v, want %d (%v)", n, observed.Items, want, err)
	}
}

func countTest(t *testing.T, s *Store, n int) int64 {
	t.Helper()
	alerts, err := s.Alerts(t.Context(), benchSource, []string{openingTest(n).Alerts[0].Record.Fingerprint})
	if err != nil || len(alerts) != 1 {
		t.Fatalf("%d alerts, %v", len(alerts), err)
	}
	return alerts[0].Count
}

// Counters reach the file by themselves; at Close, the last ones do.
func TestCountersFiled(t *testing.T) {
	path := filepath.Join(t.TempDir(), "astreinte.db")
	s, err := Open(path, Options{FlushEvery: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	fillTest(t, s, 3)
	before := s.commits.Load()
	verdictTest(t, s, 2, escalation.Repeat)
	for s.commits.Load() == before {
		runtime.Gosched()
	}
	killed := filepath.Join(t.TempDir(), "killed.db")
	copyFileTest(t, path, killed)
	verdictTest(t, s, 2, escalation.Repeat)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]int64{killed: 2, path: 3} {
		s := openTest(t, file)
		if n := countTest(t, s, 2); n != want {
			t.Errorf("count %d, want %d", n, want)
		}
		// A commit's counters replace those that were filed.
		records, err := s.Load(t.Context(), benchSource, []string{openingTest(2).Ticket.Number})
		if err != nil {
			t.Fatal(err)
		}
		again := storetest.Next(records[0], nil)
		again.Alerts = []escalation.AlertChange{{
			Record: openingTest(2).Alerts[0].Record, Was: records[0].Ticket.Number,
		}}
		commitTest(t, s, again)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = openTest(t, file)
		if n := countTest(t, s, 2); n != 1 {
			t.Errorf("count %d after a commit, want 1", n)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// More counters than one transaction takes are all written.
func TestManyCounters(t *testing.T) {
	const n = 2*flushChunk + 17
	path := filepath.Join(t.TempDir(), "astreinte.db")
	s := openTest(t, path)
	fillTest(t, s, n)
	observations := make([]escalation.Observation, n)
	for i := range observations {
		observations[i] = storetest.Observation(openingTest(i + 1).Alerts[0].Record.Alert, storetest.At(time.Minute))
	}
	if _, err := s.Observe(t.Context(), benchSource, observations); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openTest(t, path)
	defer s.Close()
	for i := 1; i <= n; i += 97 {
		if c := countTest(t, s, i); c != 2 {
			t.Fatalf("alert %d: count %d, want 2", i, c)
		}
	}
}

func TestNumbersAreExactAfterClose(t *testing.T) {
	path := filepath.Join(t.TempDir(), "astreinte.db")
	for _, want := range []string{"I1_0001", "I1_0002", "I1_0003"} {
		s := openTest(t, path)
		got, err := s.Numbers(t.Context(), benchSource, "I1_", 1)
		if err != nil || got[0] != want {
			t.Errorf("number %v, want %s (%v)", got, want, err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// Numbers that somebody committed without asking for them are skipped. Most
// numbers are handed out without a write.
func TestNumbersFromMemory(t *testing.T) {
	s := newTest(t)
	fillTest(t, s, 5)
	var last []string
	before := s.commits.Load()
	for n := 6; n < 206; n++ {
		var err error
		if last, err = s.Numbers(t.Context(), benchSource, storetest.Prefix, 1); err != nil {
			t.Fatal(err)
		}
		if want := fmt.Sprintf("%s%04d", storetest.Prefix, n); last[0] != want {
			t.Fatalf("number %s, want %s", last[0], want)
		}
		if err := openTicketTest(s, n); err != nil {
			t.Fatal(err)
		}
	}
	if n := s.commits.Load() - before; n > 201 {
		t.Errorf("200 numbers and commits took %d transactions", n)
	}
}

func TestBackup(t *testing.T) {
	s := newTest(t)
	fillTest(t, s, 50)
	verdictTest(t, s, 7, escalation.Repeat)
	stop, stopped := make(chan struct{}), make(chan error, 1)
	go func() { // writes go on meanwhile
		var err error
		for n := 51; err == nil; n++ {
			select {
			case <-stop:
				stopped <- nil
				return
			default:
				err = openTicketTest(s, n)
			}
		}
		stopped <- err
	}()
	path := filepath.Join(t.TempDir(), "backup.db")
	var copied bytes.Buffer
	if err := s.Backup(t.Context(), into(&copied)); err != nil {
		t.Fatal(err)
	}
	close(stop)
	if err := <-stopped; err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, copied.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	b := openTest(t, path)
	defer b.Close()
	if n := countTest(t, b, 7); n != 2 {
		t.Errorf("count %d, want 2", n)
	}
	for n := 1; n <= 50; n++ {
		verdictTest(t, b, n, escalation.Repeat)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Backup(cancelled, into(&copied)); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// into has a backup written to w.
func into(w io.Writer) func(int64) io.Writer { return func(int64) io.Writer { return w } }
