package paging

import (
	"slices"
	"testing"
	"testing/synctest"

	"github.com/astreinte/astreinte/internal/ticket"
)

// takenBy has a source take as many slots as it gets without waiting.
func takenBy(s *slots, source string, u ticket.Urgency) (n int) {
	for {
		s.mu.Lock()
		ok := s.allows(source, u)
		if ok {
			s.count(source, u, 1)
		}
		s.mu.Unlock()
		if !ok {
			return n
		}
		n++
	}
}

// Whatever one source has with providers that do not answer, there is a slot
// for another source's critical page, and for its own critical pages behind
// others.
func TestSlowStormsLeaveAPlace(t *testing.T) {
	s := newSlots(DefaultSenders)
	if n := takenBy(s, "a", ticket.Critical); n < 48 || n > 60 {
		t.Errorf("one source alone gets %d of %d", n, DefaultSenders)
	}
	if n := takenBy(s, "b", ticket.Critical); n < 4 {
		t.Errorf("another one gets %d beside it", n)
	}
	if n := takenBy(s, "c", ticket.Critical); n < 1 {
		t.Errorf("a third gets %d", n)
	}

	s = newSlots(DefaultSenders)
	if n := takenBy(s, "a", ticket.Major); n < 40 || n > 56-1 {
		t.Errorf("one source alone gets %d for what is not critical", n)
	}
	if n := takenBy(s, "b", ticket.Major); n < 1 {
		t.Errorf("another one gets %d", n)
	}
	if n := takenBy(s, "a", ticket.Critical); n < 1 {
		t.Errorf("critical ones of the first get %d", n)
	}
	if n := takenBy(s, "b", ticket.Critical); n < 1 {
		t.Errorf("critical ones of the other get %d", n)
	}
	free := s.free()
	if !slices.Contains(free.sated, "a") || free.of("a", ticket.Major) != 0 {
		t.Errorf("%+v", free)
	}
}

func TestASlotThatComesBackIsTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSlots(8)
		for takenBy(s, "a", ticket.Critical) > 0 {
		}
		taken := false
		go func() { taken = s.acquire("a", ticket.Critical, nil) }()
		synctest.Wait()
		if taken {
			t.Fatal("taken beyond the share")
		}
		s.give("a", ticket.Critical)
		synctest.Wait()
		if !taken {
			t.Error("it was given back and not taken")
		}
	})
}
