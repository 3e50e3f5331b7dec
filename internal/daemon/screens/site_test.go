package screens

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/config"
	"github.com/astreinte/astreinte/internal/archive"
	"github.com/astreinte/astreinte/internal/daemon"
	"github.com/astreinte/astreinte/internal/daemon/demo"
	"github.com/astreinte/astreinte/internal/store/boltstore"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
	"github.com/astreinte/astreinte/paging/phonetest"
)

// saturday is 2026-11-21 03:12 in Paris, when each test begins.
var saturday = time.Date(2026, time.November, 21, 2, 12, 0, 0, time.UTC)

const (
	postToken = "token-of-prometheus"
	apiToken  = "token-of-the-api"
	secret    = "correct horse on duty"
)

// siteConfig has an admin for each language.
const siteConfig = `
server: {listen: "127.0.0.1:0", public_url: "${AT}", min_free: 1MiB}
store: "${STORE}"
time_zone: Europe/Paris
language: fr
calendars:
  always: {always: true}
contracts:
  full-time:
    hours: always
    gti: {critical: {within: 1h}, major: {within: 4h}, minor: {within: 8h}, low: {within: 16h}}
    respond_within: {major: {within: 30m}, low: {within: 4h}}
    call_back_within: {major: {within: 1h}, low: {within: 8h}}
    news_within: {major: {within: 2h}, low: {within: 1d}}
    resolve_within: {major: {within: 1d}, low: {within: 4d}}
    pauses: [waiting_for_customer, agreed_date]
customers:
  acme: {name: "Acme & Fils", matchers: ['customer="acme"'], contract: full-time, phones: ["+33240112233"]}
  bellac: {name: Ateliers Bellac, matchers: ['customer="bellac"']}
people:
  alice: {name: Alice Martin, phones: ["+33612345601"], language: fr, role: admin}
  bruno: {name: Bruno Petit, phones: ["+33612345602"], language: it, role: admin}
  chloe: {name: Chloé Durand, phones: ["+33612345603"], language: en, role: admin}
  dominique: {name: Dominique Roy, phones: ["+33612345699"], role: manager}
groups:
  on-call:
    rotations:
      - {people: ${ONCALL}, every: 1w, handover: {day: thursday, time: "09:00"}, first: "2026-11-19"}
  managers: {people: [dominique]}
policies:
  round-the-clock:
    steps:
      - {page: on-call, by: [push, sms], repeat: [{every: 3m, for: 1h}, {every: 15m}]}
      - {page: managers, after: 15m, by: [sms], repeat: 3m}
route: {receiver: round-the-clock, group_by: [customer, site, alertname]}
urgency:
  - {matchers: ['severity="critical"'], urgency: critical}
  - {matchers: ['severity="warning"'], urgency: minor}
  - {matchers: ['severity="info"'], urgency: low}
sources:
  prometheus: {type: alertmanager, token: ` + postToken + `, recheck: {prometheus: {url: "http://prometheus.example.com"}}}
  bellac: {type: alertmanager, customer: bellac, token: ` + postToken + `}
sms:
  provider: twilio
  replies: same
  bundle_over: 0
  twilio: {account_sid: "${ACCOUNT}", auth_token: "${TWILIO_TOKEN}", from: "+33644601234", rate: 0}
push:
  web: {subject: "mailto:ops@example.net"}
  allow: ["${PUSHES}"]
api:
  tokens: [{name: ops, role: admin, token: ` + apiToken + `}]
desk:
  categories:
    mail:
      label: Messagerie et agendas partagés
      questions: ["Depuis quand, et à quelle adresse exactement ?"]
      checklist:
        - {point: "Vérifier la file d'attente du relais smtp.clinique-saint-yves.example.com", within: 1h}
        - {point: "Prévenir le service comptabilité", required: true}
webhooks: [{name: crm, url: "https://crm.example.net/hook", secret: a-secret-of-the-crm-that-is-long}]
mail: {from: pager@example.net, smtp: {address: mail.example.net}}
`

