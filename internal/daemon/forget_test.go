package daemon

import (
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
)

// closedBefore stores a ticket that was closed some time ago.
func (w *town) closedBefore(number string, ago time.Duration) {
	w.t.Helper()
	of := storetest.Ticket("prometheus", number)
	of.OpenedAt = w.start.Add(-ago - time.Hour)
	change := storetest.Opening(&of)
	errs, err := w.store.Commit(w.t.Context(), "prometheus", []escalation.Change{change})
	if err = errors.Join(append(errs, err)...); err != nil {
		w.t.Fatal(err)
	}
	storetest.Close(&of, w.start.Add(-ago))
	errs, err = w.store.Commit(w.t.Context(), "prometheus", []escalation.Change{{Ticket: of, Revision: 1}})
	if err = errors.Join(append(errs, err)...); err != nil {
		w.t.Fatal(err)
	}
}

// left says which of the numbers the store still knows.
func (w *town) left(numbers ...string) (found []string) {
	for _, number := range numbers {
		if _, err := w.store.Locate(w.t.Context(), number); err == nil {
			found = append(found, number)
		}
	}
	return found
}

// Closed tickets leave after retention.tickets; the default is 400 days. If
// the store fails at it, it is asked again.
func TestThePastLeaves(t *testing.T) {
	const day = 24 * time.Hour
	for _, c := range []struct {
		name   string
		change []func([]byte) []byte
		want   string
	}{
		{"by default", []func([]byte) []byte{replaced("\nretention: {tickets: 400d} ", "\n")}, "[I250101_0003]"},
		{"31 days", []func([]byte) []byte{replaced("tickets: 400d", "tickets: 31d")}, "[]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			inTown(t, func(t *testing.T, w *town) {
				w.closedBefore("I250101_0001", 401*day)
				w.closedBefore("I250101_0002", 400*day)
				w.closedBefore("I250101_0003", 399*day)
				w.store.Fail(storetest.Once(storetest.FailBefore, "Forget"))
				time.Sleep(3 * time.Minute)
				if got := fmt.Sprint(w.left("I250101_0001", "I250101_0002", "I250101_0003")); got != c.want {
					t.Errorf("left: %s, want %s", got, c.want)
				}
			}, c.change...)
		})
	}
}

// If there is much, a minute takes a bounded part of it, in small calls.
func TestThePastLeavesALittleAtATime(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		var calls atomic.Int64
		w.store.Fail(func(op string) storetest.Fault {
			if op == "Forget" {
				calls.Add(1)
			}
			return storetest.NoFault
		})
		numbers := make([]string, 1200)
		for i := range numbers {
			numbers[i] = fmt.Sprintf("I250101_%04d", i+1)
			w.closedBefore(numbers[i], 500*24*time.Hour)
		}
		time.Sleep(5 * time.Second)
		for minute := 1; minute <= 3; minute++ {
			time.Sleep(time.Minute)
			if got, want := len(w.left(numbers...)), max(0, len(numbers)-minute*forgetCalls*forgetLimit); got != want {
				t.Errorf("after %d minutes %d are left, want %d", minute, got, want)
			}
			if n := calls.Swap(0); n > forgetCalls {
				t.Errorf("%d calls in a minute", n)
			}
		}
	})
}
