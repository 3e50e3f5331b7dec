package signin

import (
	"context"
	"html/template"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/calendar"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web"
)

// morning is when each test begins.
var morning = time.Date(2026, time.November, 23, 8, 0, 0, 0, time.UTC)

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

// cupboard is a store of records that can be away.
type cupboard struct {
	records.Store
	away  atomic.Bool
	asked atomic.Int64
}

var errAway = context.DeadlineExceeded

func (c *cupboard) Get(ctx context.Context, home, kind, key string) (records.Record, error) {
	c.asked.Add(1)
	if c.away.Load() {
		return records.Record{}, errAway
	}
	return c.Store.Get(ctx, home, kind, key)
}

// lodge is a daemon's part that signs people in, over a real engine.
type lodge struct {
	t       testing.TB
	clock   *clock
	store   *storetest.Memory
	records *cupboard
	people  *atomic.Pointer[contacts.Directory]
	engine  *escalation.Engine
	book    *Book
	pages   *Pages
	handler http.Handler
}

const home = "https://astreinte.example.net"

var everybody = []contacts.Person{
	{Key: "alice", Name: "Alice Martin", Email: "Alice@Example.net", Language: "en"},
	{Key: "bruno", Name: "Bruno Petit", Email: "shared@example.net", Role: contacts.RoleReader},
	{Key: "dominique", Name: "Dominique Roy", Email: "shared@example.net", Role: contacts.RoleManager},
	{Key: "edith", Name: "Edith Blanc", Email: "edith@example.net", Role: contacts.RoleAdmin, Language: "fr"},
}

func directory(t testing.TB, people []contacts.Person) *contacts.Directory {
	t.Helper()
	d, err := contacts.NewDirectory(people, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// newLodge makes one at an address. Hashes cost nothing in it, and are counted.
func newLodge(t testing.TB, public string) *lodge {
	t.Helper()
	l := &lodge{t: t, clock: &clock{now: morning}, store: storetest.New()}
	l.people = &atomic.Pointer[contacts.Directory]{}
	l.records = &cupboard{Store: l.store.Records()}
	l.people.Store(directory(t, everybody))
	l.engine = escalation.NewEngine(escalation.Options{
		Store: l.store, Clock: l.clock, Reach: func(contacts.Person, string) bool { return true },
		Rules: &escalation.Rules{
			Location: time.UTC, Language: "en", Directory: l.people.Load(), Calendars: map[string]*calendar.Calendar{"always": calendar.Always("always")},
			Sources: map[string]escalation.SourceRule{}, Policies: map[string]ticket.Policy{},
		},
	})
	t.Cleanup(func() {
		if err := l.engine.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	l.daemon(public)
	return l
}

// daemon starts another daemon on the store.
func (l *lodge) daemon(public string) {
	l.book = New(Options{
		Records: l.records, Now: l.clock.Now, People: l.people.Load,
		Settings: Settings{Passwords: true, Passkeys: true, Session: 12 * time.Hour},
	})
	l.book.hasher.key = func(password, salt []byte, _, _ uint32, _ uint8, length uint32) []byte {
		sum := make([]byte, length)
		copy(sum, salt)
		for i, c := range password {
			sum[i%len(sum)] = sum[i%len(sum)]*31 + c
		}
		return sum
	}
	l.pages = NewPages(Site{
		Book: l.book, Public: public, Language: func() string { return "en" },
		Client: func(r *http.Request) string { return r.Header.Get("Test-Address") },
		Show: func(w http.ResponseWriter, _ *http.Request, _ web.Token, status int, title string, body template.HTML) error {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.WriteHeader(status)
			_, _ = w.Write([]byte("<title>" + template.HTMLEscapeString(title) + "</title>" + string(body)))
			return nil
		},
	})
	server := web.New(web.Options{
		Engine: l.engine, Store: l.store, Directory: l.store, PublicURL: public, Sessions: l.pages,
		Tokens: []web.Token{{Name: "boss", Role: "admin", Token: "admin-secret"}, {Name: "desk", Role: "technician", Token: "desk-secret", Person: "alice"}},
	})
	l.pages.House = server
	server.Mount(l.pages.Routes()...)
	l.handler = server.Handler()
}

// browserOf keeps cookies as a browser does.
type browserOf struct {
	l       *lodge
	address string
	site    string // of the page that sends its forms; empty: none is said
	cookies map[string]string
}

func (l *lodge) browser(address string) *browserOf {
	return &browserOf{l: l, address: address, site: "same-origin", cookies: map[string]string{}}
}

func (b *browserOf) send(method, path string, form url.Values) *httptest.ResponseRecorder {
	b.l.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if b.site != "" {
		r.Header.Set("Sec-Fetch-Site", b.site)
	}
	r.Header.Set("Test-Address", b.address)
	r.Header.Set("User-Agent", "Test/1 ("+b.address+")")
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	b.l.handler.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c.Value
		}
	}
	return w
}

func (b *browserOf) get(path string) *httptest.ResponseRecorder {
	b.l.t.Helper()
	return b.send(http.MethodGet, path, nil)
}

func (b *browserOf) signIn(name, password string) *httptest.ResponseRecorder {
	b.l.t.Helper()
	return b.send(http.MethodPost, "/sign-in", url.Values{"name": {name}, "password": {password}})
}

// inside reports whether the browser is signed in.
func (b *browserOf) inside() bool {
	b.l.t.Helper()
	switch code := b.get("/api/v1/oncall").Code; code {
	case http.StatusOK:
		return true
	case http.StatusUnauthorized:
		return false
	default:
		b.l.t.Fatalf("oncall: %d", code)
		return false
	}
}

const (
	secret  = "correct horse on duty"
	another = "quite another sentence"
)

// invited makes an invitation by the API and returns the path of its link.
func (l *lodge) invited(person string, phone bool) string {
	l.t.Helper()
	body := `{}`
	if phone {
		body = `{"phone": true}`
	}
	w := l.ask(http.MethodPost, "/api/v1/people/"+person+"/invitations", "admin-secret", body)
	if w.Code != http.StatusCreated {
		l.t.Fatalf("invite %s: %d %s", person, w.Code, w.Body)
	}
	found := regexp.MustCompile(`"link":"[^"]*(/(?:invite|enrol)/[A-Z2-7]{26})"`).FindStringSubmatch(w.Body.String())
	if found == nil {
		l.t.Fatalf("no link in %s", w.Body)
	}
	return found[1]
}

func (l *lodge) ask(method, path, token, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+token)
	w := httptest.NewRecorder()
	l.handler.ServeHTTP(w, r)
	return w
}

// member sets a person's password by an invitation, in a browser.
func (l *lodge) member(person, password string) *browserOf {
	l.t.Helper()
	b := l.browser("192.0.2.1")
	w := b.send(http.MethodPost, l.invited(person, false), url.Values{"password": {password}})
	if w.Code != http.StatusSeeOther || !b.inside() {
		l.t.Fatalf("invitation of %s: %d %s", person, w.Code, w.Body)
	}
	return b
}

func wantCode(t testing.TB, w *httptest.ResponseRecorder, code int, said ...string) {
	t.Helper()
	if w.Code != code {
		t.Fatalf("%d, want %d: %s", w.Code, code, w.Body)
	}
	for _, text := range said {
		if !strings.Contains(w.Body.String(), text) {
			t.Errorf("nothing says %q: %s", text, w.Body)
		}
	}
}
