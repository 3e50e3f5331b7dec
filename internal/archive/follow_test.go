package archive_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/archive"
	"github.com/astreinte/astreinte/internal/archive/archivetest"
	"github.com/astreinte/astreinte/internal/ticket"
)

// put stores n new tickets.
func put(t *testing.T, s *storetest.Memory, n int) {
	t.Helper()
	for range n {
		numbers, err := s.Numbers(t.Context(), "prometheus", storetest.Prefix, 1)
		if err != nil {
			t.Fatal(err)
		}
		of := storetest.Ticket("prometheus", numbers[0])
		errs, err := s.Commit(t.Context(), "prometheus", []escalation.Change{storetest.Opening(&of, storetest.Alert("prometheus", numbers[0]))})
		if err := errors.Join(append(errs, err)...); err != nil {
			t.Fatal(err)
		}
	}
}

func follower(a *archive.Archive, s *storetest.Memory) *archive.Follower {
	return archive.NewFollower(archive.FollowerOptions{Archive: a, Store: s, Now: func() time.Time { return storetest.At(0) }})
}

func same(t *testing.T, a *archive.Archive, s *storetest.Memory) {
	t.Helper()
	found, err := archivetest.Differences(t.Context(), a, s)
	if err != nil || len(found) > 0 {
		t.Errorf("%v %s", err, strings.Join(found, "\n"))
	}
}

// TestAwayAndBack: a database that ends, and comes back an hour of changes later.
func TestAwayAndBack(t *testing.T) {
	server := archivetest.StartPostgres(t)
	a, err := archive.Open(archive.Options{URL: server.New(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	s := storetest.New()
	f := follower(a, s)
	put(t, s, 3)
	if err := f.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	server.Stop()
	put(t, s, 300)
	if err := f.CatchUp(t.Context()); err == nil || f.Status().Err == nil {
		t.Errorf("it is away, and the follower says %v, %+v", err, f.Status())
	}
	if _, err := a.Search(t.Context(), ticket.Everything(), &ticket.Search{Query: ticket.Query{Limit: 1}}, nil); err == nil {
		t.Error("it is away, and lists tickets")
	}
	server.Restart(t)
	if err := f.CatchUp(t.Context()); err != nil || f.Status().Err != nil {
		t.Errorf("it is back: %v, %+v", err, f.Status())
	}
	same(t, a, s)
}

// TestFullDisk: the archive does not grow where there is too little room, and
// goes on where there is again.
func TestFullDisk(t *testing.T) {
	left := int64(5 << 30)
	a, err := archive.Open(archive.Options{URL: archivetest.SQLite(t), MinFree: 1 << 30, Free: func(string) (int64, error) { return left, nil }})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	s := storetest.New()
	f := follower(a, s)
	put(t, s, 2)
	if err := f.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	left = 1<<30 - 1
	put(t, s, 2)
	if err := f.CatchUp(t.Context()); !errors.Is(err, archive.ErrFull) || !errors.Is(a.Check(t.Context()), archive.ErrFull) {
		t.Errorf("there is no room, and the follower says %v", err)
	}
	l, err := a.Search(t.Context(), ticket.Everything(), &ticket.Search{Query: ticket.Query{Limit: 10}}, nil)
	if err != nil || len(l.Tickets) != 2 {
		t.Errorf("it is full, and lists %d tickets: %v", len(l.Tickets), err)
	}
	left = 1 << 30
	if err := f.CatchUp(t.Context()); err != nil {
		t.Errorf("there is room again: %v", err)
	}
	same(t, a, s)
}

// TestNoPasswordIsSaid: an error of an address does not quote it.
func TestNoPasswordIsSaid(t *testing.T) {
	for _, url := range []string{"postgres://a:hunter2@h:x/db", "mysql://a:hunter2@h/db", "postgres://a:hunter2@h/db?sslmode=hunter2"} {
		if err := archive.CheckURL(url); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%v", err)
		}
	}
	for _, url := range []string{"none", "sqlite:data/archive.db", "postgres://a:b@h/db", "postgresql://h:5432/db?sslmode=disable"} {
		if err := archive.CheckURL(url); err != nil {
			t.Errorf("%s: %v", url, err)
		}
	}
}
