package daemon

import (
	"crypto/rand"
	"crypto/rsa"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/astreinte/astreinte/paging/phonetest"
)

// The simulation (docs/CONTRIBUTING.md, "The simulation"): worlds made from a
// seed, in which everything goes wrong for a while, and then heals. What was
// promised must hold in each of them.
var (
	simSeeds = flag.Int("seeds", 2000, "TestSimulation: how many worlds")
	simFirst = flag.Uint64("first", 1, "TestSimulation: the first of their seeds")
	simSeed  = flag.Uint64("seed", 0, "TestSimulation: this world alone, told in full with -v")
)

const (
	simChunk    = 25 // seeds a subtest
	simFailures = 5  // failing seeds after which the rest is not tried
)

func TestSimulation(t *testing.T) {
	kit := newSimKit(t)
	if *simSeed > 0 {
		simulate(t, kit, *simSeed)
		return
	}
	var failed atomic.Int64
	last := *simFirst + uint64(*simSeeds) - 1
	for from := *simFirst; from <= last; from += simChunk {
		to := min(from+simChunk-1, last)
		t.Run(fmt.Sprintf("seeds %d to %d", from, to), func(t *testing.T) {
			t.Parallel()
			for seed := from; seed <= to && failed.Load() < simFailures; seed++ {
				if testing.Verbose() {
					t.Logf("seed %d", seed) // a panic tells no more
				}
				if !simulate(t, kit, seed) {
					failed.Add(1)
				}
			}
		})
	}
}

// simKit is what all worlds share, because it is slow to make.
type simKit struct {
	dir string // of the secrets
	key *rsa.PrivateKey
}

func newSimKit(t *testing.T) *simKit {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 1024) // nothing is secret here, and a small one is quick
	if err != nil {
		t.Fatal(err)
	}
	kit := &simKit{dir: t.TempDir(), key: key}
	world := phonetest.New(phonetest.Options{Key: key})
	defer world.Close()
	credentials, err := world.Credentials()
	if err != nil {
		t.Fatal(err)
	}
	for name, secret := range map[string]string{
		"am.token": "token-of-am", "prom.token": "token-of-prom", "twilio.token": authToken,
		"api.token": apiToken, "firebase.json": string(credentials),
	} {
		if err := os.WriteFile(filepath.Join(kit.dir, name), []byte(secret+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return kit
}

// simulate lets one world live, and says whether all that was promised held.
func simulate(t *testing.T, kit *simKit, seed uint64) bool {
	t.Helper()
	var s *sim
	synctest.Test(t, func(t *testing.T) {
		t.Helper()
		s = newSim(t, kit, seed)
		s.live()
	})
	if len(s.problems) == 0 {
		if *simSeed > 0 && testing.Verbose() {
			t.Log(s.told())
		}
		return true
	}
	text := strings.Join(s.problems, "\n  ")
	if *simSeed > 0 && testing.Verbose() {
		text += "\n" + s.told()
	}
	t.Errorf("seed %d: what was promised does not hold:\n  %s\nAgain, with all that happened:\n"+
		"  go test ./internal/daemon -run 'TestSimulation$' -seed %d -v", seed, text, seed)
	return false
}

// live is the life of a world: trouble, healing, and the last judgement.
func (s *sim) live() {
	s.open()
	for _, e := range s.script() {
		s.until(e.at)
		s.tell("EVENT %s", e.what)
		e.do()
	}
	s.until(s.plan.trouble)
	s.heal()
	healed := time.Since(s.began)
	for at := healed + simSettle; at < healed+s.plan.calm; at += 10 * time.Second {
		s.until(at)
		s.overdue()
	}
	s.until(healed + s.plan.calm)
	s.judge()
	s.end()
}

// until lets time pass until so long after the beginning.
func (s *sim) until(d time.Duration) {
	time.Sleep(time.Until(s.began.Add(d)))
	synctest.Wait()
}

// told is what happened, in virtual time.
func (s *sim) told() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return fmt.Sprintf("GOMAXPROCS %d\n%s", runtime.GOMAXPROCS(0), strings.Join(s.story, "\n"))
}
