//go:build long

package archive_test

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/archive"
	"github.com/astreinte/astreinte/internal/archive/archivetest"
	"github.com/astreinte/astreinte/internal/store/redisstore/redistest"
	"github.com/astreinte/astreinte/internal/ticket"
)

// The year: tickets a day, in commits of so many, and how long a closed one stays.
const (
	daysOfAYear     = 365
	ticketsADay     = 500
	ticketsTogether = 100
	daysInStore     = 7
	settled         = 60 // by this day a store has the size that it keeps
)

// TestAYearOnBolt and TestAYearOnRedis: a year of 500 tickets a day. Each opens with a page,
// is acknowledged, worked on, resolved and closed, is copied, and leaves the store a week
// later. The store and what a daemon holds in memory stay as large as they were after two
// months; the archive has every ticket once.
func TestAYearOnBolt(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "astreinte.db")
	s := openStore(t, "bolt:"+file)
	aYear(t, s, "sqlite:"+filepath.Join(dir, "archive.db"), func() int64 {
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	})
}

func TestAYearOnRedis(t *testing.T) {
	server := redistest.Single(t)
	aYear(t, openStore(t, server.URL()), archivetest.StartPostgres(t).New(t), func() int64 {
		n, err := server.Client().InfoMap(t.Context(), "memory").Result()
		if err != nil {
			t.Fatal(err)
		}
		var used int64
		if _, err := fmt.Sscan(n["Memory"]["used_memory"], &used); err != nil {
			t.Fatal(err)
		}
		return used
	})
}

func aYear(t *testing.T, s both, url string, size func() int64) {
	t.Helper()
	a, err := archive.Open(archive.Options{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	now := storetest.Began()
	f := archive.NewFollower(archive.FollowerOptions{Archive: a, Store: s, Now: func() time.Time { return now }})
	var store, memory int64
	for day := range daysOfAYear {
		now = storetest.Began().AddDate(0, 0, day)
		if err := aDay(t.Context(), s, now); err != nil {
			t.Fatal(err)
		}
		if err := f.CatchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		leave(t, s, a, now.AddDate(0, 0, -daysInStore))
		if day == settled {
			store, memory = size(), heap()
		}
		if day%30 == 0 || day == daysOfAYear-1 {
			t.Logf("day %d: the store has %d kB, memory %d kB", day, size()>>10, heap()>>10)
		}
	}
	if got := size(); got > store*5/4 {
		t.Errorf("the store has %d kB after a year, %d after %d days", got>>10, store>>10, settled)
	}
	if got := heap(); got > memory*5/4+4<<20 {
		t.Errorf("%d kB of memory after a year, %d after %d days", got>>10, memory>>10, settled)
	}
	everyTicketOnce(t, s, a)
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// aDay has the tickets of a day go all their way.
func aDay(ctx context.Context, s both, day time.Time) error {
	var parts errgroup.Group
	parts.SetLimit(8)
	for part := range ticketsADay / ticketsTogether {
		parts.Go(func() error { return someTickets(ctx, s, day, part*ticketsTogether) })
	}
	return parts.Wait()
}

func someTickets(ctx context.Context, s both, day time.Time, first int) error {
	var changes []escalation.Change
	var numbers []string
	for i := range ticketsTogether {
		number := fmt.Sprintf("I%s_%04d", day.Format("060102"), first+i+1)
		of := storetest.Ticket("prometheus", number)
		at := day.Add(time.Duration(first+i) * time.Minute)
		of.OpenedAt, of.UpdatedAt, of.Progress.Began = at, at, at
		c := storetest.Opening(&of, storetest.Alert("prometheus", number))
		page := storetest.Page(&of, "alice")
		page.At, page.State = at, ticket.PageSent
		c.Pages = []ticket.Page{page}
		changes, numbers = append(changes, c), append(numbers, number)
	}
	commit := func() error {
		errs, err := s.Commit(ctx, "prometheus", changes)
		for _, e := range errs {
			err = cmp.Or(err, e)
		}
		return err
	}
	if err := commit(); err != nil {
		return err
	}
	over := day.Add(12 * time.Hour)
	for _, edit := range []func(t *ticket.Ticket, at time.Time){storetest.Acknowledge, storetest.PickUp, storetest.Resolve, storetest.Close} {
		found, err := s.Load(ctx, "prometheus", numbers)
		if err != nil || len(found) != len(numbers) {
			return fmt.Errorf("%d of %d tickets: %w", len(found), len(numbers), err)
		}
		changes = changes[:0]
		for i := range found {
			c := storetest.Next(found[i], func(t *ticket.Ticket) { edit(t, over) })
			c.Timeline = []ticket.Entry{storetest.Note(over, "the switch of the second floor was restarted")}
			changes = append(changes, c)
		}
		if err := commit(); err != nil {
			return err
		}
		over = over.Add(time.Hour)
	}
	return nil
}

// leave has what is copied leave the store.
func leave(t *testing.T, s both, a *archive.Archive, before time.Time) {
	t.Helper()
	past := ticket.Past{Tickets: before, Links: before, Limit: 100}
	for cursor := ""; ; {
		list, next, err := s.Tickets(t.Context(), ticket.Query{Scope: ticket.Everything(), States: []ticket.State{ticket.Closed}, Until: before, Cursor: cursor, Limit: 1000})
		if err != nil {
			t.Fatal(err)
		}
		var numbers []string
		for i := range list {
			numbers = append(numbers, list[i].Number)
		}
		found, err := s.Load(t.Context(), "prometheus", numbers)
		if err == nil {
			past.Copied, err = a.Copied(t.Context(), found)
		}
		if err != nil {
			t.Fatal(err)
		}
		for {
			done, err := s.Forget(t.Context(), past)
			if err != nil {
				t.Fatal(err)
			}
			if !done.More {
				break
			}
		}
		if cursor = next; next == "" {
			return
		}
	}
}

// everyTicketOnce: the archive lists each ticket of the year once, closed, and the store has
// the last week alone.
func everyTicketOnce(t *testing.T, s both, a *archive.Archive) {
	t.Helper()
	seen := map[string]bool{}
	for cursor := ""; ; {
		l, err := a.Search(t.Context(), ticket.Everything(), &ticket.Search{Query: ticket.Query{Limit: archive.ListedAtOnce, Cursor: cursor}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := range l.Tickets {
			if seen[l.Tickets[i].Number] || l.Tickets[i].State != ticket.Closed {
				t.Fatalf("%s is %s, and there before: %v", l.Tickets[i].Number, l.Tickets[i].State, seen[l.Tickets[i].Number])
			}
			seen[l.Tickets[i].Number] = true
		}
		if cursor = l.Next; cursor == "" {
			break
		}
	}
	if len(seen) != daysOfAYear*ticketsADay {
		t.Errorf("the archive has %d tickets", len(seen))
	}
	left, _, err := s.Tickets(t.Context(), ticket.Query{Scope: ticket.Everything(), Limit: 2 * daysInStore * ticketsADay})
	if err != nil || len(left) < daysInStore*ticketsADay || len(left) > (daysInStore+1)*ticketsADay {
		t.Errorf("the store has %d tickets, %v", len(left), err)
	}
}
