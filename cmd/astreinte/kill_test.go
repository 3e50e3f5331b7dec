package main_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/store/boltstore"
	"github.com/astreinte/astreinte/internal/store/redisstore"
	"github.com/astreinte/astreinte/internal/store/redisstore/redistest"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging/phonetest"
)

const (
	postsEvery = 50 * time.Millisecond
	// providerTakes is how long an order of a page is under way.
	providerTakes = 40 * time.Millisecond
	// resumesWithin is how soon after a start a page has to go out: 5 s, and as much
	// again twice for a machine that is busy.
	resumesWithin = 15 * time.Second
	// recentTickets is how many of the newest tickets are searched for pages that
	// a kill left behind: those of a lease, and some more.
	recentTickets = 400
)

// onceConfig pages each ticket once, so that a second page is a duplicate.
const onceConfig = `
server: {listen: "${LISTEN}", public_url: "http://${LISTEN}", min_free: 1MiB}
store: "${STORE}"
people:
  alice: {name: Alice Martin, phones: ["+33612345601"]}
groups:
  on-call: {people: [alice]}
policies:
  once:
    steps: [{page: on-call, by: [sms], times: 1}]
route: {receiver: once, group_by: [instance]}
sources:
  prometheus: {type: alertmanager, token: ` + ingestToken + `}
sms:
  provider: twilio
  replies: none
  bundle_over: 0
  twilio: {account_sid: "${ACCOUNT}", auth_token: "${TWILIO_TOKEN}", from: "${SENDER}", base_url: "${PROVIDERS}", rate: 0}
api:
  tokens: [{name: ops, role: admin, token: ` + apiToken + `}]
`

// TestKilledAgainAndAgain kills the real program while alerts come in and
// pages go out. Whatever was answered 2xx is paged. Only pages that were in
// flight at a kill come twice.
func TestKilledAgainAndAgain(t *testing.T) {
	program := build(t)
	t.Run("bolt", func(t *testing.T) {
		t.Parallel()
		s := newSiteWith(t, program, "bolt:astreinte.db", onceConfig)
		killAgainAndAgain(t, s, func() peeked { return peekFile(t, filepath.Join(s.dir, "astreinte.db")) })
	})
	t.Run("redis", func(t *testing.T) {
		t.Parallel()
		url := redistest.Single(t).URL()
		s := newSiteWith(t, program, url, onceConfig)
		store, err := redisstore.Open(t.Context(), url, redisstore.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { store.Close() })
		killAgainAndAgain(t, s, func() peeked { return peek(t, store) })
	})
}

// killing is a site whose daemon is killed again and again.
type killing struct {
	*site
	posts    *poster
	launched []time.Time      // of each daemon
	inFlight []map[string]int // by instance: pages that were claimed when each daemon was killed
}

func killAgainAndAgain(t *testing.T, s *site, left func() peeked) {
	s.world.SetFault(phonetest.Fault{Kind: phonetest.SMS, Latency: providerTakes})
	k := &killing{site: s, posts: newPoster(s), launched: []time.Time{time.Now()}}
	random := rand.New(rand.NewPCG(1, rand.Uint64()))
	ended := k.posts.run(t)
	for i := range kills {
		if i%5 == 0 { // at any time, in the middle of a start too
			pause(t, time.Duration(random.Int64N(int64(400*time.Millisecond))))
		} else {
			k.resumes(t)
			pause(t, time.Duration(random.Int64N(int64(time.Second))))
		}
		k.kill(left)
		k.again(t)
	}
	k.resumes(t)
	ended()
	k.posts.settled.Wait()
	k.paged(t)
	k.noneTwice(t, left)
}

// kill ends the daemon as a crash does, and looks at what it left.
func (k *killing) kill(left func() peeked) peeked {
	k.daemon.kill()
	found := left()
	k.inFlight = append(k.inFlight, found.sending)
	return found
}

// again starts the daemon once more, without waiting until it is ready.
func (k *killing) again(t *testing.T) {
	t.Helper()
	k.launched = append(k.launched, time.Now())
	k.daemon = launch(t, fmt.Sprintf("astreinte, start %d", len(k.launched)), k.serve(k.address))
}

// resumes waits until the daemon has paged somebody.
func (k *killing) resumes(t *testing.T) {
	t.Helper()
	began := k.launched[len(k.launched)-1]
	err := poll(resumesWithin-time.Since(began), func() (bool, error) {
		if k.daemon.ended() {
			if !strings.Contains(k.daemon.said(t), "address already in use") {
				t.Fatalf("start %d ended by itself", len(k.launched))
			}
			k.daemon = launch(t, "astreinte, once more", k.serve(k.address)) // another process had the port for a moment
		}
		all := k.world.Messages()
		return len(all) > 0 && all[len(all)-1].Accepted.After(began), fmt.Errorf("%d messages", len(all))
	})
	if err != nil {
		t.Fatalf("start %d paged nobody within %s: %v", len(k.launched), resumesWithin, err)
	}
}

