package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/astreinte/astreinte/paging/phonetest"
)

// fleetConfig pages once for each ticket, and makes a ticket of each instance.
const fleetConfig = `
server: {listen: "${LISTEN}", public_url: "http://${LISTEN}", min_free: 1MiB}
store: "${STORE}"
durability: ${DURABILITY}
time_zone: Europe/Paris
language: fr
customers:
  acme: {name: Acme, matchers: ['customer="acme"']}
people:
  alice: {name: Alice Martin, phones: ["+33612345601"]}
groups:
  on-call: {people: [alice]}
policies:
  once: {steps: [{page: on-call, by: [sms], repeat: 1h}]}
route: {receiver: once, group_by: [instance]}
urgency: [{matchers: ['severity="critical"'], urgency: critical}]
sources:
  prometheus: {type: alertmanager, token: ` + ingestToken + `}
  grafana: {type: alertmanager, token: ` + ingestToken + `}
sms:
  provider: twilio
  replies: same
  bundle_over: 0
  twilio: {account_sid: "${ACCOUNT}", auth_token: "${TWILIO_TOKEN}", from: "${SENDER}", base_url: "${PROVIDERS}", rate: 0}
api:
  tokens: [{name: ops, role: admin, token: ` + apiToken + `}]
`

// fleet is some daemons on one store.
type fleet struct {
	dir, store, durability string
	world                  *phonetest.World
	alice                  *phonetest.Phone
	ships                  []*ship
}

// ship is one of the daemons. It has its own door to the provider.
type ship struct {
	*process
	fleet   *fleet
	program string
	address string
	door    *door
}

// newFleet starts daemons on an empty store.
func newFleet(t *testing.T, program, store, durability string, size int) *fleet {
	t.Helper()
	f := &fleet{dir: t.TempDir(), store: store, durability: durability}
	f.world = phonetest.New(phonetest.Options{Number: "+33612345600", Patience: patience})
	t.Cleanup(f.world.Close)
	if _, err := f.world.Start(); err != nil {
		t.Fatal(err)
	}
	f.alice = f.world.Phone("alice", "+33612345601")
	write(t, filepath.Join(f.dir, "astreinte.yml"), fleetConfig)
	for range size {
		s := &ship{fleet: f, program: program, door: newDoor(t, f.world.URL())}
		f.ships = append(f.ships, s)
		s.process, s.address = listen(t, "astreinte", "/readyz", s.command)
	}
	f.world.SetDaemon("http://" + f.ships[0].address)
	return f
}

func (s *ship) command(address string) *exec.Cmd {
	cmd := exec.Command(s.program, serveArgs...)
	f := s.fleet
	cmd.Dir = f.dir
	cmd.Env = append(os.Environ(), "LISTEN="+address, "STORE="+f.store, "DURABILITY="+f.durability, "PROVIDERS="+s.door.URL,
		"ACCOUNT="+f.world.AccountSID(), "TWILIO_TOKEN="+f.world.AuthToken(), "SENDER="+f.world.Number())
	return cmd
}

// again starts the daemon anew, at its address.
func (s *ship) again(t *testing.T) {
	t.Helper()
	s.process = launch(t, "astreinte, started again", s.command(s.address))
	if !s.becomes(t, func() error { return healthy("http://" + s.address + "/readyz") }) {
		t.Fatal("it did not start again")
	}
}

// ready is /readyz: its status, and what it says.
func (s *ship) ready() (status int, said string, took time.Duration) {
	began := time.Now()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.address+"/readyz", nil)
	if err != nil {
		return 0, err.Error(), 0
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err.Error(), time.Since(began)
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(resp.Body) // cut short it says less
	return resp.StatusCode, string(text), time.Since(began)
}

// post sends one alert as an Alertmanager does; 0 if there was no answer.
func (s *ship) post(source, instance string) (status int, ticket string) {
	body, err := json.Marshal(map[string]any{"status": "firing", "alerts": []any{map[string]any{
		"status": "firing",
		"labels": map[string]string{"alertname": "HostDown", "instance": instance, "customer": "acme", "severity": "critical"},
	}}})
	if err != nil {
		return 0, ""
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+s.address+"/ingest/"+source, bytes.NewReader(body))
	if err != nil {
		return 0, ""
	}
	req.Header.Set("Authorization", "Bearer "+ingestToken)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, ""
	}
	defer resp.Body.Close()
	var answer struct{ Tickets []string }
	if json.NewDecoder(resp.Body).Decode(&answer) == nil && len(answer.Tickets) == 1 {
		ticket = answer.Tickets[0]
	}
	return resp.StatusCode, ticket
}

// act does something to a ticket by this daemon's API.
func (s *ship) act(t *testing.T, ticket, action string) {
	t.Helper()
	site := &site{address: s.address}
	var now shown
	if err := site.try(http.MethodPost, "/api/v1/tickets/"+ticket+"/"+action, map[string]string{"person": "alice"}, http.StatusOK, &now); err != nil {
		t.Fatalf("%s %s: %v", action, ticket, err)
	}
}

// door leads one daemon to the provider, and notes which calls went through.
type door struct {
	*httptest.Server
	mu     sync.Mutex
	delay  time.Duration
	shut   chan struct{} // closed when a door that is shut opens
	called []call
}

// call is one message that was handed over.
type call struct {
	at       time.Time
	instance string
}

var instanceIn = regexp.MustCompile(`srv-[a-z0-9-]*[a-z0-9]`)

