package web

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/ticket"
)

// badge is a session by a cookie that says the person.
type badge struct{ err error }

func (b badge) Session(r *http.Request) (Token, bool, error) {
	c, err := r.Cookie("badge")
	if err != nil || b.err != nil {
		return Token{}, false, b.err
	}
	roles := map[string]string{"bruno": "technician", "dominique": "manager", "carla": "reader"}
	return Token{Name: c.Value, Person: c.Value, Role: roles[c.Value]}, roles[c.Value] != "", nil
}

// mounted is a desk with one page and one API route of another package.
func mounted(t *testing.T, sessions Sessions) (d *office, told *[]string) {
	t.Helper()
	d = newDesk(t, func(o *Options) { o.Sessions = sessions })
	told = &[]string{}
	answer := func(w http.ResponseWriter, r *http.Request, by Token) error {
		if r.URL.Query().Get("fails") != "" {
			return escalation.ErrNotFound
		}
		if r.URL.Query().Get("busy") != "" {
			return RefuseFor(30*time.Second, http.StatusServiceUnavailable, "busy", "come again")
		}
		*told = append(*told, by.Name)
		_, err := io.WriteString(w, "here")
		return err
	}
	fail := func(w http.ResponseWriter, _ *http.Request, by Token, status int) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, "a page for "+by.Name)
	}
	d.server.Mount(
		Route{Method: http.MethodGet, Path: "/rooms/{name}", Needs: desk.Reader, Do: answer, Fail: fail},
		Route{Method: http.MethodPost, Path: "/rooms/{name}", Needs: desk.Manager, Do: answer, Fail: fail},
		Route{Method: http.MethodPost, Path: "/door", Do: answer, Fail: fail},
		Route{Method: http.MethodGet, Path: "/api/v1/lamps", Needs: desk.Reader, Do: answer},
	)
	return d, told
}

func (d *office) signed(person, method, target string, headers ...string) *httptest.ResponseRecorder {
	d.t.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(""))
	if person != "" {
		r.AddCookie(&http.Cookie{Name: "badge", Value: person})
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	d.server.Handler().ServeHTTP(w, r)
	return w
}

// TestRoutesOfOthers are in the same table: the roles, the errors, and who asks.
func TestRoutesOfOthers(t *testing.T) {
	for _, c := range []struct {
		person, method, target string
		headers                []string
		code                   int
		body                   string
	}{
		{"carla", "GET", "/rooms/1", nil, 200, "here"},
		{"carla", "HEAD", "/rooms/1", nil, 200, "here"},
		{"carla", "POST", "/rooms/1", nil, 403, "a page for carla"},
		{"dominique", "POST", "/rooms/1", nil, 200, "here"},
		{"dominique", "POST", "/rooms/1", []string{"Sec-Fetch-Site", "cross-site"}, 403, "a page for "},
		{"", "POST", "/door", []string{"Sec-Fetch-Site", "cross-site"}, 403, "a page for "},
		{"", "POST", "/door", nil, 200, "here"},
		{"dominique", "PUT", "/rooms/1", nil, 405, "a page for "},
		{"carla", "GET", "/rooms/1?fails=1", nil, 404, "a page for carla"},
		{"carla", "GET", "/rooms/1?fails=1", []string{"Accept", "application/json"}, 404, `{"error":{"code":"not_found","message":"there is no such thing"}}` + "\n"},
		{"carla", "GET", "/api/v1/lamps", nil, 200, "here"},
		{"stranger", "GET", "/api/v1/lamps", nil, 401, `{"error":{"code":"unauthorized","message":"an API token is needed: Authorization: Bearer TOKEN"}}` + "\n"},
		{"", "GET", "/rooms/1", []string{"Authorization", "Bearer secret-admin"}, 303, ""},
		{"carla", "GET", "/api/v1/lamps", []string{"Authorization", "Bearer wrong"}, 401, `{"error":{"code":"unauthorized","message":"this API token is not known"}}` + "\n"},
		{"", "GET", "/api/v1/lamps", []string{"Authorization", "Bearer secret-reader"}, 200, "here"},
	} {
		d, _ := mounted(t, badge{})
		w := d.signed(c.person, c.method, c.target, c.headers...)
		if w.Code != c.code || w.Body.String() != c.body {
			t.Errorf("%s %s by %q %v: %d %q", c.method, c.target, c.person, c.headers, w.Code, w.Body)
		}
		if w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("Strict-Transport-Security") == "" {
			t.Errorf("%s %s: %v", c.method, c.target, w.Header())
		}
	}
}

