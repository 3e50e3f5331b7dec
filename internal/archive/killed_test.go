package archive_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/archive"
	"github.com/astreinte/astreinte/internal/archive/archivetest"
	"github.com/astreinte/astreinte/internal/store/boltstore"
	"github.com/astreinte/astreinte/internal/store/redisstore"
	"github.com/astreinte/astreinte/internal/store/redisstore/redistest"
	"github.com/astreinte/astreinte/internal/ticket"
)

// both is a store with its log.
type both interface {
	storetest.Store
}

const (
	killsOfADay = 25
	childEnv    = "ASTREINTE_ARCHIVE_CHILD"
)

// TestKilledOnBolt kills a process that writes into a store and copies it, at
// many points. Whoever comes after it finds nothing missing and nothing twice.
func TestKilledOnBolt(t *testing.T) {
	dir := t.TempDir()
	kills(t, "bolt:"+filepath.Join(dir, "astreinte.db"), "sqlite:"+filepath.Join(dir, "archive.db"))
}

func TestKilledOnRedis(t *testing.T) {
	server := redistest.Single(t)
	kills(t, server.URL(), archivetest.StartPostgres(t).New(t))
}

func kills(t *testing.T, store, url string) {
	t.Helper()
	r := rand.New(rand.NewPCG(9, 10))
	for n := range killsOfADay {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKilledChild$")
		cmd.Env = append(os.Environ(), childEnv+"="+fmt.Sprintf("%d %s %s", n, store, url))
		out, err := cmd.StdoutPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		said := bufio.NewScanner(out)
		for left := 1 + r.IntN(60); left > 0 && said.Scan(); left-- { // a line a commit
			if text := said.Text(); strings.HasPrefix(text, "failed") {
				t.Fatal(text)
			}
		}
		_ = cmd.Process.Kill() // it may have ended
		_ = cmd.Wait()         // it was killed
	}
	s := openStore(t, store)
	a, err := archive.Open(archive.Options{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	if err := archive.NewFollower(archive.FollowerOptions{Archive: a, Store: s, Now: storetest.Began}).CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	found, err := archivetest.Differences(t.Context(), a, s)
	if err != nil || len(found) > 0 {
		t.Errorf("%v %s", err, strings.Join(found, "\n"))
	}
	if l, err := a.Search(t.Context(), ticket.Everything(), &ticket.Search{Query: ticket.Query{Limit: 1000}}, nil); err != nil || len(l.Tickets) < killsOfADay {
		t.Errorf("%d tickets, %v", len(l.Tickets), err)
	}
}

func openStore(tb testing.TB, url string) both {
	tb.Helper()
	var s both
	var err error
	if file, ok := strings.CutPrefix(url, "bolt:"); ok {
		s, err = boltstore.Open(file, boltstore.Options{Log: true, FlushEvery: 20 * time.Millisecond})
	} else {
		s, err = redisstore.Open(context.Background(), url, redisstore.Options{Changes: true})
	}
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = s.Close() })
	return s
}

// TestKilledChild is the process that is killed.
func TestKilledChild(t *testing.T) {
	var n int
	var store, url string
	if _, err := fmt.Sscanf(os.Getenv(childEnv), "%d %s %s", &n, &store, &url); err != nil {
		return // it is nobody's child
	}
	s := openStore(t, store)
	a, err := archive.Open(archive.Options{URL: url})
	if err != nil {
		fmt.Println("failed:", err)
		return
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	f := archive.NewFollower(archive.FollowerOptions{Archive: a, Store: s, Now: storetest.Began})
	go func() {
		for ctx.Err() == nil {
			if err := f.CatchUp(ctx); err != nil && ctx.Err() == nil {
				fmt.Println("failed:", err)
			}
		}
	}()
	for i := 0; ctx.Err() == nil; i++ {
		if err := oneChange(ctx, s, n, i); err != nil {
			fmt.Println("failed:", err)
		}
		fmt.Println("done")
	}
}

// oneChange opens a ticket or writes on one.
func oneChange(ctx context.Context, s both, n, i int) error {
	number := fmt.Sprintf("I2611%02d_%04d", n, i/4)
	var c escalation.Change
	if i%4 == 0 {
		of := storetest.Ticket("prometheus", number)
		c = storetest.Opening(&of, storetest.Alert("prometheus", number))
		c.Pages = []ticket.Page{storetest.Page(&of, "alice")}
	} else {
		found, err := s.Load(ctx, "prometheus", []string{number})
		if err != nil || len(found) == 0 {
			return err
		}
		c = storetest.Next(found[0], nil)
		c.Timeline = []ticket.Entry{storetest.Note(storetest.At(time.Duration(i)), fmt.Sprint("note ", i))}
	}
	errs, err := s.Commit(ctx, "prometheus", []escalation.Change{c})
	return errors.Join(append(errs, err)...)
}
