package effect

import (
	"fmt"
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation/storetest"
)

// TestPace: each of many has a turn of its own, comes once at that time, and none goes
// sooner after another than the pace allows, even if several come late.
func TestPace(t *testing.T) {
	p := &Pace{Every: time.Second}
	at := storetest.At
	for i := range 4 {
		if got := p.Turn(fmt.Sprint(i), at(0)); !got.Equal(at(time.Duration(i) * time.Second)) {
			t.Errorf("%d goes at %v", i, got)
		}
	}
	if got := p.Turn("2", at(0)); !got.Equal(at(2 * time.Second)) {
		t.Errorf("asked again: %v", got)
	}
	now := at(3500 * time.Millisecond) // all are late
	if got := p.Turn("1", now); got.After(now) {
		t.Errorf("the first waits until %v", got)
	}
	if got := p.Turn("2", now); !got.Equal(now.Add(time.Second)) {
		t.Errorf("the next goes at %v", got)
	}
	p.Hold(at(time.Minute), now)
	if got := p.Turn("3", at(5*time.Second)); got.Before(at(time.Minute)) {
		t.Errorf("a turn while it rests: %v", got)
	}
	if got := p.Turn("4", at(5*time.Second)); got.Before(at(time.Minute)) {
		t.Errorf("a new turn while it rests: %v", got)
	}
	if got := p.Turn("5", at(time.Hour)); got.After(at(time.Hour)) {
		t.Errorf("an hour later it waits until %v", got)
	}
}

// TestWhatIsPutBackIsLookedForInTime: of many that wait, each has its time.
func TestWhatIsPutBackIsLookedForInTime(t *testing.T) {
	r := newRig(t, storetest.New())
	now := r.clock.Now()
	for i := range 3 {
		r.note(now.Add(time.Duration(3-i) * time.Second))
	}
	r.note(now.Add(time.Second))
	for _, want := range []time.Duration{time.Second, 2 * time.Second, 3 * time.Second} {
		if got := r.sleep(nil); got != want-r.clock.Now().Sub(now) {
			t.Errorf("%v", got)
		}
		r.clock.pass(want - r.clock.Now().Sub(now))
		r.pass(r.clock.Now())
	}
	if got := r.sleep(nil); got != lookEvery {
		t.Errorf("%v where nothing waits", got)
	}
}
