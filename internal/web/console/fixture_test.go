package console

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/alertmanager/config"
	"github.com/prometheus/alertmanager/dispatch"
	"github.com/prometheus/common/model"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/calendar"
	"github.com/astreinte/astreinte/internal/duty"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web"
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

// badges are sessions whose cookie says the person.
type badges struct{}

var rolesOf = map[string]string{"alice": "technician", "bruno": "technician", "carla": "reader", "dominique": "manager", "edith": "admin"}

func (badges) Session(r *http.Request) (web.Token, bool, error) {
	for _, c := range r.CookiesNamed("badge") {
		return web.Token{Name: c.Value, Person: c.Value, Role: rolesOf[c.Value]}, rolesOf[c.Value] != "", nil
	}
	return web.Token{}, false, nil
}

// postcards are test pages that arrive at once.
type postcards struct {
	mu   sync.Mutex
	last map[string]paging.TestPage
	err  error
	now  func() time.Time
}

func (p *postcards) Send(_ context.Context, who contacts.Person, channels []string, by string) (paging.TestPage, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err != nil {
		return paging.TestPage{}, p.err
	}
	page := paging.TestPage{ID: "1", Person: who.Key, By: by, At: p.now()}
	for _, channel := range channels {
		page.Tries = append(page.Tries, paging.TestTry{Channel: channel, Address: who.Phones[0], State: ticket.PageDelivered, ReceiptAt: p.now()})
	}
	p.last[who.Key] = page
	return page, nil
}

func (p *postcards) SendTo(ctx context.Context, who contacts.Person, device, by string) (paging.TestPage, error) {
	page, err := p.Send(ctx, who, []string{"push"}, by)
	if err == nil {
		page.Tries[0].Address = device
	}
	return page, err
}

func (p *postcards) Last(_ context.Context, person string) (paging.TestPage, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	page, ok := p.last[person]
	if !ok {
		return page, escalation.ErrNotFound
	}
	return page, nil
}

// office is a console over a real engine and an in-memory store.
type office struct {
	t       testing.TB
	clock   *clock
	store   *storetest.Memory
	engine  *escalation.Engine
	console *Console
	cards   *postcards
	shifts  *shifts
	health  Health
	ready   Ready
	handler http.Handler
}

type pulse struct{ o *office }

func (p pulse) Health(context.Context) Health { return p.o.health }

const home = "https://astreinte.example.net/desk"

