package storetest

import (
	"sync"
	"time"

	"github.com/astreinte/astreinte/paging"
)

func paceCases() []testCase {
	return []testCase{
		{"one each turn", paceOne},
		{"a burst after a pause", paceBurst},
		{"of several paces all or none", paceSeveral},
		{"forced, and paid for by who comes later", paceForced},
		{"at once", paceAtOnce},
	}
}

func (b *bench) turn(now time.Time, forced bool, turns ...paging.Turn) time.Time {
	b.Helper()
	wait, err := b.s.Pace(b.ctx, now, turns, forced)
	b.ok(err)
	return wait
}

func paceOne(b *bench) {
	second := paging.Turn{Pace: "one", Every: time.Second, Burst: 1}
	b.isAt("the first", b.turn(At(0), false, second), time.Time{})
	b.isAt("too early", b.turn(At(300*time.Millisecond), false, second), At(time.Second))
	b.isAt("another pace", b.turn(At(0), false, paging.Turn{Pace: "two", Every: time.Second, Burst: 1}), time.Time{})
	b.isAt("in its time", b.turn(At(time.Second), false, second), time.Time{})
	b.isAt("the one after", b.turn(At(time.Second), false, second), At(2*time.Second))
}

func paceBurst(b *bench) {
	turn := paging.Turn{Pace: "one", Every: 10 * time.Second, Burst: 3}
	for range 3 {
		b.isAt("of the burst", b.turn(At(0), false, turn), time.Time{})
	}
	b.isAt("the fourth", b.turn(At(time.Second), false, turn), At(10*time.Second))
	b.isAt("in its time", b.turn(At(10*time.Second), false, turn), time.Time{})
	b.isAt("then again", b.turn(At(11*time.Second), false, turn), At(20*time.Second))
	for range 3 {
		b.isAt("after a pause", b.turn(At(time.Minute), false, turn), time.Time{})
	}
	b.isAt("no more than the burst", b.turn(At(time.Minute), false, turn), At(70*time.Second))
}

func paceSeveral(b *bench) {
	one := paging.Turn{Pace: "one", Every: time.Second, Burst: 1}
	two := paging.Turn{Pace: "two", Every: time.Minute, Burst: 1}
	b.isAt("both", b.turn(At(0), false, one, two), time.Time{})
	b.isAt("the later one counts", b.turn(At(2*time.Second), false, one, two), At(time.Minute))
	b.isAt("nothing was taken", b.turn(At(2*time.Second), false, one), time.Time{})
}

func paceForced(b *bench) {
	turn := paging.Turn{Pace: "one", Every: time.Second, Burst: 1}
	for range 5 {
		b.isAt("forced", b.turn(At(0), true, turn), time.Time{})
	}
	b.isAt("who waits", b.turn(At(time.Second), false, turn), At(5*time.Second))
	b.isAt("in its time", b.turn(At(5*time.Second), false, turn), time.Time{})
}

func paceAtOnce(b *bench) {
	turn := paging.Turn{Pace: "one", Every: time.Minute, Burst: 4}
	var mu sync.Mutex
	taken := 0
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			wait, err := b.s.Pace(b.ctx, At(0), []paging.Turn{turn}, false)
			b.ok(err)
			if mu.Lock(); wait.IsZero() {
				taken++
			}
			mu.Unlock()
		})
	}
	all.Wait()
	b.same("turns taken", taken, 4)
}
