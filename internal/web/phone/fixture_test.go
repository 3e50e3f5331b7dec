package phone

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
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
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web"
	"github.com/astreinte/astreinte/internal/web/console"
	"github.com/astreinte/astreinte/paging"
)

// badges are sessions whose cookie says the person, and phones that were enrolled.
type badges struct {
	mu     sync.Mutex
	phones map[string][]Enrolled // by person
	asked  []string
	until  time.Time
}

var rolesOf = map[string]string{"alice": "technician", "bruno": "technician", "dominique": "manager", "edith": "admin"}

func (*badges) Session(r *http.Request) (web.Token, bool, error) {
	for _, c := range r.CookiesNamed("badge") {
		return web.Token{Name: c.Value, Person: c.Value, Role: rolesOf[c.Value]}, rolesOf[c.Value] != "", nil
	}
	return web.Token{}, false, nil
}

func (b *badges) Invite(_ context.Context, person, by string) (string, time.Time, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asked = append(b.asked, person+" by "+by)
	return home + "/enrol/TOKEN-OF-" + person, b.until, nil
}

func (b *badges) Phones(_ context.Context, person string) ([]Enrolled, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]Enrolled{}, b.phones[person]...), nil
}

func (*badges) Mine(r *http.Request) (string, bool) {
	for _, c := range r.CookiesNamed("session") {
		return c.Value, true
	}
	return "", false
}

func (b *badges) End(_ context.Context, person, id string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	var left []Enrolled
	for _, e := range b.phones[person] {
		if e.ID != id {
			left = append(left, e)
		}
	}
	b.phones[person] = left
	return nil
}

// pushes takes each subscription, and counts what phones have shown.
type pushes struct {
	mu    sync.Mutex
	shown []string
	told  chan string
}

func (*pushes) Key(context.Context) (string, error) { return publicKey, nil }

func (*pushes) Check(s paging.Subscription) (paging.Subscription, error) { return s, nil }

func (p *pushes) Shown(_ context.Context, token string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.shown = append(p.shown, token)
	p.told <- token
	return nil
}

func (p *pushes) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.shown)
}

// tests are test pages that are taken.
type tests struct{ people paging.Phonebook }

func (t tests) Send(ctx context.Context, p contacts.Person, channels []string, by string) (paging.TestPage, error) {
	page := paging.TestPage{ID: "1", Person: p.Key, By: by}
	devices, err := t.people.Devices(ctx, p.Key)
	for i := range devices {
		page.Tries = append(page.Tries, paging.TestTry{Channel: channels[0], Address: devices[i].ID, State: ticket.PageSent})
	}
	return page, err //nolint:wrapcheck // a test's
}

func (t tests) SendTo(ctx context.Context, p contacts.Person, _, by string) (paging.TestPage, error) {
	return t.Send(ctx, p, []string{"push"}, by)
}

func (tests) Last(context.Context, string) (paging.TestPage, error) {
	return paging.TestPage{}, escalation.ErrNotFound
}

// pager is a daemon that is well.
type pager struct{}

func (pager) Health(context.Context) console.Health { return console.Health{} }

// house is the application over a real engine, by the machine's clock: a browser has
// no other.
type house struct {
	t       testing.TB
	store   *storetest.Memory
	engine  *escalation.Engine
	badges  *badges
	pushes  *pushes
	app     *App
	handler http.Handler
}

const (
	home      = "https://astreinte.example.net/desk"
	publicKey = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
)