func newOffice(t testing.TB, public string) *office {
	t.Helper()
	o := &office{t: t, clock: &clock{now: saturday}, store: storetest.New()}
	o.shifts = &shifts{o: o, book: duty.NewBook(o.store.Records(), nil)}
	o.cards = &postcards{last: map[string]paging.TestPage{}, now: o.clock.Now}
	o.engine = escalation.NewEngine(escalation.Options{
		Store: o.store, Records: o.store.Records(), Clock: o.clock, Rules: officeRules(t),
		Reach: func(p contacts.Person, channel string) bool { return len(p.Phones) > 0 && channel == "sms" },
	})
	t.Cleanup(func() {
		if err := o.engine.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	o.serve(public, o.store)
	return o
}

// storage is a store that the console is on.
type storage interface {
	web.Store
	paging.Phonebook
	Store
}

// serve mounts a console into a server of its own.
func (o *office) serve(public string, store storage, change ...func(*web.Options)) {
	options := web.Options{Engine: o.engine, Store: store, Directory: store, PublicURL: public, Sessions: badges{}}
	for _, f := range change {
		f(&options)
	}
	server := web.New(options)
	o.console = New(Options{
		House: server, Engine: o.engine, Store: store, People: store, Records: o.store.Records(), Tests: o.cards, Shifts: o.shifts, Pager: pulse{o}, Ready: o.ready,
		Gone: paging.NewGoneBook(o.store.Records()),
	})
	server.Mount(o.console.Routes()...)
	server.Mount(o.console.API()...)
	o.handler = server.Handler()
}

func officeRules(t testing.TB) *escalation.Rules {
	t.Helper()
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	directory, err := contacts.NewDirectory([]contacts.Person{
		{Key: "alice", Name: "Alice Martin", Phones: []string{"+33612345601"}, Language: "fr"},
		{Key: "bruno", Name: "Bruno Petit", Phones: []string{"+33612345602"}, Language: "en"},
		{Key: "carla", Name: "Carla Rossi", Phones: []string{"+393331234567"}, Language: "it"},
		{Key: "dominique", Name: "Dominique Roy", Phones: []string{"+33612345699"}, Role: contacts.RoleManager, Language: "en"},
		{Key: "edith", Name: "Edith Blanc", Phones: []string{"+33612345698"}, Language: "en"},
	}, []contacts.Group{
		{Key: "on-call", Rotations: []contacts.Rotation{{
			People: contacts.InTurn("alice", "bruno"), Handover: contacts.Handover{Day: time.Thursday, Hour: 9},
			First: calendar.Date{Year: 2026, Month: 11, Day: 19}, Location: paris,
		}}},
		{Key: "managers", People: []string{"dominique"}},
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
			Key: "full-time", Hours: "always", Pauses: ticket.PauseReasons(), GTI: map[ticket.Urgency]escalation.Promise{
				ticket.Critical: {Within: time.Hour, Calendar: "always"}, ticket.Major: {Within: 4 * time.Hour, Calendar: "always"},
			},
		}},
		Customers: []escalation.Customer{{Key: "acme", Name: "Acme & Fils", Contract: "full-time", Phones: []string{"+33240112233"}}, {Key: "bellac", Name: "Bellac"}},
		Sources:   map[string]escalation.SourceRule{"prometheus": {}},
		Policies:  map[string]ticket.Policy{policy.Name: policy},
		Route: dispatch.NewRoute(&config.Route{
			Receiver: policy.Name, GroupBy: []model.LabelName{"alertname"},
		}, nil),
		Directory: directory, Channels: []string{"sms"},
	}
}

// alert takes an alert in and returns its ticket's number. Labels are pairs.
func (o *office) alert(name string, labels ...string) string {
	o.t.Helper()
	a := ticket.Alert{
		Source: "prometheus", Fingerprint: name, Status: ticket.Firing, StartsAt: o.clock.Now(),
		Labels: map[string]string{"alertname": name, "instance": "srv-db-01", "customer": "acme", "site": "Givrand", "urgency": "critical"},
		Annotations: map[string]string{
			"summary": "nothing is heard of <b>it</b>", "description": "It has been so for five minutes.",
			"runbook_url": "https://wiki.example.com/down", "dashboard_url": "javascript:alert(1)",
		},
		GeneratorURL: "https://prometheus.example.com/graph?g0.expr=up",
	}
	for i := 0; i+1 < len(labels); i += 2 {
		a.Labels[labels[i]] = labels[i+1]
	}
	ordered, err := o.engine.Ingest(o.t.Context(), ticket.Batch{Source: "prometheus", Alerts: []ticket.Alert{a}})
	if err != nil || len(ordered.Tickets) != 1 {
		o.t.Fatalf("ingest: %+v, %v", ordered, err)
	}
	return ordered.Tickets[0]
}

func (o *office) acts(person, number string, actions ...escalation.Action) {
	o.t.Helper()
	for _, action := range actions {
		a := escalation.Acted{Action: action, Actor: ticket.Actor{Kind: ticket.ActorPerson, Name: person}, Via: "sms"}
		if _, err := o.engine.Act(o.t.Context(), number, a); err != nil {
			o.t.Fatal(err)
		}
	}
}

func (o *office) view(number string) ticket.View {
	o.t.Helper()
	view, err := o.store.View(o.t.Context(), number)
	if err != nil {
		o.t.Fatal(err)
	}
	return view
}

// get opens a page as a person, "" being nobody. Headers are pairs.
func (o *office) get(person, path string, headers ...string) *httptest.ResponseRecorder {
	o.t.Helper()
	return o.send(person, httptest.NewRequest(http.MethodGet, path, nil), headers...)
}

// post sends a form, whose fields are pairs.
func (o *office) post(person, path string, fields ...string) *httptest.ResponseRecorder {
	o.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	return o.send(person, r, "Content-Type", "application/x-www-form-urlencoded")
}

func (o *office) send(person string, r *http.Request, headers ...string) *httptest.ResponseRecorder {
	o.t.Helper()
	if person != "" {
		r.AddCookie(&http.Cookie{Name: "badge", Value: person})
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	o.handler.ServeHTTP(w, r)
	return w
}

var sealedIn = regexp.MustCompile(`name="seen" value="([^"]*)"`)

// seal is what the forms of a ticket's page carry.
func (o *office) seal(person, number string) string {
	o.t.Helper()
	m := sealedIn.FindStringSubmatch(o.get(person, "/tickets/"+number).Body.String())
	if m == nil {
		o.t.Fatalf("the page of %s has no seal for %s", number, person)
	}
	return m[1]
}

// press presses a button of a ticket's page as it is now, and returns the page that
// it leads to.
func (o *office) press(person, number, action string, more ...string) *httptest.ResponseRecorder {
	o.t.Helper()
	w := o.post(person, "/tickets/"+number, append([]string{"action", action, "seen", o.seal(person, number)}, more...)...)
	return o.follow(person, w)
}

// follow opens the page that a form led to.
func (o *office) follow(person string, w *httptest.ResponseRecorder) *httptest.ResponseRecorder {
	o.t.Helper()
	to := strings.TrimPrefix(w.Header().Get("Location"), "/desk")
	if w.Code != http.StatusSeeOther || !strings.HasPrefix(to, "/") {
		o.t.Fatalf("%d to %q: %s", w.Code, w.Header().Get("Location"), w.Body)
	}
	return o.get(person, to)
}

// timeIn is an element around a time, which may stand in any sentence.
var timeIn = regexp.MustCompile(`</?time\b(?: datetime="[^"]*T[^>]*)?>`)

// has looks at what a page says, whatever of it is a time.
func has(t testing.TB, w *httptest.ResponseRecorder, parts ...string) {
	t.Helper()
	page := w.Body.String()
	said := timeIn.ReplaceAllString(page, "")
	for _, part := range parts {
		if !strings.Contains(page, part) && !strings.Contains(said, part) {
			t.Errorf("%q is not on the page (%d):\n%s", part, w.Code, w.Body)
		}
	}
}

func hasNot(t testing.TB, w *httptest.ResponseRecorder, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if strings.Contains(w.Body.String(), part) {
			t.Errorf("%q is on the page", part)
		}
	}
}

// many takes so many alerts in, each with a ticket of its own.
func (o *office) many(n int, urgency string) (numbers []string) {
	o.t.Helper()
	for i := range n {
		numbers = append(numbers, o.alert(fmt.Sprintf("Down%s%03d", urgency, i), "urgency", urgency))
	}
	return numbers
}
