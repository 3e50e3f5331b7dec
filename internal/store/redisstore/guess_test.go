package redisstore_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/store/redisstore"
	"github.com/astreinte/astreinte/internal/store/redisstore/redistest"
	"github.com/astreinte/astreinte/internal/ticket"
)

const guessPhone, bobsPhone = "+33612345678", "+33612345679"

// openAs opens a ticket whose page is claimed already, with a code for person.
func openAs(ctx context.Context, s *redisstore.Store, source, number, person string) (code int, err error) {
	of := storetest.Ticket(source, number)
	change := storetest.Opening(&of, storetest.Alert(source, "f-"+number+person))
	change.Pages = []ticket.Page{storetest.Page(&of, person)}
	phone := guessPhone
	if person == "bob" {
		phone = bobsPhone
	}
	change.Claimed = &escalation.Claimed{
		Owner: person, Until: storetest.At(time.Minute), Token: 7,
		Reserve: []ticket.Reservation{{
			Phone: phone, Hash: "hash-of-" + person + number,
			Link: ticket.Link{Source: source, Ticket: number, Person: person, At: storetest.At(0)},
		}},
	}
	errs, err := s.Commit(ctx, source, []escalation.Change{change})
	return change.Claimed.Codes[0], errors.Join(append(errs, err)...)
}

// guessed returns one guess, and fails if there is none.
func guessed(t *testing.T, s *redisstore.Store, source string) string {
	t.Helper()
	numbers := s.GuessNumbers(source, prefix, 1)
	if len(numbers) != 1 {
		t.Fatal("no guess")
	}
	return numbers[0]
}

// If two guess the same number, one gets it. The other is refused, its code is
// nobody's, and its next number comes from the server.
func TestGuessOfTwo(t *testing.T) {
	server := redistest.Single(t)
	one, two := opened(t, server.URL()), opened(t, server.URL())
	if guess := one.GuessNumbers("prometheus", prefix, 1); guess != nil {
		t.Errorf("a guess before anything is known: %q", guess)
	}
	given := map[int]bool{}
	numbers(t, two, given, 1)
	numbers(t, one, given, 1)
	skipped, same := guessed(t, two, "prometheus"), guessed(t, two, "prometheus")
	if skipped != prefix+"0002" || same != guessed(t, one, "prometheus") {
		t.Fatalf("guesses %s and %s", skipped, same)
	}
	if code, err := openAs(t.Context(), one, "prometheus", same, "alice"); err != nil || code != 11 {
		t.Errorf("the first: code %d, %v", code, err)
	}
	if _, err := openAs(t.Context(), two, "prometheus", same, "bob"); !errors.Is(err, escalation.ErrConflict) {
		t.Errorf("the second: %v", err)
	}
	if codes, err := one.Codes(t.Context(), bobsPhone); err != nil || len(codes) != 0 {
		t.Errorf("codes: %+v, %v", codes, err)
	}
	if guess := two.GuessNumbers("prometheus", prefix, 1); guess != nil {
		t.Errorf("a guess after one that was wrong: %q", guess)
	}
	given[3] = true
	if next := numbers(t, two, given, 1)[0]; next != 4 {
		t.Errorf("the next number is %d", next)
	}
	if code, err := openAs(t.Context(), two, "prometheus", prefix+"0004", "bob"); err != nil || code != 11 {
		t.Errorf("the next try: code %d, %v", code, err)
	}
	if code, err := openAs(t.Context(), two, "grafana", guessed(t, two, "grafana"), "carol"); err != nil || code != 12 {
		t.Errorf("the next guess: code %d, %v", code, err)
	}
	if source, err := one.Locate(t.Context(), prefix+"0005"); err != nil || source != "grafana" {
		t.Errorf("Locate: %q, %v", source, err)
	}
}

// A guess counts only as long as the sequence is the one that it was learnt
// from.
func TestGuessAfterLoss(t *testing.T) {
	server := redistest.Single(t)
	ctx, sequence, taken := t.Context(), redisstore.SequenceKey(prefix), redisstore.NumbersKey(prefix)
	for name, spoil := range map[string]func(t *testing.T, s *redisstore.Store) error{
		"the sequence is gone": func(_ *testing.T, s *redisstore.Store) error {
			return s.Client().Del(ctx, sequence).Err()
		},
		"it went back": func(_ *testing.T, s *redisstore.Store) error {
			return s.Client().HSet(ctx, sequence, "n", 3).Err()
		},
		"another server counted last": func(_ *testing.T, s *redisstore.Store) error {
			return s.Client().HSet(ctx, sequence, "run", "abc", "asked", 0).Err()
		},
		"another server took over": func(*testing.T, *redisstore.Store) error {
			server.Restart()
			return nil
		},
		"another one took over, and has counted": func(t *testing.T, _ *redisstore.Store) error {
			server.Restart()
			numbers(t, opened(t, server.URL()), map[int]bool{}, 1)
			return nil
		},
		"another daemon was asked": func(t *testing.T, _ *redisstore.Store) error {
			numbers(t, opened(t, server.URL()), map[int]bool{}, 1)
			return nil
		},
		"another source has it": func(_ *testing.T, s *redisstore.Store) error {
			return s.Client().HSet(ctx, taken, prefix+"0006", "grafana").Err()
		},
		"all is gone": func(t *testing.T, _ *redisstore.Store) error {
			empty(t, server)
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			empty(t, server)
			s, given := opened(t, server.URL()), map[int]bool{}
			numbers(t, s, given, 5)
			if err := spoil(t, s); err != nil {
				t.Fatal(err)
			}
			if err := s.Check(ctx); err != nil { // connections to a server that is gone
				waitFor(t, s.Check)
			}
			given[6] = true
			_, err := openAs(ctx, s, "prometheus", guessed(t, s, "prometheus"), "alice")
			if !errors.Is(err, escalation.ErrConflict) {
				t.Errorf("the guess: %v", err)
			}
			if guess := s.GuessNumbers("prometheus", prefix, 1); guess != nil {
				t.Errorf("it guesses again: %q", guess)
			}
			next := fmt.Sprintf("%s%04d", prefix, numbers(t, s, given, 1)[0])
			if _, err := openAs(ctx, s, "prometheus", next, "alice"); err != nil {
				t.Errorf("the next try: %v", err)
			}
			if _, err := openAs(ctx, s, "prometheus", guessed(t, s, "prometheus"), "alice"); err != nil {
				t.Errorf("the next guess: %v", err)
			}
		})
	}
}