func newDoor(t *testing.T, provider string) *door {
	t.Helper()
	to, err := url.Parse(provider)
	if err != nil {
		t.Fatal(err)
	}
	d := &door{}
	proxy := httputil.NewSingleHostReverseProxy(to)
	d.Server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		text, err := io.ReadAll(r.Body)
		if err != nil {
			return // its daemon is gone
		}
		form, err := url.ParseQuery(string(text))
		if err != nil {
			http.Error(rw, err.Error(), http.StatusBadRequest)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(text))
		d.mu.Lock()
		d.called = append(d.called, call{time.Now(), instanceIn.FindString(form.Get("Body"))})
		delay, shut := d.delay, d.shut
		d.mu.Unlock()
		if shut != nil {
			select {
			case <-shut:
			case <-r.Context().Done():
				return
			}
		}
		timer := time.NewTimer(delay)
		defer timer.Stop()
		<-timer.C
		proxy.ServeHTTP(rw, r)
	}))
	proxy.ErrorHandler = func(rw http.ResponseWriter, _ *http.Request, _ error) { rw.WriteHeader(http.StatusBadGateway) }
	t.Cleanup(func() { d.open(); d.Close() })
	return d
}

// slow makes each call take some time.
func (d *door) slow(delay time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.delay = delay
}

// close shuts the door: calls come in and get no answer.
func (d *door) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.shut = make(chan struct{})
}

// open lets calls through, those that wait too.
func (d *door) open() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.shut != nil {
		close(d.shut)
		d.shut = nil
	}
}

// calls are the calls that came to the door.
func (d *door) calls() []call {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]call(nil), d.called...)
}

// storm is what was posted to a fleet, and answered.
type storm struct {
	fleet *fleet
	mu    sync.Mutex
	taken map[string]taken // by instance, those that were answered 2xx
	// slowest is the longest time that anybody waited for an answer. refused is
	// how many got 503.
	slowest time.Duration
	refused int
	strange map[int]int // other answers
	order   []string
}

type taken struct {
	at     time.Time // of the 2xx
	first  time.Time // when it was first posted
	ticket string
	by     *ship
}

func newStorm(f *fleet) *storm {
	return &storm{fleet: f, taken: map[string]taken{}, strange: map[int]int{}}
}

// send posts an alert until a daemon takes it or the time is up. It tries one
// daemon after the other, like a sender that knows several.
func (s *storm) send(n int, instance string, until time.Time) bool {
	source := []string{"prometheus", "grafana"}[n%2]
	first := time.Now()
	for try := n; ; try++ {
		ship := s.fleet.ships[try%len(s.fleet.ships)]
		began := time.Now()
		status, ticket := ship.post(source, instance)
		s.mu.Lock()
		s.slowest = max(s.slowest, time.Since(began))
		switch status {
		case http.StatusAccepted:
			s.taken[instance] = taken{time.Now(), first, ticket, ship}
			s.order = append(s.order, instance)
		case http.StatusServiceUnavailable:
			s.refused++
		case 0: // nobody there
		default:
			s.strange[status]++
		}
		s.mu.Unlock()
		if status == http.StatusAccepted {
			return true
		}
		if time.Now().After(until) {
			return false
		}
		nap(100 * time.Millisecond)
	}
}

// blow posts alerts from several senders at once. Each sender pauses between
// two alerts. At the end, alerts that were not taken are given up.
func (s *storm) blow(name string, alerts, senders int, pause time.Duration, until time.Time) {
	var group sync.WaitGroup
	next := make(chan int, alerts)
	for n := range alerts {
		next <- n
	}
	close(next)
	for range senders {
		group.Go(func() {
			for n := range next {
				s.send(n, fmt.Sprintf("srv-%s-%04d", name, n), until)
				nap(pause)
			}
		})
	}
	group.Wait()
}

// nap is a sender's pause.
func nap(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	<-timer.C
}

// paged is when the provider accepted each instance's pages.
func (f *fleet) paged() map[string][]time.Time {
	pages := map[string][]time.Time{}
	for _, m := range f.world.Messages() {
		if name := instanceIn.FindString(m.Body); name != "" {
			pages[name] = append(pages[name], m.Accepted)
		}
	}
	return pages
}

// settled checks that everything that was answered 2xx has a page. It returns
// how many pages were second ones for an instance, and the longest time from a
// 2xx to its page.
func (s *storm) settled(t *testing.T) (again int, latest time.Duration) {
	t.Helper()
	await(t, "every alert that was taken to be paged", func() error {
		pages := s.fleet.paged()
		missing := []string{}
		for instance, of := range s.taken {
			if len(pages[instance]) == 0 {
				missing = append(missing, instance+" "+of.ticket)
			}
		}
		if len(missing) > 0 {
			return fmt.Errorf("%d of %d are lost until now: %s", len(missing), len(s.taken), strings.Join(missing[:min(5, len(missing))], ", "))
		}
		return nil
	})
	pages := s.fleet.paged()
	for instance, of := range s.taken {
		again += len(pages[instance]) - 1
		latest = max(latest, pages[instance][0].Sub(of.at))
	}
	if len(s.strange) > 0 {
		t.Errorf("answers that are neither 202 nor 503: %v", s.strange)
	}
	return again, latest
}

// quiet waits until no page is queued or with the provider any more.
func (f *fleet) quiet(t *testing.T) {
	t.Helper()
	calls := func() (n int) {
		for _, s := range f.ships {
			n += len(s.door.calls())
		}
		return n
	}
	before, since := calls(), time.Now()
	await(t, "the pages to end", func() error {
		if now := calls(); now != before {
			before, since = now, time.Now()
		}
		if time.Since(since) < 2*time.Second {
			return fmt.Errorf("%d messages until now", before)
		}
		return nil
	})
}
