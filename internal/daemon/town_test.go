package daemon

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap/zaptest"

	"github.com/astreinte/astreinte/config"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/paging/phonetest"
	"github.com/astreinte/astreinte/paging/smtp/smtptest"
)

// town is the whole product over a store in memory, with the people of the
// reference example and their phones, in virtual time.
type town struct {
	t      *testing.T
	daemon atomic.Pointer[Daemon] // the one that runs now
	store  *storetest.Memory
	world  *phonetest.World
	client *http.Client
	start  time.Time
	spool  string // for daemons that start from now on
	stays  time.Duration
	full   bool // their store takes no new record

	alice, bruno, dominique *phonetest.Phone
	others                  http.RoundTripper // what the daemon calls, if that is not only the providers
	mails                   *smtptest.Server  // nil: there is none
	archive                 string            // its address; empty: there is none
	archiveAway             *atomic.Bool
	archiveAhead            atomic.Int64 // by how much the archive's clock is
}

const (
	publicURL  = "https://astreinte.example.net"
	authToken  = "twilio-auth-token"
	apiToken   = "api-token-of-ops"
	postToken  = "token-of-prometheus"
	accountSID = "AC00000000000000000000000000000000"
)

// exampleConfig is the reference example with new secrets. change edits its
// text.
func exampleConfig(t testing.TB, world *phonetest.World, change ...func([]byte) []byte) *config.Config {
	t.Helper()
	dir := t.TempDir()
	credentials, err := world.Credentials()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "secrets"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, secret := range map[string]string{
		"prometheus.token": postToken, "bellac.token": "token-of-bellac", "twilio.token": authToken,
		"api.token": apiToken, "firebase.json": string(credentials),
	} {
		if err := os.WriteFile(filepath.Join(dir, "secrets", name), []byte(secret+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	text := replaced("bolt:data/astreinte.db", "bolt:/nowhere/astreinte.db")(config.Example())
	for _, f := range change {
		text = f(text)
	}
	c, report := config.Parse("astreinte.yml", text, dir, config.Options{})
	if c == nil {
		t.Fatalf("the example: %+v", report.Errors)
	}
	c.Server.MinFree = 1 // how full this machine's disk is changes no test
	return c
}

func replaced(old, now string) func([]byte) []byte {
	return func(text []byte) []byte {
		if !bytes.Contains(text, []byte(old)) {
			panic("the example does not say " + old)
		}
		return bytes.ReplaceAll(text, []byte(old), []byte(now))
	}
}

// nobodyAsked turns off what people are asked before a handover.
func nobodyAsked(text []byte) []byte {
	return replaced("    rotations:", "    readiness: off\n    rotations:")(text)
}

// Towns share nothing. Tests that live through a day or more are parallel: they and
// the simulation run at the end, and no run ends with one processor idle.

// inTown runs f on Saturday, 21 November 2026, 03:12 in Paris: alice is on
// call. Time passes only when everybody sleeps.
func inTown(t *testing.T, f func(t *testing.T, w *town), change ...func([]byte) []byte) {
	t.Helper()
	inTownWithSpool(t, "", f, change...)
}

// inTownFrom is inTown from then on by the clock in Paris. A day that nothing
// happens in costs some seconds under the race detector.
func inTownFrom(t *testing.T, begins string, f func(t *testing.T, w *town), change ...func([]byte) []byte) {
	t.Helper()
	inTownWith(t, "", func(w *town) { w.from(begins) }, f, change...)
}

func (w *town) from(begins string) {
	w.t.Helper()
	w.untilParis(begins)
	w.start = time.Now()
}

// inTownWithSpool is inTown with a daemon that keeps alerts in that folder.
func inTownWithSpool(t *testing.T, spool string, f func(t *testing.T, w *town), change ...func([]byte) []byte) {
	t.Helper()
	inTownWith(t, spool, func(*town) {}, f, change...)
}

// inTownWith lets prepare change the town before its daemon runs.
func inTownWith(t *testing.T, spool string, prepare func(w *town), f func(t *testing.T, w *town), change ...func([]byte) []byte) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(storetest.Began().Add(-time.Hour)))
		w := &town{t: t, store: storetest.New(), start: time.Now(), spool: spool}
		w.world = phonetest.New(phonetest.Options{
			AccountSID: accountSID, AuthToken: authToken, PublicURL: publicURL, Delay: time.Second,
			Client: &http.Client{Transport: w.door()},
		})
		defer w.world.Close()
		w.alice = w.world.Phone("alice", "+33612345601")
		w.bruno = w.world.Phone("bruno", "+33612345602")
		w.dominique = w.world.Phone("dominique", "+33612345699")
		w.client = &http.Client{Transport: w.door()}
		prepare(w)
		stop := w.run(exampleConfig(t, w.world, change...))
		defer func() { stop() }()
		f(t, w)
	})
}

