package signin

import (
	"errors"
	"maps"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/crypto/argon2"
)

// TestHashing: argon2id with the parameters that are promised, and nothing else is
// taken for a hash.
func TestHashing(t *testing.T) {
	h := newHasher()
	kept, err := h.hash(t.Context(), secret)
	if err != nil || !strings.HasPrefix(kept, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Fatalf("%q %v", kept, err)
	}
	salt, sum, ok := decode(kept)
	if !ok || string(argon2.IDKey([]byte(secret), salt, 2, 19*1024, 1, 32)) != string(sum) {
		t.Fatal("not argon2id")
	}
	for password, want := range map[string]bool{secret: true, secret + " ": false, "": false} {
		if got, err := h.verify(t.Context(), kept, password); got != want || err != nil {
			t.Errorf("%q: %v %v", password, got, err)
		}
	}
	for _, odd := range []string{"", "x", kept[1:], kept + "$", strings.Replace(kept, "t=2", "t=1", 1), h.dummy} {
		if got, err := h.verify(t.Context(), odd, ""); got || err != nil {
			t.Errorf("%q: %v %v", odd, got, err)
		}
	}
}

// TestWeakPasswords: twelve characters, a thousand bytes, no other rule but the
// commonest.
func TestWeakPasswords(t *testing.T) {
	for password, want := range map[string]error{
		"elevenchars": ErrShort, "éèàùçéèàùçé": ErrShort, "douze lettre": nil, "éèàùçéèàùçéè": nil,
		strings.Repeat("ab cde f", 128): nil, strings.Repeat("ab cde f", 128) + "x": ErrLong,
		"Password1234": ErrCommon, "123456789012": ErrCommon, "azertyuiop12!!": ErrCommon, "aaaaaaaaaaaaaa": ErrCommon, "abcabcabcabc": ErrCommon,
		secret: nil,
	} {
		if got := weak(password); !errors.Is(got, want) {
			t.Errorf("%q: %v, want %v", password, got, want)
		}
	}
}

// TestTwoAtOnce: two hashes are computed at once, others wait for two seconds at
// most, and more than fifty do not wait.
func TestTwoAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHasher()
		var now, most atomic.Int64
		h.key = func(_, _ []byte, _, _ uint32, _ uint8, length uint32) []byte {
			most.Store(max(most.Load(), now.Add(1)))
			defer now.Add(-1)
			timer := time.NewTimer(3 * time.Second) // a slow machine
			<-timer.C
			return make([]byte, length)
		}
		var all sync.WaitGroup
		var done, busy atomic.Int64
		began := time.Now()
		for range 200 {
			all.Go(func() {
				_, err := h.hash(t.Context(), secret)
				switch {
				case errors.Is(err, ErrBusy) && time.Since(began) <= hashPatience:
					busy.Add(1)
				case err == nil:
					done.Add(1)
				default:
					t.Errorf("after %s: %v", time.Since(began), err)
				}
			})
		}
		all.Wait()
		if most.Load() != 2 || done.Load() != 2 || busy.Load() != 198 {
			t.Errorf("%d at once, %d done, %d refused", most.Load(), done.Load(), busy.Load())
		}
	})
}

// TestTellsNothing: who does not exist costs the same work and has the same answer as
// who does, with a password or without, whatever is tried and from wherever. Work is
// counted, in hashes and in questions to the store: no clock tells.
func TestTellsNothing(t *testing.T) {
	l := newLodge(t, home)
	known := l.member("alice", secret)
	for _, tried := range []string{"wrong and wrong again", "", "x", strings.Repeat("long ", 300)} {
		for browser, cookies := range map[string]map[string]string{
			"unknown": {}, "that was alice's": {"__Host-astreinte-seen": known.cookies["__Host-astreinte-seen"]}, "forged": {"__Host-astreinte-seen": strings.Repeat("A", 26)},
		} {
			works, bodies := map[[2]int64][]string{}, map[string]bool{}
			for _, name := range []string{"alice", "ALICE", "alice@example.net", "dominique", "zoe", "shared@example.net", "x@example.net", "", strings.Repeat("n", 400)} {
				l.clock.pass(time.Hour)
				hashes, questions := l.book.hasher.done.Load(), l.records.asked.Load()
				b := l.browser("192.0.2.7")
				b.cookies = maps.Clone(cookies)
				w := b.signIn(name, tried)
				wantCode(t, w, http.StatusUnauthorized)
				work := [2]int64{l.book.hasher.done.Load() - hashes, l.records.asked.Load() - questions}
				works[work] = append(works[work], name)
				bodies[strings.ReplaceAll(w.Body.String(), `value="`+cut(name)+`"`, "")] = true
			}
			if len(works) != 1 || len(bodies) != 1 {
				t.Errorf("%q from a browser %s: work (hashes, questions) is %v; %d answers", tried[:min(9, len(tried))], browser, works, len(bodies))
			}
			for work := range works {
				if work[0] != 1 {
					t.Errorf("%d hashes", work[0])
				}
			}
		}
	}
}

