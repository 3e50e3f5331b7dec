package boltstore

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// pastTickets fills a store with closed tickets, from number first on. Each
// has an alert, a page that went out, a link and, if phone is given, a code.
// They were closed a day after storetest.Began.
func pastTickets(tb testing.TB, s *Store, phone string, first, n int) {
	tb.Helper()
	const step = 500
	for ; n > 0; first, n = first+step, n-step {
		var opening, closing []escalation.Change
		for i := range min(n, step) {
			of := storetest.Ticket("prometheus", fmt.Sprintf("%s%06d", storetest.Prefix, first+i))
			of.OpenedAt = storetest.At(-time.Duration(first+i) * time.Second)
			change := storetest.Opening(&of, storetest.Alert("prometheus", "past-"+of.Number))
			p := storetest.Page(&of, "alice")
			change.Pages = []ticket.Page{p}
			change.Claimed = &escalation.Claimed{Owner: "one", Until: storetest.At(time.Minute), Token: 7, Reserve: []ticket.Reservation{{
				Phone: phone, Hash: paging.LinkHash("link" + of.Number),
				Link: ticket.Link{Person: "alice", Source: of.Source, Ticket: of.Number, At: storetest.Began()},
			}}}
			opening = append(opening, change)
			storetest.Resolve(&of, storetest.At(time.Hour))
			storetest.Close(&of, storetest.At(24*time.Hour))
			closing = append(closing, escalation.Change{Ticket: of, Revision: 1, Timeline: []ticket.Entry{storetest.Note(storetest.At(time.Hour), "seen")}})
		}
		commit(tb, s, opening)
		outcomes := make([]paging.Outcome, len(opening))
		for i := range opening {
			p := &opening[i].Pages[0]
			outcomes[i] = paging.Outcome{
				Source: p.Source, Key: p.PageKey, Token: 7, State: ticket.PageSent, At: storetest.At(time.Second), ProviderID: "SM-" + paging.LinkHash(p.Ticket), Address: "+33612345601",
			}
		}
		if _, err := s.Finish(tb.Context(), outcomes); err != nil {
			tb.Fatal(err)
		}
		commit(tb, s, closing)
		for i := range closing {
			if phone == "" {
				break
			}
			if err := s.Release(tb.Context(), phone, closing[i].Ticket.Number, storetest.At(24*time.Hour)); err != nil {
				tb.Fatal(err)
			}
		}
	}
}

func commit(tb testing.TB, s *Store, changes []escalation.Change) {
	tb.Helper()
	errs, err := s.Commit(tb.Context(), "prometheus", changes)
	if err = errors.Join(append(errs, err)...); err != nil {
		tb.Fatal(err)
	}
}

