package demo

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
)

// visitor is a browser without a screen.
type visitor struct {
	t    *testing.T
	d    *Demo
	http *http.Client
}

func newVisitor(t *testing.T, d *Demo) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &visitor{t, d, &http.Client{Jar: jar}}
}

// send sends a form, or asks for a page, and returns where it led and what is there.
func (v *visitor) send(method, path string, form url.Values, site string) (code int, at, text string) {
	v.t.Helper()
	req, err := http.NewRequestWithContext(v.t.Context(), method, v.d.URL()+path, strings.NewReader(form.Encode()))
	if err != nil {
		v.t.Fatal(err)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	req.Header.Set("Sec-Fetch-Site", site)
	req.Header.Set("Accept-Language", "en")
	resp, err := v.http.Do(req)
	if err != nil {
		v.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return resp.StatusCode, resp.Request.URL.Path, string(body)
}

func (v *visitor) page(path string) (code int, at, text string) {
	v.t.Helper()
	return v.send(http.MethodGet, path, nil, "none")
}

// TestTheButtonsSignInAsEachOfThem: the console, the app on a phone, or where one
// wanted to go; each with what the person's role may see.
func TestTheButtonsSignInAsEachOfThem(t *testing.T) {
	d := startDemo(t, 1)
	v := newVisitor(t, d)
	if _, at, text := v.page("/now"); at != "/sign-in" || !strings.Contains(text, `href="/?next=%2fnow"`) {
		t.Fatalf("somebody who is nobody is led to %s: %s", at, text)
	}
	people := d.daemon.Engine().Rules().Directory.People()
	if len(people) != 4 {
		t.Fatalf("%d people", len(people))
	}
	roles := map[string]int{}
	for i := range people {
		p := &people[i]
		roles[string(p.Role)]++
		code, at, text := v.send(http.MethodPost, "/demo/sign-in", url.Values{"person": {p.Key}}, "same-origin")
		if code != http.StatusOK || at != "/now" || !strings.Contains(text, p.Name+"</a>") {
			t.Errorf("%s: %d at %s: %s", p.Key, code, at, text)
		}
		if health := strings.Contains(text, `href="/health"`); health != (p.Role == "admin") {
			t.Errorf("%s, whose role is %q: health is shown: %t", p.Key, p.Role, health)
		}
		code, at, text = v.send(http.MethodPost, "/demo/sign-in", url.Values{"person": {p.Key}, "phone": {"1"}}, "same-origin")
		if code != http.StatusOK || at != "/phone" || !strings.Contains(text, `id="checks"`) || !strings.Contains(text, `data-fresh="1"`) {
			t.Errorf("%s on a phone: %d at %s: %s", p.Key, code, at, text)
		}
	}
	if roles["admin"] != 1 || roles["manager"] != 1 {
		t.Errorf("roles %v", roles)
	}
	if _, at, _ := v.send(http.MethodPost, "/demo/sign-in", url.Values{"person": {"alice"}, "next": {"/oncall"}}, "same-origin"); at != "/oncall" {
		t.Errorf("who wanted to go to /oncall is led to %s", at)
	}
	for _, next := range []string{"https://elsewhere.example/", "//elsewhere.example", `/\elsewhere.example`} {
		if code, at, text := v.send(http.MethodPost, "/demo/sign-in", url.Values{"person": {"alice"}, "next": {next}}, "same-origin"); code != http.StatusOK || at != "/" || !strings.Contains(text, "demo.js") {
			t.Errorf("%s leads to %s", next, at)
		}
	}
}

// TestNobodyElsePressesThem: another site's page, or for a person who is not there.
func TestNobodyElsePressesThem(t *testing.T) {
	d := startDemo(t, 1)
	v := newVisitor(t, d)
	if code, _, _ := v.send(http.MethodPost, "/demo/sign-in", url.Values{"person": {"alice"}}, "cross-site"); code != http.StatusForbidden {
		t.Errorf("another site's page: %d", code)
	}
	if code, _, _ := v.send(http.MethodPost, "/demo/sign-in", url.Values{"person": {"mallory"}}, "same-origin"); code != http.StatusBadRequest {
		t.Errorf("somebody who is not there: %d", code)
	}
	if code, _, _ := v.send(http.MethodGet, "/demo/sign-in?person=alice", nil, "none"); code == http.StatusOK {
		t.Errorf("by a link: %d", code)
	}
	if _, at, _ := v.page("/now"); at != "/sign-in" {
		t.Errorf("somebody is signed in: %s", at)
	}
}

// TestSlashStaysTheDemos: /now is Now, and what a page of the console leads to is of
// the console.
func TestSlashStaysTheDemos(t *testing.T) {
	d := startDemo(t, 1)
	v := newVisitor(t, d)
	v.send(http.MethodPost, "/demo/sign-in", url.Values{"person": {"chloe"}}, "same-origin")
	if _, _, text := v.page("/"); !strings.Contains(text, "demo.js") {
		t.Errorf("/ is %s", text)
	}
	for _, path := range []string{"/now", "/tickets", "/oncall", "/people", "/people/chloe", "/sources", "/health", "/walls", "/phone", "/people/chloe/phone"} {
		code, at, text := v.page(path)
		if code != http.StatusOK || at != path || !strings.Contains(text, `<a class="brand" href="/now">`) {
			t.Errorf("%s: %d at %s", path, code, at)
		}
		if strings.Contains(text, `href="/"`) || strings.Contains(text, `action="/"`) {
			t.Errorf("%s leads to the demo's page", path)
		}
	}
	if _, _, text := v.page("/manifest.webmanifest"); !strings.Contains(text, `"start_url":"/now"`) {
		t.Errorf("the app starts elsewhere: %s", text)
	}
}
