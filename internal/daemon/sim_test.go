package daemon

import (
	"crypto/rand"
	"crypto/rsa"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/astreinte/astreinte/paging/phonetest"
)

// The simulation (docs/CONTRIBUTING.md, "The simulation") makes worlds from a
// seed. In them everything goes wrong for a while, and then heals. The
// promises must hold in each.
var (
	simSeeds = flag.Int("seeds", simWorlds, "TestSimulation: how many worlds")
	simFirst = flag.Uint64("first", 1, "TestSimulation: the first of their seeds")
	simTo    = flag.Uint64("to", 0, "TestSimulationChunk: the last of its seeds")
	simSeed  = flag.Uint64("seed", 0, "TestSimulation: this world alone, told in full with -v")
)

const simChunk = 25 // seeds a process

func TestSimulation(t *testing.T) {
	if *simSeed > 0 {
		runtime.GOMAXPROCS(1) // the order of goroutines is nearly the same each time
		simulate(t, newSimKit(t), *simSeed, t.Logf)
		return
	}
	t.Parallel()             // with what else takes long
	binary := plainBinary(t) // most seeds: the race detector is eight times as slow, and sees the first alone
	last := *simFirst + uint64(*simSeeds) - 1
	for from := *simFirst; from <= last; from += simChunk {
		to := min(from+simChunk-1, last)
		t.Run(fmt.Sprintf("seeds %d to %d", from, to), func(t *testing.T) {
			t.Parallel()
			if from == *simFirst {
				simulateBeside(t, os.Args[0], from, to)
			} else {
				simulateBeside(t, binary, from, to)
			}
		})
	}
}

// TestSimulationChunk is what a process that TestSimulation starts runs.
func TestSimulationChunk(t *testing.T) {
	if *simTo == 0 {
		return // that was all
	}
	kit := newSimKit(t)
	for seed := *simFirst; seed <= *simTo; seed++ {
		t.Logf("seed %d", seed) // a panic says no more
		simulate(t, kit, seed, nil)
	}
}

// simulateBeside tries seeds in separate processes with one processor each. So
// the same seed meets nearly the same order of goroutines each time. A seed
// that panics ends its process, and the next seeds go on in another.
func simulateBeside(t *testing.T, binary string, from, to uint64) {
	t.Helper()
	for from <= to {
		cmd := exec.CommandContext(t.Context(), binary, "-test.run=^TestSimulationChunk$", "-test.v=true",
			"-first="+strconv.FormatUint(from, 10), "-to="+strconv.FormatUint(to, 10))
		cmd.Env = append(os.Environ(), "GOMAXPROCS=1")
		out, err := cmd.CombinedOutput()
		if err == nil {
			return
		}
		told, panicked := string(out), ""
		if at := simPanic.FindStringIndex(told); at != nil {
			told, panicked = told[:at[0]], told[at[0]:]
		}
		said := simSaid.FindAllStringSubmatch(told, -1)
		told = simSaid.ReplaceAllString(told, "")
		if panicked == "" || len(said) == 0 {
			t.Errorf("%v\n%s%s", err, told, panicked)
			return
		}
		last, err := strconv.ParseUint(said[len(said)-1][1], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		t.Errorf("%s\nseed %d: %s\nAgain, with all that happened:\n  go test ./internal/daemon -run 'TestSimulation$' -seed %d -v",
			told, last, panicked, last)
		from = last + 1
	}
}

// simSaid is what a process writes before each seed, simPanic what it writes
// when it dies.
var (
	simSaid  = regexp.MustCompile(`(?m)^.*: seed (\d+)\n`)
	simPanic = regexp.MustCompile(`(?m)^(panic|fatal error): `)
)

// simKit is what all worlds share because it is slow to make.
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
		"am.token": "token-of-am", "guest.token": guestToken, "prom.token": "token-of-prom", "twilio.token": authToken,
		"api.token": apiToken, "firebase.json": string(credentials),
	} {
		if err := os.WriteFile(filepath.Join(kit.dir, name), []byte(secret+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return kit
}

// simulate lets one world live, and judges it. tell gets the whole story.
func simulate(t *testing.T, kit *simKit, seed uint64, tell func(string, ...any)) {
	t.Helper()
	var s *sim
	synctest.Test(t, func(t *testing.T) {
		t.Helper()
		s = newSim(t, kit, seed)
		s.live()
	})
	if tell != nil && testing.Verbose() {
		tell("%s", s.told())
	}
	if len(s.problems) > 0 {
		t.Errorf("seed %d: what was promised does not hold:\n  %s\nAgain, with all that happened:\n"+
			"  go test ./internal/daemon -run 'TestSimulation$' -seed %d -v", seed, strings.Join(s.problems, "\n  "), seed)
	}
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
	for at := healed + simSettle; at < healed+s.plan.calm; at += 30 * time.Second {
		s.until(at)
		s.overdue()
	}
	s.until(healed + s.plan.calm)
	s.judge()
	s.end()
}

// until lets time pass until d after the beginning.
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