// Three daemons have three sources each, in separate lanes. Some work as
// before there were guesses. Each gets its tickets, and no number comes twice.
func TestGuessesOfMany(t *testing.T) {
	server := redistest.Single(t)
	var (
		group  sync.WaitGroup
		mu     sync.Mutex
		owners = map[string]string{}
		wrong  atomic.Int64
	)
	const each = 100
	for daemon := range 3 {
		s := opened(t, server.URL())
		for lane := range 3 {
			source := fmt.Sprintf("source-%d", lane)
			group.Go(func() {
				for i := range each {
					number, tries, err := openOne(t.Context(), s, source, (daemon+lane+i)%4 > 0)
					if err != nil {
						t.Error(err)
						return
					}
					wrong.Add(int64(tries))
					mu.Lock()
					if owners[number] != "" {
						t.Errorf("%s is given twice", number)
					}
					owners[number] = source
					mu.Unlock()
				}
			})
		}
	}
	group.Wait()
	s := opened(t, server.URL())
	filed, err := s.Client().HGetAll(t.Context(), redisstore.NumbersKey(prefix)).Result()
	if err != nil || len(owners) != 9*each {
		t.Errorf("%d tickets: %v", len(owners), err)
	}
	for number, source := range owners {
		if filed[number] != source {
			t.Errorf("%s of %s belongs to %q", number, source, filed[number])
		}
		if records, err := s.Load(t.Context(), source, []string{number}); err != nil || len(records) != 1 {
			t.Errorf("%s: %d records, %v", number, len(records), err)
		}
	}
	t.Logf("%d guesses were wrong", wrong.Load())
}

// openOne opens a ticket as the engine does. It counts its tries, except the
// last.
func openOne(ctx context.Context, s *redisstore.Store, source string, guess bool) (number string, tries int, err error) {
	for ; ; tries++ {
		var numbers []string
		if guess && tries == 0 {
			numbers = s.GuessNumbers(source, prefix, 1)
		}
		if numbers == nil {
			if numbers, err = s.Numbers(ctx, source, prefix, 1); err != nil {
				return "", tries, err
			}
		}
		if _, err = openAs(ctx, s, source, numbers[0], "alice"); !errors.Is(err, escalation.ErrConflict) || tries == 10 {
			return numbers[0], tries, err
		}
	}
}

// A ticket with a guessed number, its code and its link cost one round trip.
func TestGuessRoundTrips(t *testing.T) {
	counts := &trips{}
	s := opened(t, redistest.Single(t).URL())
	raise(t, s, "prometheus")
	if _, err := openAs(t.Context(), s, "prometheus", guessed(t, s, "prometheus"), "alice"); err != nil { // scripts are loaded
		t.Fatal(err)
	}
	s.Client().AddHook(counts)
	if code, err := openAs(t.Context(), s, "prometheus", guessed(t, s, "prometheus"), "alice"); err != nil || code != 12 {
		t.Errorf("code %d, %v", code, err)
	}
	if n := counts.n.Load(); n != 1 {
		t.Errorf("%d round trips", n)
	}
	raise(t, s, "prometheus")
	if n := counts.n.Load(); n != 3 {
		t.Errorf("%d round trips with a number that was asked for", n-1)
	}
}

// trips counts round trips.
type trips struct{ n atomic.Int64 }

func (c *trips) DialHook(next redis.DialHook) redis.DialHook { return next }

func (c *trips) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		c.n.Add(1)
		return next(ctx, cmd)
	}
}

func (c *trips) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		c.n.Add(1)
		return next(ctx, cmds)
	}
}

// If the server must be sent the scripts, the code is not forgotten.
func TestGuessAfterScriptFlush(t *testing.T) {
	server := redistest.Single(t)
	s := opened(t, server.URL())
	raise(t, s, "prometheus")
	s.Client().AddHook(flusher{server.Client()})
	for code := 11; code < 14; code++ {
		if got, err := openAs(t.Context(), s, "prometheus", guessed(t, s, "prometheus"), "alice"); err != nil || got != code {
			t.Errorf("code %d and not %d, %v", got, code, err)
		}
	}
}

// On a Cluster numbers are in another slot, so there is no guess.
func TestNoGuessOnCluster(t *testing.T) {
	s := opened(t, redistest.Cluster(t).URL())
	number := raise(t, s, "prometheus").Number
	if guess := s.GuessNumbers("prometheus", prefix, 1); guess != nil {
		t.Errorf("after %s a guess: %q", number, guess)
	}
	if code, err := openAs(t.Context(), s, "prometheus", prefix+"0002", "alice"); err != nil || code != 11 {
		t.Errorf("code %d, %v", code, err)
	}
	if codes, err := s.Codes(t.Context(), guessPhone); err != nil || len(codes) != 1 || codes[0].Ticket != prefix+"0002" {
		t.Errorf("codes: %+v, %v", codes, err)
	}
}