// TestWhoIsNotSignedIn is led to where one signs in, with the way back.
func TestWhoIsNotSignedIn(t *testing.T) {
	for target, next := range map[string]string{
		"/rooms/1?state=open&q=a%20b": "/rooms/1?state=open&q=a%20b", "/rooms/a%2Fb": "/rooms/a%2Fb", "/rooms/" + strings.Repeat("a", maxNext): "/",
	} {
		for _, sessions := range []Sessions{nil, badge{}} {
			d, _ := mounted(t, sessions)
			w := d.signed("", "GET", target)
			if want := "/desk/sign-in?" + (url.Values{"next": {next}}).Encode(); w.Code != http.StatusSeeOther || w.Header().Get("Location") != want {
				t.Errorf("%s: %d to %q, want %q", target, w.Code, w.Header().Get("Location"), want)
			}
		}
	}
	d, _ := mounted(t, badge{})
	if w := d.signed("", "POST", "/rooms/1?x=1"); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/desk/sign-in?next=%2Frooms%2F1" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	if w := d.signed("", "GET", "/rooms/1", "HX-Request", "true", "HX-Current-URL", "https://astreinte.example.net/desk/rooms/1?q=2#x"); w.Code != http.StatusUnauthorized ||
		w.Header().Get("HX-Redirect") != "/desk/sign-in?next=%2Frooms%2F1%3Fq%3D2" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}

// TestSessionsAreAway: nobody is sent to sign in for a store that does not answer.
func TestSessionsAreAway(t *testing.T) {
	d, _ := mounted(t, badge{err: errors.New("no answer")})
	if w := d.signed("carla", "GET", "/rooms/1"); w.Code != http.StatusServiceUnavailable {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	if w := d.signed("", "GET", "/api/v1/lamps", "Authorization", "Bearer secret-reader"); w.Code != http.StatusOK {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// TestASessionIsAPerson at the API too: the timeline names the person, and what is
// done for another says whose session it was.
func TestASessionIsAPerson(t *testing.T) {
	d, _ := mounted(t, badge{})
	number := d.alert("HostDown")
	if w := d.signed("bruno", "POST", "/api/v1/tickets/"+number+"/acknowledge", "Sec-Fetch-Site", "cross-site"); w.Code != http.StatusForbidden {
		t.Errorf("another site: %d %s", w.Code, w.Body)
	}
	if w := d.signed("bruno", "POST", "/api/v1/tickets/"+number+"/acknowledge"); w.Code != http.StatusOK {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if by := d.ticket(number).AcknowledgedBy; by == nil || *by != (ticket.Actor{Kind: ticket.ActorPerson, Name: "bruno"}) {
		t.Errorf("by %+v", by)
	}
	if w := d.signed("carla", "POST", "/api/v1/tickets/"+number+"/resolve"); w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), "carla") {
		t.Errorf("a reader: %d %s", w.Code, w.Body)
	}
}

// TestOwnPath: an address that leads elsewhere leads to the start.
// TestAPageIsBusy: it says when to come again.
func TestAPageIsBusy(t *testing.T) {
	d, _ := mounted(t, badge{})
	if w := d.signed("carla", "GET", "/rooms/1?busy=1"); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") != "30" {
		t.Errorf("%d, Retry-After %q: %s", w.Code, w.Header().Get("Retry-After"), w.Body)
	}
}

func TestOwnPath(t *testing.T) {
	for next, want := range map[string]string{
		"/": "/", "/tickets?q=%2F%2Fx": "/tickets?q=%2F%2Fx", "/a#b": "/a#b",
		"": "/", "tickets": "/", "//evil.example/": "/", "/\\evil.example": "/", "https://evil.example/": "/", "javascript:alert(1)": "/",
		"/\t/evil.example": "/", "/a\r\nSet-Cookie: x": "/", "https:/evil": "/", "/%zz": "/", "///evil.example": "/",
	} {
		if got := OwnPath(next); got != want {
			t.Errorf("%q: %q", next, got)
		}
	}
}
