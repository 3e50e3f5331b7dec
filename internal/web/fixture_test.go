package web

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/alertmanager/config"
	"github.com/prometheus/alertmanager/dispatch"
	"github.com/prometheus/common/model"
	"go.uber.org/zap/zaptest"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/calendar"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// saturday is 2026-11-21 03:12 in Paris: alice is on call.
var saturday = time.Date(2026, time.November, 21, 2, 12, 0, 0, time.UTC)

// clock stands still until it is moved.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// NewTimer fires at once: nothing here waits for a deadline.
func (c *clock) NewTimer(time.Duration) (<-chan time.Time, func()) {
	fired := make(chan time.Time, 1)
	fired <- c.Now()
	return fired, func() {}
}

// office is a server over a real engine and an in-memory store.
type office struct {
	t      *testing.T
	clock  *clock
	store  *storetest.Memory
	engine *escalation.Engine
	server *Server
	doc    *document
}

func newDesk(t *testing.T, change ...func(*Options)) *office {
	t.Helper()
	d := &office{t: t, clock: &clock{now: saturday}, store: storetest.New(), doc: readDocument(t)}
	d.engine = escalation.NewEngine(escalation.Options{
		Store: d.store, Records: d.store.Records(), Clock: d.clock, Rules: deskRules(t), Log: zaptest.NewLogger(t),
		Reach: func(p contacts.Person, channel string) bool { return len(p.Phones) > 0 && channel == "sms" },
	})
	t.Cleanup(func() {
		if err := d.engine.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	o := Options{
		Engine: d.engine, Store: d.store, Directory: d.store, PublicURL: "https://astreinte.example.net/desk/",
		Check: d.store.Check, Log: zaptest.NewLogger(t), Version: "1.2.3",
		Tokens: []Token{
			{Name: "the-reader", Role: "reader", Token: "secret-reader"},
			{Name: "brunos", Role: "technician", Token: "secret-technician", Person: "bruno"},
			{Name: "the-desk", Role: "technician", Token: "secret-desk"},
			{Name: "the-manager", Role: "manager", Token: "secret-manager"},
			{Name: "the-admin", Role: "admin", Token: "secret-admin"},
		},
	}
	for _, f := range change {
		f(&o)
	}
	d.server = New(o)
	return d
}

func deskRules(t testing.TB) *escalation.Rules {
	t.Helper()
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	directory, err := contacts.NewDirectory([]contacts.Person{
		{Key: "alice", Name: "Alice Martin", Phones: []string{"+33612345601"}, Language: "fr"},
		{Key: "bruno", Name: "Bruno Petit", Phones: []string{"+33612345602"}, Language: "en"},
		{Key: "carla", Name: "Carla Rossi", Phones: []string{"+393331234567"}, Language: "it"},
		{Key: "dominique", Name: "Dominique Roy", Phones: []string{"+33612345699"}, Role: contacts.RoleManager},
	}, []contacts.Group{
		{Key: "on-call", Rotations: []contacts.Rotation{{
			People: contacts.InTurn("alice", "bruno"), Handover: contacts.Handover{Day: time.Thursday, Hour: 9},
			First: calendar.Date{Year: 2026, Month: 11, Day: 19}, Location: paris,
		}}},
		{Key: "managers", People: []string{"dominique"}},
		{Key: "nobody"},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	every := []ticket.Pace{{Every: 3 * time.Minute}}
	policy := ticket.Policy{
		Name: "round-the-clock", ReopenWithin: ticket.DefaultReopenWithin, CloseAfter: ticket.DefaultCloseAfter,
		Steps: []ticket.Step{
			{Group: "on-call", By: []string{"sms"}, Repeat: every},
			{Group: "managers", By: []string{"sms"}, After: 15 * time.Minute, Repeat: every},
		},
	}
	return &escalation.Rules{
		Location: paris, Language: "fr",
		Calendars: map[string]*calendar.Calendar{"always": calendar.Always("always")},
		Contracts: map[string]escalation.Contract{"full-time": {
			Key: "full-time", Hours: "always", GTI: map[ticket.Urgency]escalation.Promise{
				ticket.Critical: {Within: time.Hour, Calendar: "always"}, ticket.Major: {Within: 4 * time.Hour, Calendar: "always"},
			},
		}},
		Customers: []escalation.Customer{{Key: "acme", Name: "Acme & Fils", Contract: "full-time"}, {Key: "bellac", Name: "Bellac"}},
		Sources:   map[string]escalation.SourceRule{"prometheus": {}},
		Policies:  map[string]ticket.Policy{policy.Name: policy, "silent": {Name: "silent", CloseAfter: time.Hour}},
		Route: dispatch.NewRoute(&config.Route{
			Receiver: policy.Name, GroupBy: []model.LabelName{"alertname"},
		}, nil),
		Directory: directory, Channels: []string{"sms"},
	}
}

// alert takes an alert in and returns its ticket's number.
func (d *office) alert(name string, labels ...string) string {
	d.t.Helper()
	a := ticket.Alert{
		Source: "prometheus", Fingerprint: name, Status: ticket.Firing, StartsAt: d.clock.Now(),
		Labels: map[string]string{"alertname": name, "instance": "srv-db-01", "customer": "acme", "site": "Givrand", "urgency": "critical"},
	}
	for i := 0; i+1 < len(labels); i += 2 {
		a.Labels[labels[i]] = labels[i+1]
	}
	ordered, err := d.engine.Ingest(d.t.Context(), ticket.Batch{Source: "prometheus", Alerts: []ticket.Alert{a}})
	if err != nil || len(ordered.Tickets) != 1 {
		d.t.Fatalf("ingest: %+v, %v", ordered, err)
	}
	return ordered.Tickets[0]
}

// linkOf files a link and returns its token.
func (d *office) linkOf(person, number string) string {
	d.t.Helper()
	token := "k3J9x2QpLm7T" + person
	_, err := d.store.Reserve(d.t.Context(), paging.Reservation{
		Hash: paging.LinkHash(token), Link: paging.Link{Person: person, Source: "prometheus", Ticket: number, At: d.clock.Now()},
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return token
}

func (d *office) ticket(number string) ticket.Ticket {
	d.t.Helper()
	view, err := d.store.View(d.t.Context(), number)
	if err != nil {
		d.t.Fatal(err)
	}
	return view.Ticket
}

// send makes one request and holds its answer against the description.
func (d *office) send(r *http.Request) *httptest.ResponseRecorder {
	d.t.Helper()
	w := httptest.NewRecorder()
	d.server.Handler().ServeHTTP(w, r)
	d.doc.hold(d.t, r, w)
	return w
}

// call speaks to the API as a role, "" being nobody; headers are pairs.
func (d *office) call(role, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	d.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if role != "" {
		r.Header.Set("Authorization", "Bearer secret-"+role)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return d.send(r)
}

// press presses a button of the page as it is now.
func (d *office) press(token, form string, headers ...string) *httptest.ResponseRecorder {
	d.t.Helper()
	return d.post(token, form+d.drawn(token), headers...)
}

var sealedIn = regexp.MustCompile(`name="seen" value="([^"]*)"`)

// drawn is what the forms of the page carry.
func (d *office) drawn(token string) string {
	d.t.Helper()
	if m := sealedIn.FindStringSubmatch(d.look(token).Body.String()); m != nil {
		return "&seen=" + m[1]
	}
	return ""
}

// post posts a form to a link, as it is.
func (d *office) post(token, form string, headers ...string) *httptest.ResponseRecorder {
	d.t.Helper()
	headers = append(headers, "Content-Type", "application/x-www-form-urlencoded")
	return d.call("", http.MethodPost, "/a/"+token, form, headers...)
}

func decode[T any](t testing.TB, w *httptest.ResponseRecorder) T {
	t.Helper()
	var v T
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
		t.Fatalf("status %d: %v in %s", w.Code, err, w.Body)
	}
	return v
}
