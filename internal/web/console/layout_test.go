package console

import (
	"crypto/sha256"
	"encoding/hex"
	"html/template"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/lang"
)

// TestForeignAssets are those that were released, with their licences, and all that
// is not ours is in the table.
func TestForeignAssets(t *testing.T) {
	told := map[string]bool{
		"console.css": true, "console.js": true, "wall.js": true, "app.js": true, "phone.js": true, "doing.js": true, "times.js": true,
		"share.svg": true, "home.svg": true, "switches.svg": true, "moon.svg": true,
	}
	for _, f := range foreign {
		text, err := os.ReadFile("assets/" + f.file)
		if err != nil {
			t.Fatal(err)
		}
		if sum := sha256.Sum256(text); hex.EncodeToString(sum[:]) != f.sha256 {
			t.Errorf("%s is not %s %s as released: its checksum is %x", f.file, f.name, f.version, sum)
		}
		licence, err := os.ReadFile("assets/" + f.text)
		if err != nil || len(licence) < 100 || f.licence == "" {
			t.Errorf("%s: its licence: %v", f.file, err)
		}
		told[f.file], told[f.text] = true, true
	}
	files, err := assetFiles.ReadDir("assets")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !told[f.Name()] {
			t.Errorf("%s: whose is it?", f.Name())
		}
	}
}

var assetIn = regexp.MustCompile(`(?:href|src)="/desk(/assets/[^"]+)"`)

