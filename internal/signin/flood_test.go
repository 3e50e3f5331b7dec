package signin

import (
	"fmt"
	"maps"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// flood is how many tries come at once.
const flood = 600

// TestAFloodOfTries: of hundreds of passwords that are tried at once, from everywhere,
// two are hashed and fifty wait for two seconds; all others are answered 503 at once.
// Meanwhile a page, and a sign-in by a passkey, take no time at all.
func TestAFloodOfTries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLodge(t, home)
		alice, d := l.member("alice", secret), newDevice(t)
		wantCode(t, d.add(alice, "/people/alice/passkeys"), http.StatusOK)
		var at, most atomic.Int64
		l.book.hasher.key = func(_, _ []byte, _, _ uint32, _ uint8, length uint32) []byte {
			most.Store(max(most.Load(), at.Add(1)))
			defer at.Add(-1)
			timer := time.NewTimer(10 * time.Second) // a slow machine
			<-timer.C
			return make([]byte, length)
		}
		var all sync.WaitGroup
		var mu sync.Mutex
		came := map[time.Duration]map[int]int{} // codes, by after how long
		began := time.Now()
		for i := range flood {
			all.Go(func() {
				w := l.browser(fmt.Sprintf("198.51.%d.%d", i/200, i%200)).signIn(fmt.Sprintf("name%d", i), "wrong and wrong again")
				if w.Code == http.StatusServiceUnavailable && w.Header().Get("Retry-After") == "" {
					t.Error("nobody says when to try again")
				}
				mu.Lock()
				defer mu.Unlock()
				if after := time.Since(began); came[after] == nil {
					came[after] = map[int]int{w.Code: 1}
				} else {
					came[after][w.Code]++
				}
			})
		}
		synctest.Wait()
		wantCode(t, alice.get("/sign-in"), http.StatusOK)
		if !alice.inside() {
			t.Error("who is signed in is held up")
		}
		b := l.browser("192.0.2.8")
		if wantCode(t, d.signIn(b), http.StatusOK); !b.inside() {
			t.Error("a passkey signs nobody in")
		}
		wantCode(t, alice.signIn("alice", secret), http.StatusServiceUnavailable) // it is a password, too
		if took := time.Since(began); took != 0 {
			t.Errorf("that took %s", took)
		}
		all.Wait()
		want := map[time.Duration]map[int]int{
			0:                {http.StatusServiceUnavailable: flood - hashAtOnce - hashWaiting},
			hashPatience:     {http.StatusServiceUnavailable: hashWaiting},
			10 * time.Second: {http.StatusUnauthorized: hashAtOnce},
		}
		if !maps.EqualFunc(came, want, maps.Equal[map[int]int, map[int]int]) {
			t.Errorf("came %v, want %v", came, want)
		}
		if most.Load() != hashAtOnce || hashAtOnce != 2 || hashMemory != 19<<10 {
			t.Errorf("%d hashes at once of %d KiB", most.Load(), hashMemory)
		}
	})
}