func newHouse(t testing.TB, public string) *house {
	t.Helper()
	d := &house{t: t, store: storetest.New(), badges: &badges{phones: map[string][]Enrolled{}, until: time.Date(2026, 11, 21, 3, 30, 0, 0, time.UTC)}, pushes: &pushes{told: make(chan string, 100)}}
	d.engine = escalation.NewEngine(escalation.Options{
		Store: d.store, Clock: &escalation.WallClock{}, Rules: rules(t), Reach: func(p contacts.Person, channel string) bool { return len(p.Phones) > 0 && channel == "sms" },
	})
	t.Cleanup(func() {
		if err := d.engine.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	d.serve(public)
	return d
}

func (d *house) serve(public string) {
	server := web.New(web.Options{
		Engine: d.engine, Store: d.store, Directory: d.store, PublicURL: public, Sessions: d.badges, Push: d.pushes, Tests: tests{d.store},
	})
	pages := console.New(console.Options{
		House: server, Engine: d.engine, Store: d.store, People: d.store, Records: d.store.Records(), Tests: tests{d.store}, Pager: pager{},
	})
	d.app = New(Options{
		House: server, Frame: pages, Engine: d.engine, People: d.store, Records: d.store.Records(), Sessions: d.badges,
		Key: d.pushes.Key, Numbers: func() []string { return []string{"+33644600001", "ASTREINTE", "+33644600002"} },
	})
	server.Mount(pages.Routes()...)
	server.Mount(d.app.Routes()...)
	d.handler = server.Handler()
}

func rules(t testing.TB) *escalation.Rules {
	t.Helper()
	directory, err := contacts.NewDirectory([]contacts.Person{
		{Key: "alice", Name: "Alice Martin", Phones: []string{"+33612345601"}, Language: "en"},
		{Key: "bruno", Name: "Bruno Petit", Phones: []string{"+33612345602"}, Language: "fr"},
		{Key: "dominique", Name: "Dominique Roy", Phones: []string{"+33612345699"}, Role: contacts.RoleManager, Language: "en"},
	}, []contacts.Group{{Key: "on-call", People: []string{"alice", "bruno"}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	policy := ticket.Policy{
		Name: "always", ReopenWithin: ticket.DefaultReopenWithin, CloseAfter: ticket.DefaultCloseAfter,
		Steps: []ticket.Step{{Group: "on-call", By: []string{"sms"}, Repeat: []ticket.Pace{{Every: 3 * time.Minute}}}},
	}
	return &escalation.Rules{
		Location: time.UTC, Language: "en", Calendars: map[string]*calendar.Calendar{"always": calendar.Always("always")},
		Sources: map[string]escalation.SourceRule{"prometheus": {}}, Policies: map[string]ticket.Policy{policy.Name: policy},
		Route:     dispatch.NewRoute(&config.Route{Receiver: policy.Name, GroupBy: []model.LabelName{"alertname"}}, nil),
		Directory: directory, Channels: []string{"sms", "push"},
	}
}

// alert takes an alert in and returns its ticket's number.
func (d *house) alert(name string) string {
	d.t.Helper()
	ordered, err := d.engine.Ingest(context.Background(), ticket.Batch{Source: "prometheus", Alerts: []ticket.Alert{{
		Source: "prometheus", Fingerprint: name, Status: ticket.Firing, StartsAt: d.engine.Now(),
		Labels: map[string]string{"alertname": name, "instance": "srv-db-01", "urgency": "critical"},
	}}})
	if err != nil || len(ordered.Tickets) != 1 {
		d.t.Fatalf("ingest: %+v, %v", ordered, err)
	}
	return ordered.Tickets[0]
}

func (d *house) view(number string) ticket.View {
	d.t.Helper()
	view, err := d.store.View(context.Background(), number)
	if err != nil {
		d.t.Fatal(err)
	}
	return view
}

func (d *house) get(person, path string, headers ...string) *httptest.ResponseRecorder {
	d.t.Helper()
	return d.send(person, httptest.NewRequest(http.MethodGet, path, nil), headers...)
}

// post sends a form, whose fields are pairs.
func (d *house) post(person, path string, fields ...string) *httptest.ResponseRecorder {
	d.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return d.send(person, r)
}

func (d *house) send(person string, r *http.Request, headers ...string) *httptest.ResponseRecorder {
	d.t.Helper()
	if person != "" {
		who, session, _ := strings.Cut(person, "@")
		r.AddCookie(&http.Cookie{Name: "badge", Value: who})
		if session != "" {
			r.AddCookie(&http.Cookie{Name: "session", Value: session})
		}
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	d.handler.ServeHTTP(w, r)
	return w
}

// device registers a phone of a person, as a page does.
func (d *house) device(person, endpoint string) string {
	d.t.Helper()
	body := fmt.Sprintf(`{"platform":"web","name":"Pixel","subscription":{"endpoint":%q,"keys":{"p256dh":"x","auth":"y"}}}`, endpoint)
	who, _, _ := strings.Cut(person, "@")
	w := d.send(person, httptest.NewRequest(http.MethodPost, "/api/v1/people/"+who+"/devices", strings.NewReader(body)), "Content-Type", "application/json")
	if w.Code != http.StatusCreated {
		d.t.Fatalf("register: %d %s", w.Code, w.Body)
	}
	return strings.Split(w.Body.String(), `"`)[3]
}

// shownBefore has a person's devices have shown their last push so much earlier.
func (d *house) shownBefore(person string, by time.Duration) {
	d.t.Helper()
	devices, err := d.store.Devices(context.Background(), person)
	if err != nil {
		d.t.Fatal(err)
	}
	for _, device := range devices {
		device.ShownAt = device.ShownAt.Add(-by)
		writes, err := paging.DeviceWrites(device.ID, device)
		if err == nil {
			_, err = d.store.Records().Write(context.Background(), records.House, writes...)
		}
		if err != nil {
			d.t.Fatal(err)
		}
	}
}

func has(t testing.TB, w *httptest.ResponseRecorder, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(w.Body.String(), part) {
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