// paged waits until all that was accepted has been paged.
func (k *killing) paged(t *testing.T) {
	t.Helper()
	accepted := k.posts.accepted()
	await(t, "all that was accepted to be paged", func() error {
		sent := k.sent()
		for instance, number := range accepted {
			if len(sent[instance]) == 0 {
				return fmt.Errorf("%s, ticket %s, was answered 2xx and is not paged", instance, number)
			}
		}
		return nil
	})
	numbers := map[string]string{}
	for instance, number := range accepted {
		if other, twice := numbers[number]; twice {
			t.Errorf("%s and %s are both ticket %s", instance, other, number)
		}
		numbers[number] = instance
	}
}

// noneTwice checks that each page came once, and at most once more for each
// kill that found it claimed.
func (k *killing) noneTwice(t *testing.T, left func() peeked) {
	t.Helper()
	await(t, "no page to be under way", func() error {
		now := k.kill(left) // the store may be read once nobody has it
		if len(now.sending)+now.queued > 0 {
			k.again(t)
			k.resumes(t)
			return fmt.Errorf("%d pages are claimed, %d queued", len(now.sending), now.queued)
		}
		return nil
	})
	flying, twice := 0, 0
	for _, pages := range k.inFlight {
		flying += len(pages)
	}
	for instance, at := range k.sent() {
		twice += len(at) - 1
		for i := 1; i < len(at); i++ {
			if before := k.starts(at[i-1]); before == k.starts(at[i]) {
				t.Errorf("%s was paged twice by start %d", instance, before)
			} else if k.inFlight[before-1][instance] == 0 {
				t.Errorf("%s was paged by start %d, which left it recorded, and again", instance, before)
			}
		}
	}
	t.Logf("%d kills; %d of %d posts accepted, %d alerts paged; %d pages in flight at the kills, %d of them paged twice",
		kills, len(k.posts.accepted()), k.posts.count(), len(k.sent()), flying, twice)
	if flying == 0 {
		t.Error("no kill found a page in flight: the test shows nothing")
	}
}

// starts is how many daemons had been started at a time.
func (k *killing) starts(at time.Time) (n int) {
	for _, launched := range k.launched {
		if !at.Before(launched) {
			n++
		}
	}
	return n
}

var instanceName = regexp.MustCompile(`srv-\d+`)

// sent is when each instance was paged.
func (k *killing) sent() map[string][]time.Time {
	sent := map[string][]time.Time{}
	for _, m := range k.world.Messages() {
		instance := instanceName.FindString(m.Body)
		sent[instance] = append(sent[instance], m.Accepted)
	}
	return sent
}

// poster posts one new alert after the other, each once.
type poster struct {
	site    *site
	settled sync.WaitGroup

	mu      sync.Mutex
	posted  int
	tickets map[string]string // by instance, of what was answered 2xx
}

func newPoster(s *site) *poster { return &poster{site: s, tickets: map[string]string{}} }

// run posts until its result is called, or the test ends.
func (p *poster) run(t *testing.T) (end func()) {
	ctx, cancel := context.WithCancel(t.Context())
	p.settled.Go(func() {
		tick := time.NewTicker(postsEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				p.settled.Go(p.post)
			}
		}
	})
	return cancel
}

func (p *poster) post() {
	p.mu.Lock()
	p.posted++
	instance := fmt.Sprintf("srv-%06d", p.posted)
	p.mu.Unlock()
	number, err := p.site.alert(instance)
	if err != nil {
		return // not accepted: nobody counts on it
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tickets[instance] = number
}

func (p *poster) accepted() map[string]string {
	p.mu.Lock()
	defer p.mu.Unlock()
	accepted := make(map[string]string, len(p.tickets))
	for instance, number := range p.tickets {
		accepted[instance] = number
	}
	return accepted
}

func (p *poster) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.posted
}

// pause lets time pass: the test waits for nothing but time.
func pause(t *testing.T, d time.Duration) {
	t.Helper()
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-t.Context().Done():
	}
}

// peeked is what a store holds of pages that are not done.
type peeked struct {
	sending map[string]int // claimed, by instance
	queued  int
}

// viewer is what a test reads of a store.
type viewer interface {
	Tickets(ctx context.Context, q ticket.Query) ([]ticket.Ticket, string, error)
	View(ctx context.Context, number string) (ticket.View, error)
}

func peek(t *testing.T, store viewer) peeked {
	t.Helper()
	p := peeked{sending: map[string]int{}}
	tickets, _, err := store.Tickets(t.Context(), ticket.Query{Scope: ticket.Everything(), Limit: recentTickets})
	if err != nil {
		t.Fatal(err)
	}
	for i := range tickets {
		view, err := store.View(t.Context(), tickets[i].Number)
		if err != nil {
			t.Fatal(err)
		}
		for j := range view.Pages {
			if state := view.Pages[j].State; state == ticket.PageSending {
				p.sending[instanceName.FindString(tickets[i].Title)]++
			} else if state == ticket.PageQueued {
				p.queued++
			}
		}
	}
	return p
}

// peekFile looks into a copy of the file, so that the next daemon finds the
// file as the kill left it.
func peekFile(t *testing.T, path string) peeked {
	t.Helper()
	copied := filepath.Join(t.TempDir(), "killed.db")
	copyFile(t, path, copied)
	if _, err := os.Stat(path + ".journal"); err == nil {
		copyFile(t, path+".journal", copied+".journal")
	}
	store, err := boltstore.Open(copied, boltstore.Options{})
	if err != nil {
		t.Fatalf("after a kill: %v", err)
	}
	defer store.Close()
	return peek(t, store)
}