// door leads to the daemon that runs now.
func (w *town) door() http.RoundTripper {
	return phonetest.Transport(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.daemon.Load().Handler().ServeHTTP(rw, r)
	}))
}

// kept is the store as daemons have it.
func (w *town) kept() Store {
	if w.full {
		return roomless{keptOpen{w.store}}
	}
	return keptOpen{w.store}
}

func (w *town) run(c *config.Config) (stop func()) {
	w.t.Helper()
	c.Spool = w.spool
	o := Options{Config: c, Log: zaptest.NewLogger(w.t), Store: w.kept(), Archive: w.openArchive(), Stays: w.stays, Transport: w.carrier()}
	if w.mails != nil {
		o.MailDial = w.mails.Dial
	}
	d, err := New(context.Background(), o)
	if err != nil {
		w.t.Fatal(err)
	}
	w.daemon.Store(d)
	var once sync.Once
	end := func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := d.Stop(ctx); err != nil {
			w.t.Errorf("stop: %v", err)
		}
	}
	stop = func() { once.Do(end) }
	w.t.Cleanup(stop) // a test that ends before its time leaves nobody behind in its bubble
	return stop
}

// carrier leads to the providers, and to whoever else is there.
func (w *town) carrier() http.RoundTripper {
	if w.others != nil {
		return w.others
	}
	return w.world.RoundTripper()
}

// keptOpen lets a store outlive the daemons that run on it.
type keptOpen struct{ *storetest.Memory }

func (keptOpen) Close() error { return nil }

// at lets time pass until d after the start.
func (w *town) at(d time.Duration) {
	time.Sleep(time.Until(w.start.Add(d)))
	synctest.Wait()
}

func (w *town) call(method, path, token string, body any) (status int, answer []byte) {
	w.t.Helper()
	data, err := json.Marshal(body)
	if err != nil {
		w.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(w.t.Context(), method, publicURL+path, bytes.NewReader(data))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	req.RemoteAddr = "127.0.0.1:1"
	resp, err := w.client.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err = io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return resp.StatusCode, answer
}

// alert posts as Alertmanager does and returns the ticket's number.
func (w *town) alert(status, name string, labels ...string) string {
	w.t.Helper()
	set := map[string]string{"alertname": "HostDown", "instance": name, "customer": "acme", "site": "Givrand", "severity": "critical"}
	for i := 0; i+1 < len(labels); i += 2 {
		set[labels[i]] = labels[i+1]
	}
	code, answer := w.call(http.MethodPost, "/ingest/prometheus", postToken, map[string]any{
		"version": "4", "status": status, "groupKey": "{}:{}",
		"alerts": []any{map[string]any{"status": status, "labels": set, "startsAt": time.Now(), "fingerprint": name}},
	})
	var taken struct{ Tickets []string }
	if err := json.Unmarshal(answer, &taken); err != nil || code != http.StatusAccepted {
		w.t.Fatalf("%d %s", code, answer)
	}
	if len(taken.Tickets) == 0 {
		return ""
	}
	return taken.Tickets[0]
}

// shown is a ticket as the API shows it.
type shown struct {
	Number, State, Urgency, Title string
	AcknowledgedBy                string `json:"acknowledged_by"`
	Episode, Step                 int
	NextPageAt                    *time.Time `json:"next_page_at"`
	GTI                           struct {
		DueAt *time.Time `json:"due_at"`
		State string
	}
	Alerts struct{ Firing, Resolved int }
	Pages  []struct {
		Person, Channel, State, Error string
		ProviderID                    string `json:"provider_id"`
		At                            time.Time
	}
	Timeline []struct{ Kind, Text, Page string }
	LeftOut  int `json:"left_out"`
}

func (w *town) ticket(number string) shown {
	w.t.Helper()
	code, answer := w.call(http.MethodGet, "/api/v1/tickets/"+number, apiToken, nil)
	var s shown
	if err := json.Unmarshal(answer, &s); err != nil || code != http.StatusOK {
		w.t.Fatalf("%d %s: %v", code, answer, err)
	}
	return s
}

func (w *town) expectState(number, state string) shown {
	w.t.Helper()
	s := w.ticket(number)
	if s.State != state {
		w.t.Fatalf("ticket %s is %s, want %s\n%s", number, s.State, state, timelineOf(s))
	}
	return s
}

func timelineOf(s shown) string {
	out := ""
	for _, e := range s.Timeline {
		out += fmt.Sprintf("  %s: %s\n", e.Kind, e.Text)
	}
	return out
}

// expectCount checks how many SMS a phone was sent unasked. Replies to its own
// texts carry no link.
func (w *town) expectCount(p *phonetest.Phone, sms int) {
	w.t.Helper()
	got := 0
	for _, m := range p.Messages() {
		if m.Kind == phonetest.SMS && m.Link() != "" {
			got++
		}
	}
	if got != sms {
		w.t.Errorf("%s has had %d SMS, want %d: %v", p.Name(), got, sms, p.Messages())
	}
}
