package daemon

import (
	"context"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/astreinte/astreinte/config"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/paging/phonetest"
)

// sim is one world: a store, daemons on it, monitoring tools that post to
// them, phones with their people, and a memory of what really happened.
type sim struct {
	t       *testing.T
	kit     *simKit
	seed    uint64
	rng     *rand.Rand // of the script, which is written before anything runs
	plan    simPlan
	began   time.Time
	memory  *storetest.Memory
	archive simArchive
	world   *phonetest.World
	past    *history
	nodes   []*simNode
	tools   []*simTool
	people  []*simPerson
	client  *http.Client
	work    sync.WaitGroup
	over    chan struct{}

	mu       sync.Mutex
	story    []string
	problems []string
	said     map[string]bool // problems by their kind
	rolls    map[string]int  // rolls of a name at the present instant
	rolledAt time.Time
	troubles []span
	faults   []*storeFault
	effects  simEffects
	beating  map[string]time.Time // when the last beat of each heartbeat was sent that was taken
	edits    []simEdit            // what people said of tickets
	checks   map[string]int       // how often each ticket was to be checked again
	covers   bool                 // people take over
	parsed   *config.Config       // what that says
	config   string               // text of the one in force
	configs  []simConfig          // all that were, in order
	shifts   []time.Time
	acts     []*simAct
	sms      []*simText
	replies  []simReply
	taken    []simGone
	faded    []phonetest.Fault // numbers that died on the way, for good
	shifted  time.Duration     // how far the store's clock was moved in all, whichever way
	offset   time.Duration     // of the store's clock now
}

// span is a stretch of time.
type span struct{ from, to time.Time }

func (p span) meets(from, to time.Time) bool { return !p.from.After(to) && !from.After(p.to) }

// simPlan is what a world is like.
type simPlan struct {
	daemons int
	start   time.Time
	trouble time.Duration // how long things go wrong
	calm    time.Duration // how long it lives on after that
	bundle  int           // sms.bundle_over; 0: none
	dead    string        // a number that nobody has any more
	far     bool          // each call of the store takes milliseconds: daemons get in between
	// handover is how long after the beginning duty passes on; 0: as it falls.
	handover time.Duration
	kinds    map[string]bool
}

const (
	// simSettle is how long after the last trouble everything is in order
	// again: a dead daemon's lease, a backoff of 45 s that had begun before.
	simSettle = 50 * time.Second
	// simDeadline bounds how late a stored deadline is met when all is well.
	simDeadline = 3 * time.Second
	// simHandover bounds how long a page that is due takes to its provider
	// when all is well.
	simHandover = 6 * time.Second
	// simCollect is how much longer an SMS waits for others where they are
	// bundled.
	simCollect = 14 * time.Second
)

// handover is how long a page that is due takes to its provider.
func (s *sim) handover() time.Duration {
	if s.plan.bundle > 0 {
		return simHandover + simCollect
	}
	return simHandover
}

// simStarts are the times at which worlds begin: a Saturday night; shortly
// before the handover of a Thursday; shortly before the business calendar
// opens, and before it closes.
var simStarts = []time.Time{
	time.Date(2026, time.November, 21, 2, 12, 0, 0, time.UTC),
	time.Date(2026, time.November, 26, 7, 50, 0, 0, time.UTC),
	time.Date(2026, time.November, 23, 7, 20, 0, 0, time.UTC),
	time.Date(2026, time.November, 20, 16, 50, 0, 0, time.UTC),
}

func newSim(t *testing.T, kit *simKit, seed uint64) *sim {
	t.Helper()
	s := &sim{
		t: t, kit: kit, seed: seed, rng: rand.New(rand.NewPCG(seed, 1)), memory: storetest.New(),
		said: map[string]bool{}, rolls: map[string]int{}, over: make(chan struct{}),
	}
	s.past = newHistory(s)
	s.client = &http.Client{Transport: &door{s}}
	s.plan = s.newPlan()
	s.keepsArchive()
	return s
}

// newPlan draws what the world is like: each kind of trouble is in about a
// third of the worlds, so that each is met alone and with each of the others.
func (s *sim) newPlan() simPlan {
	p := simPlan{
		daemons: 1 + s.rng.IntN(3), start: simStarts[s.rng.IntN(len(simStarts))],
		trouble: time.Duration(6+s.rng.IntN(6)) * time.Minute,
		calm:    time.Duration(6+s.rng.IntN(2)) * time.Minute,
		kinds:   map[string]bool{},
	}
	if s.rng.IntN(4) == 0 {
		p.bundle = 1 + s.rng.IntN(2)
	}
	if s.rng.IntN(2) == 0 {
		p.dead = []string{"+33612345601", "+33612345602"}[s.rng.IntN(2)]
	}
	for _, kind := range simKinds {
		p.kinds[kind] = s.rng.IntN(3) == 0
	}
	p.far = s.rng.IntN(3) == 0
	if p.kinds["handover"] || s.rng.IntN(4) == 0 {
		p.handover = time.Duration(2+s.rng.IntN(5)) * time.Minute
	}
	return p
}