// keysIn counts the keys of the buckets that hold tickets and what belongs to
// them. Of codes it counts those that belong to somebody.
func keysIn(t *testing.T, s *Store) map[string]int {
	t.Helper()
	counts := map[string]int{}
	err := s.survey(t.Context(), func(tx *bolt.Tx) error {
		for _, id := range []bucket{inTickets, inHeard, inLists, inQueue, inProviders, inLinks} {
			if err := in(tx, id).ForEach(func(_, _ []byte) error { counts[string(id.name())]++; return nil }); err != nil {
				return err
			}
		}
		return in(tx, inCodes).ForEach(func(_, v []byte) error {
			if c, err := readCode(v); err != nil || c.Ticket != "" {
				counts["codes"]++
			}
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return counts
}

// forgetAll forgets until there is nothing left to forget.
func forgetAll(t *testing.T, s *Store) (sum ticket.Forgotten) {
	t.Helper()
	past := ticket.Past{Tickets: storetest.At(48 * time.Hour), Links: storetest.At(48 * time.Hour), Limit: 25}
	for idle := 0; idle < 5; idle++ {
		done, err := s.Forget(t.Context(), past)
		if err != nil {
			t.Fatal(err)
		}
		if sum.Add(done); !done.Nothing() {
			idle = -1
		}
	}
	return sum
}

func TestNothingIsLeftOfTheForgotten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	s, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	pastTickets(t, s, "+33612345601", 1, 300)
	before := keysIn(t, s)
	if before["tickets"] < 900 || before["links"] != 300 || before["providers"] != 300 || before["codes"] != 300 || before["lists"] != 300 {
		t.Fatalf("before: %v", before)
	}
	if done := forgetAll(t, s); done.Tickets != 300 {
		t.Errorf("forgot %+v", done)
	}
	if left := keysIn(t, s); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
	// After a start everything is as before, and the numbers are still taken.
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s, err = Open(path, Options{}); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	numbers, err := s.Numbers(t.Context(), "prometheus", storetest.Prefix, 1)
	if err != nil || numbers[0] <= storetest.Prefix+"0300" || len(numbers[0]) != len(storetest.Prefix)+4 {
		t.Errorf("the next number: %v, %v", numbers, err)
	}
	if code, err := s.Reserve(t.Context(), paging.Reservation{Phone: "+33612345601", Link: paging.Link{Ticket: "x", At: storetest.At(100 * time.Hour)}}); err != nil || code != firstCode {
		t.Errorf("the next code: %d, %v", code, err)
	}
}

// What a crash or an older version left behind without its ticket leaves too.
func TestOrphansAreFound(t *testing.T) {
	s, err := Open(filepath.Join(t.TempDir(), "a.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	pastTickets(t, s, "+33612345601", 1, 10)
	err = s.write(t.Context(), 1, func(b *batch) error {
		for i, number := range []string{"000001", "000002"} {
			prefix := ticketKey(storetest.Prefix + number)
			c := b.in(inTickets).Cursor()
			for k, _ := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, _ = c.Seek(prefix) {
				if err := b.remove(inTickets, bytes.Clone(k)); err != nil {
					return err
				}
			}
			opened := stamp(storetest.At(-time.Duration(i+1) * time.Second))
			if err := b.remove(inLists, timeKey(classClosed, opened, storetest.Prefix+number)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	forgetAll(t, s)
	if left := keysIn(t, s); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

// TestACodeThatIsGivenMeanwhileStays: the ticket of a code is gone. The code
// is given to another ticket between the search for what is over and the
// writing.
func TestACodeThatIsGivenMeanwhileStays(t *testing.T) {
	s, err := Open(filepath.Join(t.TempDir(), "a.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	const phone = "+33612345601"
	pastTickets(t, s, phone, 1, 1)
	// The ticket leaves first, so that only its code is left.
	if _, err := s.Forget(t.Context(), ticket.Past{Tickets: storetest.At(48 * time.Hour), Limit: 25}); err != nil {
		t.Fatal(err)
	}
	var next forgetter
	var found forgetting
	err = s.survey(t.Context(), func(tx *bolt.Tx) error {
		for _, l := range next.looks(&ticket.Past{Links: storetest.At(48 * time.Hour), Limit: 25}, &found) {
			l.read(tx)
		}
		return nil
	})
	if err != nil || len(found.codes) != 1 {
		t.Fatalf("%d codes are over (%v), want the one of the ticket that is gone", len(found.codes), err)
	}
	now := storetest.At(100 * 24 * time.Hour)
	if _, err := s.Reserve(t.Context(), paging.Reservation{
		Phone: phone, Link: ticket.Link{Person: "alice", Source: "prometheus", Ticket: "I991231_0001", At: now},
	}); err != nil {
		t.Fatal(err)
	}
	var did forgot
	err = s.write(t.Context(), 1, func(b *batch) (err error) {
		did, err = b.forgetAll(&found)
		return err
	})
	if err != nil || did.Codes != 0 {
		t.Errorf("%d codes were forgotten: %v", did.Codes, err)
	}
	codes, err := s.Codes(t.Context(), phone)
	if err != nil || len(codes) != 1 || codes[0].Ticket != "I991231_0001" || !codes[0].ReleasedAt.IsZero() {
		t.Errorf("the phone's codes are %+v (%v), want the new ticket's", codes, err)
	}
}