// site is a daemon on a file, behind a door that outlasts it.
type site struct {
	t      testing.TB
	dir    string
	redis  string // the address of its store; empty: a file
	at     string // where people reach it
	onCall string // the people of the rotation, as the configuration has it
	door   *door
	clock  *demo.Clock
	world  *phonetest.World
	client *http.Client
	store  *boltstore.Store
	daemon *daemon.Daemon
}

func newSite(t testing.TB) *site { return newSiteOn(t, "") }

func newSiteOn(t testing.TB, redis string) *site {
	t.Helper()
	s := &site{t: t, dir: t.TempDir(), redis: redis, onCall: "[alice, bruno, chloe]", door: newDoor(t), clock: demo.NewClock(saturday, 1)}
	_, port, _ := strings.Cut(s.door.Addr().String(), ":")
	s.at = "http://localhost:" + port // a passkey wants a name
	transport := &http.Transport{}
	s.client = &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	s.world = phonetest.New(phonetest.Options{Number: "+33644601234", PublicURL: s.at, Now: s.clock.Now})
	t.Cleanup(s.world.Close)
	t.Cleanup(transport.CloseIdleConnections)
	s.start()
	t.Cleanup(s.stop)
	return s
}

// configured reads the configuration as it is to be now.
func (s *site) configured() *config.Config {
	s.t.Helper()
	text := os.Expand(siteConfig, func(name string) string {
		return map[string]string{
			"AT": s.at, "STORE": cmp.Or(s.redis, "bolt:"+filepath.Join(s.dir, "astreinte.db")), "ONCALL": s.onCall, "ACCOUNT": s.world.AccountSID(), "TWILIO_TOKEN": s.world.AuthToken(), "PUSHES": s.world.PushOrigin(),
		}[name]
	})
	c, report := config.Parse("astreinte.yml", []byte(text), s.dir, config.Options{})
	if c == nil {
		s.t.Fatalf("the configuration: %+v", report.Errors)
	}
	return c
}

// start starts a daemon on the store. On Redis it has the machine's time, as Redis
// has.
func (s *site) start() {
	s.t.Helper()
	o := daemon.Options{Config: s.configured(), Log: zap.NewNop(), Version: "1.2.3", Transport: s.world.RoundTripper()}
	o.MailDial = func(context.Context, string, string) (net.Conn, error) {
		return nil, errors.New("there is no mail server")
	}
	var err error
	if s.redis == "" {
		if s.store, err = boltstore.Open(filepath.Join(s.dir, "astreinte.db"), boltstore.Options{Now: s.clock.Now, Log: true}); err != nil {
			s.t.Fatal(err)
		}
		o.Store, o.Clock = s.store, s.clock
		if o.Archive, err = archive.Open(archive.Options{URL: "sqlite:" + filepath.Join(s.dir, "archive.db"), Careless: true, Now: s.clock.Now}); err != nil {
			s.t.Fatal(err)
		}
	}
	o.Listener = s.door.open()
	s.daemon, err = daemon.New(s.t.Context(), o)
	if err == nil {
		err = s.daemon.Start(s.t.Context())
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// stop stops the daemon, if one runs.
func (s *site) stop() {
	s.t.Helper()
	if s.daemon == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := s.daemon.Stop(ctx); err != nil {
		s.t.Errorf("stop: %v", err)
	}
	s.daemon = nil
}

// ask sends a request as a program does, and wants one of 200 to 299 but for a form,
// which leads on.
func (s *site) ask(method, path string, headers map[string]string, body []byte) (*http.Response, []byte) {
	s.t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), method, s.at+path, bytes.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	for name, value := range headers {
		req.Header.Set(name, value)
	}
	resp, err := s.client.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode >= http.StatusBadRequest {
		s.t.Fatalf("%s %s: %s %s (%v)", method, path, resp.Status, text, err)
	}
	return resp, text
}

// api asks the API as an admin.
func (s *site) api(method, path string, body any) []byte {
	s.t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		s.t.Fatal(err)
	}
	_, text := s.ask(method, "/api/v1"+path, map[string]string{"Authorization": "Bearer " + apiToken, "Content-Type": "application/json"}, raw)
	return text
}

