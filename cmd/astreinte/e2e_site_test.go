package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/astreinte/astreinte/paging/phonetest"
)

// The site's secrets and paces, as in its configuration.
const (
	ingestToken    = "ingest-hush-hush"
	apiToken       = "api-hush-hush"
	repeatsEvery   = 2 * time.Second
	escalatesAfter = 6 * time.Second
	// clockError is how wrong the daemon may be about Redis' clock, by which it
	// judges deadlines.
	clockError = 100 * time.Millisecond
)

var serveArgs = []string{"serve", "--config", "astreinte.yml"}

const siteConfig = `
server: {listen: "${LISTEN}", public_url: "http://${LISTEN}", min_free: 1MiB}
store: "${STORE}"
time_zone: Europe/Paris
language: fr
calendars:
  always: {always: true}
contracts:
  full-time: {hours: always, gti: {critical: {within: 1h}}}
customers:
  acme: {name: Acme, matchers: ['customer="acme"'], sites: [Givrand], contract: full-time}
people:
  alice: {name: Alice Martin, phones: ["+33612345601"]}
  dominique: {name: Dominique Roy, phones: ["+33612345699"], role: manager}
groups:
  on-call: {people: [alice]}
  managers: {people: [dominique]}
policies:
  round-the-clock:
    ack_timeout: 45m
    steps:
      - {page: on-call, by: [push, sms], repeat: 2s}
      - {after: 6s, page: managers, by: [push, sms], repeat: 2s}
route: {receiver: round-the-clock, group_by: [customer, site, alertname]}
urgency:
  - {matchers: ['severity="critical"'], urgency: critical}
sources:
  prometheus: {type: alertmanager, token: ` + ingestToken + `}
sms:
  provider: twilio
  replies: same
  twilio: {account_sid: "${ACCOUNT}", auth_token: "${TWILIO_TOKEN}", from: "${SENDER}", base_url: "${PROVIDERS}"}
push:
  fcm: {credentials_file: firebase.json, endpoint: "${PROVIDERS}"}
api:
  tokens: [{name: ops, role: admin, token: ` + apiToken + `}]
`

// site is a customer's server, whoever is called when it breaks, and the
// daemon between them.
type site struct {
	program, dir, store string
	summary             string      // of each alert that alert posts
	inside              []string    // the command that runs the program; empty: none
	broken              atomic.Bool // the server
	world               *phonetest.World
	alice, dominique    *phonetest.Phone
	daemon              *process
	address             string // of the daemon, kept when it starts again
}

// newSite starts a daemon on an empty store. If the store is a file, its path
// starts at the site's folder.
func newSite(t *testing.T, program, store string) *site {
	t.Helper()
	return newSiteWith(t, program, store, siteConfig)
}

// newSiteWith is newSite with the given configuration. If inside is given,
// that command runs the daemon.
func newSiteWith(t *testing.T, program, store, config string, inside ...string) *site {
	t.Helper()
	s := &site{program: program, dir: t.TempDir(), store: store, inside: inside}
	s.world = phonetest.New(phonetest.Options{Number: "+33612345600", Patience: patience})
	t.Cleanup(s.world.Close)
	if _, err := s.world.Start(); err != nil {
		t.Fatal(err)
	}
	s.alice = s.world.Phone("alice", "+33612345601")
	s.dominique = s.world.Phone("dominique", "+33612345699")
	credentials, err := s.world.Credentials()
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(s.dir, "firebase.json"), string(credentials))
	write(t, filepath.Join(s.dir, "astreinte.yml"), config)
	s.start(t)
	return s
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// start starts the daemon at its former address, or at its first. The end of
// the test stops it, and checks what a stop promises.
func (s *site) start(t *testing.T) {
	t.Helper()
	if s.address == "" {
		s.daemon, s.address = listen(t, "astreinte", "/readyz", s.serve)
		s.world.SetDaemon("http://" + s.address)
	} else {
		s.daemon = launch(t, "astreinte, started again", s.serve(s.address))
		if !s.daemon.becomes(t, s.ready) {
			t.Fatal("it did not start again")
		}
	}
	d := s.daemon
	t.Cleanup(func() {
		if d.ended() {
			return // killed
		}
		if !d.end() {
			t.Errorf("it did not stop within %s", stopsWithin)
		} else if code := d.cmd.ProcessState.ExitCode(); code != 0 {
			t.Errorf("it ended with %d, want 0", code)
		}
		for _, secret := range []string{ingestToken, apiToken, s.world.AuthToken()} {
			if strings.Contains(d.said(t), secret) {
				t.Errorf("the log tells the secret %s", secret)
			}
		}
	})
}