// TestAssets are kept for good under the address that a page names, and are not at
// any other.
func TestAssets(t *testing.T) {
	o := newOffice(t, home)
	found := assetIn.FindAllStringSubmatch(o.get("alice", "/now").Body.String(), -1)
	if len(found) != 8 {
		t.Fatalf("the page names %v", found)
	}
	packed := 0
	for _, m := range found {
		plain, gz := o.get("", m[1]), o.get("", m[1], "Accept-Encoding", "gzip, br")
		if plain.Code != 200 || !strings.Contains(plain.Header().Get("Cache-Control"), "immutable") || plain.Header().Get("Content-Encoding") != "" {
			t.Errorf("%s: %d %v", m[1], plain.Code, plain.Header())
		}
		if gz.Header().Get("Content-Encoding") != "gzip" || gz.Body.Len() >= plain.Body.Len() {
			t.Errorf("%s: packed %d of %d bytes: %v", m[1], gz.Body.Len(), plain.Body.Len(), gz.Header())
		}
		packed += gz.Body.Len()
	}
	if packed > 40<<10 {
		t.Errorf("the assets take %d bytes", packed)
	}
	for _, path := range []string{"/assets/000000000000/console.css", "/assets/x/../console.css", "/assets/" + strings.Split(found[0][1], "/")[2] + "/htmx.LICENSE.txt"} {
		if w := o.get("", path); w.Code != http.StatusNotFound && w.Code != http.StatusMovedPermanently && w.Code != http.StatusTemporaryRedirect {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

// TestHeaders: a page is kept nowhere, framed nowhere, and runs nothing that stands
// in it.
func TestHeaders(t *testing.T) {
	o := newOffice(t, home)
	number := o.alert("HostDown")
	for _, path := range []string{"/now", "/", "/tickets", "/tickets/" + number, "/oncall", "/people", "/people/edith", "/sources", "/health", "/walls", "/tickets/none", "/tickets?state=odd"} {
		w := o.get("edith", path)
		h := w.Header()
		csp := h.Get("Content-Security-Policy")
		if h.Get("Cache-Control") != "no-store" || !strings.Contains(csp, "frame-ancestors 'none'") || !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") ||
			h.Get("Cross-Origin-Opener-Policy") != "same-origin" || h.Get("Strict-Transport-Security") == "" || h.Get("Referrer-Policy") != "same-origin" {
			t.Errorf("%s: %d %v", path, w.Code, h)
		}
		body := w.Body.String()
		if regexp.MustCompile(`<title>[^<]+ · Astreinte</title>`).FindString(body) == "" || strings.Contains(body, "style=") || strings.Contains(body, "onclick") || strings.Contains(body, "<script>") {
			t.Errorf("%s: no title, or something that runs in it:\n%s", path, body)
		}
		if strings.Contains(body, "ZgotmplZ") || strings.Contains(body, "<no value>") || strings.Contains(body, "{n}") || strings.Contains(body, "{at}") {
			t.Errorf("%s: something is missing:\n%s", path, body)
		}
	}
}

// TestWhatARoleSees: what a role may not do is neither in the navigation nor
// answered.
func TestWhatARoleSees(t *testing.T) {
	o := newOffice(t, home)
	number := o.alert("HostDown")
	ranks := map[string]desk.Role{"carla": desk.Reader, "alice": desk.Technician, "dominique": desk.Manager, "edith": desk.Admin}
	for person, rank := range ranks {
		nav := o.get(person, "/now").Body.String()
		nav = nav[strings.Index(nav, "<nav"):strings.Index(nav, "</nav>")]
		for _, rt := range o.console.Routes() {
			if rt.Fail == nil || rt.Needs == desk.Nobody {
				continue
			}
			path := strings.NewReplacer("{number}", number, "{name}", person, "{$}", "").Replace(rt.Path)
			if shown := strings.Contains(nav, `"/desk`+path+`"`); shown && rt.Method == http.MethodGet && rank < rt.Needs {
				t.Errorf("%s is shown the way to %s", person, path)
			}
			w := o.get(person, path)
			if rt.Method == http.MethodPost {
				w = o.post(person, path)
			}
			if refused := w.Code == http.StatusForbidden; refused != (rank < rt.Needs) {
				t.Errorf("%s %s by %s: %d", rt.Method, path, person, w.Code)
			}
		}
	}
	for _, rt := range o.console.Routes() {
		if rt.Fail == nil || rt.Needs == desk.Nobody {
			continue
		}
		path := strings.NewReplacer("{number}", number, "{name}", "alice", "{$}", "").Replace(rt.Path)
		w := o.get("", path)
		if rt.Method == http.MethodPost {
			w = o.post("", path)
		}
		if w.Code != http.StatusSeeOther || !strings.HasPrefix(w.Header().Get("Location"), "/desk/sign-in?next=") {
			t.Errorf("%s %s by nobody: %d to %q", rt.Method, path, w.Code, w.Header().Get("Location"))
		}
	}
}

// TestAnotherSitesForm acts on nothing.
func TestAnotherSitesForm(t *testing.T) {
	o := newOffice(t, home)
	number := o.alert("HostDown")
	for _, rt := range o.console.Routes() {
		if rt.Method != http.MethodPost {
			continue
		}
		path := strings.NewReplacer("{number}", number, "{name}", "edith").Replace(rt.Path)
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader("action=acknowledge"))
		if err != nil {
			t.Fatal(err)
		}
		w := o.send("edith", r, "Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example")
		if w.Code != http.StatusForbidden {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	if view := o.view(number); view.Ticket.State != "open" {
		t.Errorf("it is %s", view.Ticket.State)
	}
}

// TestLanguages: a page is in the person's language, else the browser's, else the
// desk's.
func TestLanguages(t *testing.T) {
	o := newOffice(t, home)
	for _, c := range []struct{ person, accepts, want string }{
		{"alice", "it", "fr"}, {"bruno", "", "en"}, {"carla", "en", "it"},
	} {
		w := o.get(c.person, "/now", "Accept-Language", c.accepts)
		has(t, w, `<html lang="`+c.want+`">`, template.HTMLEscapeString(lang.In(c.want).Console.AsksNow))
	}
	wall := strings.TrimPrefix(regexp.MustCompile(`/desk/wall/[A-Z0-9]+`).FindString(o.post("edith", "/walls").Body.String()), "/desk")
	for accepts, want := range map[string]string{"it-CH, en": "it", "": "fr"} {
		w := o.get("", wall, "Accept-Language", accepts)
		has(t, w, `<html lang="`+want+`">`)
		hasNot(t, w, "/sign-out")
	}
}

// TestTheMiddleAlone: a page that reads itself anew gets its middle, without what
// came of a form.
func TestTheMiddleAlone(t *testing.T) {
	o := newOffice(t, home)
	o.alert("HostDown")
	whole := o.get("alice", "/now?done=bulk&n=1&left=0")
	has(t, whole, "<!doctype html>", `hx-get="/desk/now"`, `role="status">Pris : 1.`)
	part := o.get("alice", "/now", "HX-Request", "true", "HX-Target", "main#page")
	if body := part.Body.String(); !strings.HasPrefix(body, `<main id="page"`) || strings.Contains(body, "<nav") {
		t.Errorf("%s", body)
	}
	has(t, part, "HostDown")
	packed := o.get("alice", "/now", "Accept-Encoding", "gzip")
	if packed.Header().Get("Content-Encoding") != "gzip" || packed.Body.Len() > 4<<10 {
		t.Errorf("%d bytes %v", packed.Body.Len(), packed.Header())
	}
}

// TestTroubleIsAPage in each language, and says nothing else.
func TestTroubleIsAPage(t *testing.T) {
	o := newOffice(t, home)
	for path, code := range map[string]int{"/tickets/none": 404, "/tickets?state=odd": 400, "/tickets?cursor=odd": 400, "/health": 403, "/people/bruno": 403, "/oncall?month=odd": 400} {
		w := o.get("alice", path)
		if w.Code != code {
			t.Errorf("%s: %d", path, w.Code)
		}
		has(t, w, `class="trouble"`, `<html lang="fr">`)
	}
	o.store.Fail(func(string) storetest.Fault { return storetest.FailBefore })
	w := o.get("alice", "/now")
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	has(t, w, lang.In("fr").Console.StoreDownText)
}