// form sends a form as somebody's browser does, whose session is empty for nobody.
func (s *site) form(session, path string, fields url.Values) (*http.Response, []byte) {
	s.t.Helper()
	return s.ask(http.MethodPost, path, map[string]string{
		"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin", "Cookie": cookieName + "=" + session,
	}, []byte(fields.Encode()))
}

// cookieName is the session's, where people come by plain http.
const cookieName = "astreinte"

// invited is the path of an invitation, for a phone or for a password.
func (s *site) invited(person string, phone bool) string {
	s.t.Helper()
	text := s.api(http.MethodPost, "/people/"+person+"/invitations", map[string]bool{"phone": phone})
	found := regexp.MustCompile(`/(?:invite|enrol)/[A-Z2-7]{26}`).Find(text)
	if found == nil {
		s.t.Fatalf("no link in %s", text)
	}
	return string(found)
}

// signedIn is the session of a person who has just set a password.
func (s *site) signedIn(person string) string {
	s.t.Helper()
	resp, _ := s.form("", s.invited(person, false), url.Values{"password": {secret}})
	for _, c := range resp.Cookies() {
		if c.Name == cookieName && c.Value != "" {
			return c.Value
		}
	}
	s.t.Fatalf("%s is not signed in: %s", person, resp.Status)
	return ""
}

// alert posts one as an Alertmanager does, and returns its ticket's number. Labels
// are pairs.
func (s *site) alert(source, name string, labels ...string) string {
	s.t.Helper()
	all := map[string]string{"alertname": name, "instance": "srv-db-01", "customer": "acme", "site": "Givrand", "severity": "critical"}
	for i := 0; i+1 < len(labels); i += 2 {
		all[labels[i]] = labels[i+1]
	}
	body, err := json.Marshal(map[string]any{"version": "4", "status": "firing", "alerts": []any{map[string]any{
		"status": "firing", "startsAt": s.clock.Now(), "labels": all, "generatorURL": "https://prometheus.example.com/graph?g0.expr=up+%3D%3D+0",
		"annotations": map[string]string{
			"summary": "L'hôte ne répond plus depuis cinq minutes", "description": strings.Repeat("La base des dossiers est injoignable. ", 6),
			"runbook_url": "https://wiki.example.com/procedures/hote-en-panne", "dashboard_url": "https://grafana.example.com/d/abc?var-host=srv-db-01",
		},
	}}})
	if err != nil {
		s.t.Fatal(err)
	}
	_, text := s.ask(http.MethodPost, "/ingest/"+source, map[string]string{"Authorization": "Bearer " + postToken}, body)
	var taken struct{ Tickets []string }
	if err := json.Unmarshal(text, &taken); err != nil || len(taken.Tickets) != 1 {
		s.t.Fatalf("%s (%v)", text, err)
	}
	return taken.Tickets[0]
}

// acts does something to a ticket as a person.
func (s *site) acts(person, number, action string) {
	s.t.Helper()
	s.api(http.MethodPost, "/tickets/"+number+"/"+action, map[string]string{"person": person, "text": "le disque est plein"})
}

// link leads a person to tickets of one source; to one of them where there is one.
func (s *site) link(person string, numbers ...string) string {
	s.t.Helper()
	token := fmt.Sprintf("k3J9x2QpLm7T%s%d", person, len(numbers))
	link := paging.Link{Person: person, Source: "prometheus", Ticket: numbers[0], At: s.clock.Now()}
	if len(numbers) > 1 {
		link.Source, link.Ticket = "", "bundle "+token
		for _, number := range numbers {
			link.Bundle = append(link.Bundle, ticket.Ref{Source: "prometheus", Number: number})
		}
	}
	if _, err := s.store.Reserve(s.t.Context(), paging.Reservation{Hash: paging.LinkHash(token), Link: link}); err != nil {
		s.t.Fatal(err)
	}
	return "/a/" + token
}