// open makes everything, and lets the daemons begin.
func (s *sim) open() {
	time.Sleep(time.Until(s.plan.start))
	s.began = time.Now()
	s.putConfig(s.lends(s.newConfig()))
	s.world = phonetest.New(phonetest.Options{
		AccountSID: accountSID, AuthToken: authToken, PublicURL: publicURL, Key: s.kit.key,
		Delay: 300 * time.Millisecond, GiveUp: 3 * time.Minute, Client: s.client,
	})
	s.meetPeople()
	for i := range s.plan.daemons {
		n := &simNode{s: s, id: i}
		s.nodes = append(s.nodes, n)
		if s.plan.kinds["clocks"] {
			n.skew = time.Duration(s.rng.IntN(7200)-3600) * time.Second
		}
		n.start()
	}
	s.tell("%d daemons, %v\n%s", s.plan.daemons, s.plan.kinds, s.config)
	s.openTools()
}

// simConfig is a configuration since it was in force.
type simConfig struct {
	from  time.Time
	rules *escalation.Rules
}

// putConfig puts a configuration in force for whoever reads it from now on.
func (s *sim) putConfig(text string) {
	parsed := s.parse(text)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.config, s.parsed = text, parsed
	s.configs = append(s.configs, simConfig{time.Now(), parsed.Rules})
}

// parse reads a configuration's text, which must be right.
func (s *sim) parse(text string) *config.Config {
	c, report := config.Parse("sim.yml", []byte(text), s.kit.dir, config.Options{})
	if c == nil {
		s.t.Fatalf("seed %d: the configuration is wrong: %+v\n%s", s.seed, report.Errors, text)
	}
	c.Server.MinFree = 1 // how full this machine's disk is changes no world
	return c
}

// end stops everything; what does not end, synctest finds.
func (s *sim) end() {
	close(s.over)
	s.work.Wait()
	for _, n := range s.nodes {
		n.stop("at the end")
	}
	s.world.Close()
	for _, n := range s.nodes {
		n.gone.Wait()
	}
}

// beside runs f in a goroutine that the end waits for.
func (s *sim) beside(f func()) {
	s.work.Go(f)
}

// sleep lets d pass; false if the world ends first.
func (s *sim) sleep(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-s.over:
		return false
	}
}

// tell writes down what happens.
func (s *sim) tell(format string, args ...any) {
	if *simSeed == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.story = append(s.story, fmt.Sprintf("%9.3f ", time.Since(s.began).Seconds())+fmt.Sprintf(format, args...))
}

// problem writes down what was promised and does not hold; each kind once or
// twice is enough.
func (s *sim) problem(kind, format string, args ...any) {
	text := fmt.Sprintf("%8.3f %s: ", time.Since(s.began).Seconds(), kind) + fmt.Sprintf(format, args...)
	s.tell("PROBLEM %s", text)
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.problems) < 12 && !s.said[text] {
		s.said[text] = true
		s.problems = append(s.problems, text)
	}
}

// roll draws a number from 0 to 1 that depends on the seed, the name, the
// present instant, and how often this name was rolled in it: not on the order
// in which goroutines run.
func (s *sim) roll(name string) float64 {
	s.mu.Lock()
	now := time.Now()
	if !now.Equal(s.rolledAt) {
		s.rolledAt = now
		clear(s.rolls)
	}
	s.rolls[name]++
	n := s.rolls[name]
	s.mu.Unlock()
	h := fnv.New64a()
	var b [24]byte
	binary.LittleEndian.PutUint64(b[:], s.seed)
	binary.LittleEndian.PutUint64(b[8:], uint64(now.UnixNano()))
	binary.LittleEndian.PutUint64(b[16:], uint64(n))
	_, _ = h.Write(b[:])
	_, _ = h.Write([]byte(name))
	return rand.New(rand.NewPCG(h.Sum64(), s.seed)).Float64()
}

// pick is a roll for one of n.
func (s *sim) pick(name string, n int) int { return int(s.roll(name) * float64(n)) }

// trouble notes that not all is well for so long from now.
func (s *sim) trouble(d time.Duration) {
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.troubles = append(s.troubles, span{now, now.Add(d)})
}

// troubled says whether there was trouble in a stretch of time, or so shortly
// before that it may not be over.
func (s *sim) troubled(from, to time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.troubles {
		if p.meets(from.Add(-simSettle), to) {
			return true
		}
	}
	return false
}

// storeNow is the time by the store's clock.
func (s *sim) storeNow() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Now().Add(s.offset)
}

// moved is how far the store's clock was moved in all.
func (s *sim) moved() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.shifted
}

func simContext(d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), d)
}