// TestSlowedDown: by address and by name, for those who exist and those who do not;
// a browser that has signed in as the person before is not held up by others, and has
// a measure of its own.
func TestSlowedDown(t *testing.T) {
	l := newLodge(t, home)
	known := l.member("alice", secret)
	for _, name := range []string{"alice", "zoe"} {
		slow := 0
		for i := range 40 {
			b := l.browser("198.51.100." + string(rune('0'+i%10)))
			w := b.signIn(name, "wrong and wrong again")
			if w.Code == http.StatusTooManyRequests && w.Header().Get("Retry-After") != "" {
				slow++
			}
		}
		if slow != 30 {
			t.Errorf("%s: %d of 40 tries were slowed down", name, slow)
		}
	}
	wantCode(t, l.browser("203.0.113.5").signIn("alice", secret), http.StatusTooManyRequests)
	wantCode(t, known.signIn("alice", secret), http.StatusSeeOther)
	other := l.browser("203.0.113.9")
	other.cookies["__Host-astreinte-seen"] = known.cookies["__Host-astreinte-seen"]
	wantCode(t, other.signIn("zoe", secret), http.StatusTooManyRequests)
	for range 20 {
		known.signIn("alice", "wrong and wrong again")
	}
	wantCode(t, known.signIn("alice", secret), http.StatusTooManyRequests)
	l.clock.pass(6 * time.Minute)
	wantCode(t, known.signIn("alice", secret), http.StatusSeeOther)
	wantCode(t, l.browser("203.0.113.5").signIn("alice", secret), http.StatusSeeOther)

	slow := 0
	for i := range 30 { // one address, many names; a /64 is one address
		w := l.browser("2001:db8::"+string(rune('a'+i%6))).signIn("name"+string(rune('a'+i)), "wrong and wrong again")
		if w.Code == http.StatusTooManyRequests {
			slow++
		}
	}
	if slow != 10 {
		t.Errorf("%d of 30 tries from a network were slowed down", slow)
	}
}

// TestBrakesHaveABound: a flood of names takes no more memory, and lets nobody try more
// often.
func TestBrakesHaveABound(t *testing.T) {
	b := newBrakes()
	through := 0
	for i := range 3 * braked {
		if _, err := b.charge(morning, "192.0.2.1", strings.Repeat("x", i%7)+time.Duration(i).String(), "", false); err == nil {
			through++
		}
	}
	if len(b.level) > braked+3 || through != 20 {
		t.Errorf("%d levels, %d tries", len(b.level), through)
	}
	if _, err := b.charge(morning.Add(time.Hour), "192.0.2.1", "somebody", "", false); err != nil || len(b.level) > 3 {
		t.Errorf("%d levels after an hour: %v", len(b.level), err)
	}
}

// TestManyTriesAtOnce: a thousand at once get no more than their measure.
func TestManyTriesAtOnce(t *testing.T) {
	l := newLodge(t, home)
	l.member("alice", secret)
	before := l.book.hasher.done.Load()
	var all sync.WaitGroup
	for range 1000 {
		all.Go(func() { l.browser("192.0.2.77").signIn("alice", "wrong and wrong again") })
	}
	all.Wait()
	if n := l.book.hasher.done.Load() - before; n > 10 {
		t.Errorf("%d hashes for tries at one name", n)
	}
}
