package daemon

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap/zaptest"

	"github.com/astreinte/astreinte/config"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/archive"
	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/signin"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web"
	"github.com/astreinte/astreinte/paging/phonetest"
)

// castle is a daemon with a person of each role, and a ticket.
type castle struct {
	t      *testing.T
	d      *Daemon
	number string
}

// of is who has each role; fanny is another admin.
var of = map[desk.Role]string{desk.Nobody: "", desk.Reader: "carla", desk.Technician: "alice", desk.Manager: "dominique", desk.Admin: "edith"}

const never = desk.Admin + 1

func newCastle(t *testing.T, change ...func([]byte) []byte) *castle {
	t.Helper()
	return newCastleOf(t, nil, change...)
}

// newCastleOf is newCastle, with what is set in the configuration once it is read.
func newCastleOf(t *testing.T, set []func(*config.Config), change ...func([]byte) []byte) *castle {
	t.Helper()
	return newCastleWith(t, nil, set, change...)
}

// newCastleWith is one that has an archive.
func newCastleWith(t *testing.T, a *archive.Archive, set []func(*config.Config), change ...func([]byte) []byte) *castle {
	t.Helper()
	world := phonetest.New(phonetest.Options{AccountSID: accountSID, AuthToken: authToken})
	t.Cleanup(world.Close)
	change = append(change, replaced("  dominique: {name:", "  carla: {name: Carla Rossi, role: reader}\n  edith: {name: Edith Blanc, role: admin}\n  fanny: {name: Fanny Noir, role: admin}\n  dominique: {name:"))
	c := exampleConfig(t, world, change...)
	for _, f := range set {
		f(c)
	}
	d, err := New(t.Context(), Options{Config: c, Log: zaptest.NewLogger(t), Store: storetest.New(), Archive: a, Transport: world.RoundTripper()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := d.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	got, err := d.pager.Engine().Ingest(t.Context(), ticket.Batch{Source: "prometheus", Alerts: []ticket.Alert{{
		Source: "prometheus", Fingerprint: "1", Status: ticket.Firing, StartsAt: d.clock.Now(), Labels: map[string]string{"alertname": "HostDown", "customer": "acme"},
	}}})
	if err != nil || len(got.Tickets) != 1 {
		t.Fatal(got, err)
	}
	return &castle{t, d, got.Tickets[0]}
}

// call asks for something as a person, "" being nobody. Headers are pairs.
func (c *castle) call(person, method, target string, body io.Reader, headers ...string) *httptest.ResponseRecorder {
	c.t.Helper()
	r := httptest.NewRequest(method, target, body)
	if person != "" {
		session, err := c.d.signing.Book.Enter(context.Background(), person, signin.ByPasskey, signin.From{})
		if err != nil {
			c.t.Fatal(err)
		}
		r.AddCookie(&http.Cookie{Name: "__Host-astreinte", Value: session})
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	c.d.Handler().ServeHTTP(w, r)
	return w
}

// fill puts names into a path.
func (c *castle) fill(path, person string) string {
	return strings.NewReplacer("{name}", person, "{number}", c.number, "{action}", "recheck", "{token}", "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
		"{id}", "nothing", "{group}", "on-call", "{answer}", "accept", "{hash}", "0", "{$}", "").Replace(path)
}

// right is the least role that may do something about oneself, and about another.
type right struct {
	body        string
	own, others desk.Role
	says        int // what a refusal may be answered beside 403
}

// rights are those that a route's own least role does not say.
var rights = map[string][]right{
	"POST /people/{name}/signing": {
		{body: "everywhere=1", own: desk.Reader, others: desk.Admin},
		{body: "revoke=x", own: desk.Reader, others: desk.Admin},
		{body: "old=x&password=y", own: desk.Reader, others: never, says: http.StatusBadRequest},
		{body: "invite=1", own: desk.Admin, others: desk.Admin, says: http.StatusBadRequest},
		{body: "phone=1", own: never, others: never, says: http.StatusBadRequest},
	},
	"POST /people/{name}/passkeys":         {{body: `{"answer":{}}`, own: desk.Reader, others: never}},
	"POST /people/{name}/passkeys/begin":   {{body: `{}`, own: desk.Reader, others: never}},
	"POST /people/{name}/passkeys/seen-to": {{body: "remove=x", own: desk.Reader, others: desk.Admin}},
	"GET /people/{name}":                   {{own: desk.Reader, others: desk.Manager}},
	"POST /people/{name}":                  {{body: "remove=x", own: desk.Technician, others: desk.Manager}, {body: "test=", own: desk.Technician, others: desk.Manager}},
	"GET /people/{name}/phone":             {{own: desk.Technician, others: desk.Manager}},
	"POST /people/{name}/phone":            {{body: "add=1", own: desk.Technician, others: desk.Admin}, {body: "device=x", own: desk.Technician, others: desk.Manager}},
	"POST /api/v1/people/{name}/invitations": {
		{body: `{}`, own: desk.Admin, others: desk.Admin}, {body: `{"phone": true}`, own: desk.Technician, others: desk.Admin},
	},
	"GET /api/v1/people/{name}/devices":         {{own: desk.Reader, others: desk.Manager}},
	"POST /api/v1/people/{name}/devices":        {{body: `{"platform": "android", "token": "abcdefghijklmnopqrstuvwxyz"}`, own: desk.Technician, others: desk.Manager}},
	"DELETE /api/v1/people/{name}/devices/{id}": {{own: desk.Technician, others: desk.Manager}},
	"GET /api/v1/people/{name}/test":            {{own: desk.Technician, others: desk.Manager}},
	"POST /api/v1/people/{name}/test":           {{own: desk.Technician, others: desk.Manager}},
	"POST /api/v1/tickets":                      {{body: `{"title": "x", "person": "{name}"}`, own: desk.Technician, others: desk.Manager}},
	"POST /api/v1/tickets/{number}/{action}":    {{body: `{"person": "{name}"}`, own: desk.Technician, others: desk.Manager}},
	"POST /api/v1/tickets/{number}/recheck":     {{body: `{"person": "{name}"}`, own: desk.Technician, others: desk.Manager}},
	"GET /duty-report/{name}/{month}":           {{own: desk.Reader, others: desk.Manager}},
	"GET /people/{name}/feeds":                  {{own: desk.Reader, others: desk.Manager}},
	"POST /people/{name}/feeds":                 {{own: desk.Reader, others: desk.Manager}},
	"GET /api/v1/people/{name}/feeds":           {{own: desk.Reader, others: desk.Manager}},
	"POST /api/v1/people/{name}/feeds":          {{body: `{}`, own: desk.Reader, others: desk.Manager}},
	"DELETE /api/v1/people/{name}/feeds":        {{own: desk.Reader, others: desk.Manager}},
}

// may are the rights of a route.
func may(rt *web.Route) []right {
	if list := rights[rt.Method+" "+rt.Path]; list != nil {
		return list
	}
	return []right{{own: rt.Needs, others: rt.Needs}}
}

// TestEveryRouteByRole asks for everything that needs somebody as everybody, about
// oneself and about an admin: what a role may not do is refused.
func TestEveryRouteByRole(t *testing.T) {
	c := newCastle(t)
	n := 0
	for _, rt := range c.d.web.Table() {
		if rt.Needs == desk.Nobody {
			continue
		}
		for _, right := range may(&rt) {
			for role, person := range of {
				for _, about := range []string{person, "fanny"} {
					if about == "" {
						about = "alice"
					}
					least := right.own
					if about != person {
						least = right.others
					}
					n++
					c.knock(&rt, right, role, person, about, role >= least)
				}
			}
		}
	}
	if n < 500 {
		t.Errorf("%d times somebody asked", n)
	}
}

// knock asks once, and holds the answer to whether it may.
func (c *castle) knock(rt *web.Route, right right, role desk.Role, person, about string, may bool) {
	c.t.Helper()
	method := rt.Method
	if rt.Path == "/api/v1/events" {
		method = http.MethodHead // it would not end
	}
	kind := "application/json"
	if rt.Fail != nil {
		kind = "application/x-www-form-urlencoded"
	}
	w := c.call(person, method, c.fill(rt.Path, about), strings.NewReader(strings.ReplaceAll(right.body, "{name}", about)),
		"Content-Type", kind, "Sec-Fetch-Site", "same-origin")
	what := rt.Method + " " + rt.Path + " " + right.body + " by " + person + " about " + about
	switch {
	case role == desk.Nobody && rt.Fail != nil:
		if w.Code != http.StatusSeeOther || !strings.HasPrefix(w.Header().Get("Location"), "/sign-in?next=") {
			c.t.Errorf("%s: %d", what, w.Code)
		}
	case role == desk.Nobody:
		if w.Code != http.StatusUnauthorized {
			c.t.Errorf("%s: %d", what, w.Code)
		}
	case may:
		if w.Code == http.StatusForbidden || right.says != 0 && w.Code == right.says || w.Code >= 500 && w.Code != http.StatusNotImplemented {
			c.t.Errorf("%s is refused: %d", what, w.Code)
		}
	default:
		if w.Code != http.StatusForbidden && (right.says == 0 || w.Code != right.says) {
			c.t.Errorf("%s is not refused: %d", what, w.Code)
		}
	}
}

var (
	hrefs = regexp.MustCompile(`(?:href|hx-get)="(/[^"#]*)"`)
	forms = regexp.MustCompile(`<form[^>]*method="post"[^>]*action="([^"]*)"`)
)

// TestWhatARoleMayNotIsNotShown follows each link of each page that a role is shown, and
// looks at each form: none leads to what the role may not.
func TestWhatARoleMayNotIsNotShown(t *testing.T) {
	c := newCastle(t)
	table := http.NewServeMux()
	byPattern := map[string]web.Route{}
	for _, rt := range c.d.web.Table() {
		if rt.Method == http.MethodPost {
			byPattern[rt.Method+" "+rt.Path] = rt
			table.Handle(rt.Method+" "+rt.Path, http.NotFoundHandler())
		}
	}
	for role, person := range of {
		if person == "" {
			continue
		}
		seen, next, forms := map[string]bool{}, []string{"/now", "/people/" + person, "/phone", "/tickets/" + c.number, "/tickets/" + c.number + "?sure=resolve"}, 0
		for len(next) > 0 {
			at := next[0]
			next = next[1:]
			path, query, _ := strings.Cut(at, "?")
			if strings.Contains(query, "sure=") {
				path = at // a page of its own, which asks
			}
			if seen[path] {
				continue
			}
			seen[path] = true
			w := c.call(person, http.MethodGet, at, nil)
			if w.Code != http.StatusOK && w.Code != http.StatusSeeOther {
				t.Errorf("%s is shown the way to %s: %d", person, at, w.Code)
			}
			if !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
				continue
			}
			for _, m := range hrefs.FindAllStringSubmatch(w.Body.String(), -1) {
				if link := strings.ReplaceAll(m[1], "&amp;", "&"); !strings.HasPrefix(link, "/api/") {
					next = append(next, link)
				}
			}
			forms += c.forms(w.Body.String(), table, byPattern, role, person, at)
		}
		if len(seen) < 6 || role > desk.Reader && forms < 3 {
			t.Errorf("%s saw %d pages and %d forms", person, len(seen), forms)
		}
	}
}

// forms holds each form of a page to what the role may.
func (c *castle) forms(page string, table *http.ServeMux, byPattern map[string]web.Route, role desk.Role, person, at string) (n int) {
	c.t.Helper()
	for _, m := range forms.FindAllStringSubmatch(page, -1) {
		_, pattern := table.Handler(httptest.NewRequest(http.MethodPost, m[1], nil))
		rt, known := byPattern[pattern]
		if !known {
			c.t.Errorf("%s: a form leads to %s", at, m[1])
			continue
		}
		n++
		u, err := url.Parse(m[1])
		if err != nil {
			c.t.Fatal(err)
		}
		least := never
		for _, right := range may(&rt) {
			if parts := strings.Split(u.Path, "/"); slices.Contains(parts, person) || !strings.Contains(rt.Path, "{name}") {
				least = min(least, right.own)
			} else {
				least = min(least, right.others)
			}
		}
		if role < least {
			c.t.Errorf("%s: %s is shown a form to %s", at, person, m[1])
		}
	}
	return n
}

// TestNobodyElsesPage sends everything that changes something from another site's page,
// with an admin's session and without any.
func TestNobodyElsesPage(t *testing.T) {
	c := newCastle(t)
	for _, rt := range c.d.web.Table() {
		if rt.Method == http.MethodGet {
			continue
		}
		for _, from := range [][]string{
			{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"}, {"Origin", "null"},
		} {
			for _, person := range []string{"edith", ""} {
				if person == "" && rt.Needs != desk.Nobody {
					continue // TestEveryRouteByRole has nobody
				}
				w := c.call(person, rt.Method, "https://astreinte.example.net"+c.fill(rt.Path, "alice"), strings.NewReader("{}"), from...)
				if w.Code != http.StatusForbidden {
					t.Errorf("%s %s by %q from %v: %d", rt.Method, rt.Path, person, from, w.Code)
				}
			}
		}
	}
	if list, err := c.d.signing.Book.Sessions(t.Context(), "edith"); err != nil || len(list) == 0 {
		t.Errorf("%v %v", list, err)
	}
}

// endless is a body that does not end.
type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = "a=b&"[(e.read+i)%4]
	}
	e.read += len(p)
	return len(p), nil
}

// TestAFormThatDoesNotEnd: of a huge body no more is read than a body may have, by
// whatever takes one.
func TestAFormThatDoesNotEnd(t *testing.T) {
	c := newCastle(t)
	for _, rt := range c.d.web.Table() {
		if rt.Method == http.MethodGet {
			continue
		}
		for _, kind := range []string{"application/x-www-form-urlencoded", "application/json", "multipart/form-data; boundary=x"} {
			body := &endless{}
			w := c.call("edith", rt.Method, c.fill(rt.Path, "edith"), body, "Content-Type", kind, "Sec-Fetch-Site", "same-origin")
			if body.read > 100<<10 {
				t.Errorf("%s %s read %d bytes of %s", rt.Method, rt.Path, body.read, kind)
			}
			if w.Code >= http.StatusInternalServerError && w.Code != http.StatusNotImplemented {
				t.Errorf("%s %s answered %d to %s", rt.Method, rt.Path, w.Code, kind)
			}
		}
	}
}
