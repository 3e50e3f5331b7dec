package events

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// air is a wire between hubs of one process, which can fail.
type air struct {
	mu      sync.Mutex
	hearing []func([]byte)
	broken  []func()
	err     error
}

func (a *air) Tell(_ context.Context, said []byte) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.err != nil {
		return a.err
	}
	for _, heard := range a.hearing {
		heard(said)
	}
	return nil
}

func (a *air) Hear(ctx context.Context, heard func([]byte), broke func()) {
	a.mu.Lock()
	a.hearing, a.broken = append(a.hearing, heard), append(a.broken, broke)
	a.mu.Unlock()
	<-ctx.Done()
}

func (a *air) fail(err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.err = err
}

// house is two daemons' changes on one wire, with a reader of each.
type house struct {
	air      air
	one, two *Changes
	hears    [2]*Reader
}

func inHouse(t *testing.T, f func(t *testing.T, h *house)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		h := &house{}
		h.one, h.two = NewChanges(NewHub(), &h.air), NewChanges(NewHub(), &h.air)
		ctx, cancel := context.WithCancel(t.Context())
		var runs sync.WaitGroup
		for i, c := range []*Changes{h.one, h.two} {
			runs.Go(func() { c.Run(ctx) })
			h.hears[i] = subscribe(t, c.hub, "")
		}
		synctest.Wait()
		f(t, h)
		cancel()
		runs.Wait()
	})
}

// told are the hints that a reader has not heard yet.
func told(t *testing.T, r *Reader) (all []Hint) {
	t.Helper()
	for line := range strings.Lines(string(r.all())) {
		if data, ok := strings.CutPrefix(line, "data: "); ok {
			var hint Hint
			if err := json.Unmarshal([]byte(data), &hint); err != nil {
				t.Fatal(err)
			}
			all = append(all, hint)
		}
	}
	return all
}

func changed(number string, state ticket.State, at time.Time) *ticket.Ticket {
	return &ticket.Ticket{Number: number, State: state, Urgency: ticket.Critical, UpdatedAt: at}
}

// TestAChangeIsToldEverywhereOnce is told at once, here and at the other daemon.
func TestAChangeIsToldEverywhereOnce(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.one.Changed(changed("I1", ticket.Open, time.Now()))
		h.one.Changed(changed("", ticket.Open, time.Now()))
		synctest.Wait()
		for i, r := range h.hears {
			part := string(r.all())
			if want := `data: {"number":"I1","state":"open","urgency":"critical","updated_at":"2000-01-01T00:00:00Z"}`; strings.Count(part, want) != 1 || strings.Count(part, "event") != 1 {
				t.Errorf("daemon %d: %s", i+1, part)
			}
		}
	})
}

// TestWhatChangesAllTheTimeIsToldNowAndThen tells a few times a second how it is,
// and at last how it is in the end.
func TestWhatChangesAllTheTimeIsToldNowAndThen(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		for i := range 100 {
			state := ticket.Open
			if i == 99 {
				state = ticket.Acknowledged
			}
			h.one.Changed(changed("I1", state, time.Now()))
			h.one.Changed(changed("I1", ticket.StateResolved, time.Now().Add(-time.Minute))) // told late
			time.Sleep(10 * time.Millisecond)
		}
		time.Sleep(Pace)
		for i, r := range h.hears {
			hints := told(t, r)
			if len(hints) < 2 || len(hints) > 6 || hints[len(hints)-1].State != ticket.Acknowledged {
				t.Errorf("daemon %d: %+v", i+1, hints)
			}
		}
	})
}

// TestMoreThanAnybodyWouldRead is told as one.
func TestMoreThanAnybodyWouldRead(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		for _, n := range []int{1000, 5000} {
			for i := range n {
				h.one.Changed(changed(fmt.Sprintf("I%d", i), ticket.Open, time.Now()))
			}
			time.Sleep(time.Second)
			for i, r := range h.hears {
				heard := names(r.all())
				if n == 1000 && len(heard) != n || n > Kept && (len(heard) == 0 || len(heard) > Kept || heard[0] != Resync && heard[len(heard)-1] != Resync) {
					t.Errorf("daemon %d heard %d events of %d tickets", i+1, len(heard), n)
				}
			}
		}
	})
}

// TestWhatOthersCouldNotBeTold has them read everything anew as soon as they can be
// told that, though nothing more happens.
func TestWhatOthersCouldNotBeTold(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.air.fail(errors.New("away"))
		h.one.Changed(changed("I1", ticket.Open, time.Now()))
		time.Sleep(time.Second)
		h.one.Changed(changed("I2", ticket.Open, time.Now()))
		time.Sleep(time.Second)
		h.air.fail(nil)
		time.Sleep(time.Second)
		if here := told(t, h.hears[0]); len(here) != 2 || here[0].Number != "I1" || here[1].Number != "I2" {
			t.Errorf("here: %+v", here)
		}
		if there := names(h.hears[1].all()); len(there) != 1 || there[0] != Resync {
			t.Errorf("there: %v", there)
		}
		h.one.Changed(changed("I3", ticket.Open, time.Now()))
		time.Sleep(time.Second)
		if there := told(t, h.hears[1]); len(there) != 1 || there[0].Number != "I3" {
			t.Errorf("there, afterwards: %+v", there)
		}
	})
}

// TestWhatCannotBeReadMaySayAnything is a reason to read anew, as a break is.
func TestWhatCannotBeReadMaySayAnything(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.two.heard([]byte("?"))
		for _, broke := range h.air.broken {
			broke()
		}
		if there := names(h.hears[1].all()); len(there) != 2 || there[0] != Resync || there[1] != Resync {
			t.Errorf("%v", there)
		}
	})
}