func (s *site) serve(address string) *exec.Cmd {
	line := append(append([]string{}, s.inside...), s.program, serveArgs[0], "--config", filepath.Join(s.dir, "astreinte.yml"))
	cmd := exec.Command(line[0], line[1:]...)
	cmd.Dir, cmd.Env = s.dir, s.environ(address)
	return cmd
}

// environ fills the site's configuration.
func (s *site) environ(address string) []string {
	return append(os.Environ(), "LISTEN="+address, "STORE="+s.store, "PROVIDERS="+s.world.URL(),
		"ACCOUNT="+s.world.AccountSID(), "TWILIO_TOKEN="+s.world.AuthToken(), "SENDER="+s.world.Number())
}

func (s *site) ready() error { return healthy("http://" + s.address + "/readyz") }

// shown is a ticket as the API shows it.
type shown struct {
	Number, State  string
	Episode, Step  int
	OpenedAt       time.Time `json:"opened_at"`
	AcknowledgedBy string    `json:"acknowledged_by"`
	NextPageAt     time.Time `json:"next_page_at"`
	Alerts         struct {
		Firing, Resolved int
		Sample           []struct {
			LastAt time.Time `json:"last_at"`
		}
	}
	Pages []struct {
		Person, Channel, State string
		ProviderID             string `json:"provider_id"`
	}
}

// onlyTicket is the one ticket; a second one fails the test.
func (s *site) onlyTicket(t *testing.T) shown {
	t.Helper()
	var list struct{ Tickets []shown }
	s.ask(t, http.MethodGet, "/api/v1/tickets", nil, http.StatusOK, &list)
	if len(list.Tickets) != 1 {
		t.Fatalf("%d tickets, want 1: %+v", len(list.Tickets), list.Tickets)
	}
	return list.Tickets[0]
}

func (s *site) ticket(t *testing.T, number string) (now shown) {
	t.Helper()
	s.ask(t, http.MethodGet, "/api/v1/tickets/"+number, nil, http.StatusOK, &now)
	return now
}

// register makes a push token a device of that person's.
func (s *site) register(t *testing.T, person, token string) {
	t.Helper()
	var answer struct{ ID string }
	s.ask(t, http.MethodPost, "/api/v1/people/"+person+"/devices", map[string]string{"token": token, "platform": "android"}, http.StatusCreated, &answer)
	if answer.ID == "" {
		t.Errorf("the device of %s has no id", person)
	}
}

// ask makes a request to the daemon's API.
func (s *site) ask(t *testing.T, method, path string, body any, want int, into any) {
	t.Helper()
	if err := s.try(method, path, body, want, into); err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
}

func (s *site) try(method, path string, body any, want int, into any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, "http://"+s.address+path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+apiToken)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != want {
		return fmt.Errorf("%s, want %d: %s", resp.Status, want, answer)
	}
	return json.Unmarshal(answer, into)
}

// alert posts a new alert for an instance. It returns its ticket if the answer
// was 2xx.
func (s *site) alert(instance string) (number string, err error) {
	body := fmt.Sprintf(`{"version": "4", "status": "firing", "alerts": [{"status": "firing", "labels": {"alertname": "HostDown", "instance": %q}, "annotations": {"summary": %q}}]}`, instance, s.summary)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+s.address+"/ingest/prometheus", strings.NewReader(body))
	if err != nil {
		return "", err
	}
	req.Header.Set("Authorization", "Bearer "+ingestToken)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return "", err
	}
	var taken struct{ Tickets []string }
	switch {
	case resp.StatusCode != http.StatusAccepted:
		return "", &refusal{resp.StatusCode, string(answer)}
	case json.Unmarshal(answer, &taken) != nil || len(taken.Tickets) != 1:
		return "", fmt.Errorf("202 with %s", answer)
	}
	return taken.Tickets[0], nil
}

// refusal is an answer that is no 2xx.
type refusal struct {
	status int
	answer string
}

// Error is the answer.
func (r *refusal) Error() string { return fmt.Sprintf("%d: %s", r.status, r.answer) }

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	content, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, content, 0o600); err != nil {
		t.Fatal(err)
	}
}
