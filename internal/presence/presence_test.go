package presence

import (
	"slices"
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/records"
)

// TestWhoIsHere: the second is told of the first, and since when, for as long as the first
// was heard of lately. Another ticket has others.
func TestWhoIsHere(t *testing.T) {
	store := storetest.New().Records()
	b, now := NewBook(store), storetest.Began()
	here := func(number, person string, at time.Duration) {
		t.Helper()
		if err := b.Here(t.Context(), number, person, now.Add(at)); err != nil {
			t.Fatal(err)
		}
	}
	others := func(number, but string, at time.Duration) (names []string) {
		t.Helper()
		list, err := b.Others(t.Context(), number, but, now.Add(at))
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range list {
			names = append(names, p.Person+" "+p.Since.Sub(now).String())
		}
		return names
	}
	here("I1", "bruno", 0)
	here("I1", "alice", time.Minute)
	here("I10", "chloe", time.Minute)
	if got := others("I1", "alice", time.Minute); !slices.Equal(got, []string{"bruno 0s"}) {
		t.Errorf("%v", got)
	}
	here("I1", "bruno", 8*time.Minute)
	if got := others("I1", "", 12*time.Minute); !slices.Equal(got, []string{"bruno 0s"}) {
		t.Errorf("%v", got)
	}
	here("I1", "alice", 15*time.Minute)
	if got := others("I1", "bruno", 15*time.Minute); !slices.Equal(got, []string{"alice 15m0s"}) {
		t.Errorf("%v", got)
	}
	if n, err := records.Expire(t.Context(), store, Kind, "o", now.Add(time.Hour), 100); err != nil || n != 3 {
		t.Errorf("%d are forgotten, %v", n, err)
	}
}
