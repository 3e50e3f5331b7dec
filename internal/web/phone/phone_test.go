package phone

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image/png"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/reftest"
)

// TestManifestAndIcons: each icon that the manifest names is there, has the size that
// it says, and what must be seen of a maskable one is within the circle that no phone
// cuts.
func TestManifestAndIcons(t *testing.T) {
	d := newHouse(t, home)
	w := d.get("", "/manifest.webmanifest")
	var m manifest
	if err := json.Unmarshal(w.Body.Bytes(), &m); err != nil || w.Header().Get("Content-Type") != "application/manifest+json" {
		t.Fatalf("%v: %s", err, w.Body)
	}
	if m.StartURL != "/desk/now" || m.Scope != "/desk/" || m.Display != "standalone" {
		t.Errorf("%+v", m)
	}
	purposes := map[string]bool{}
	for _, i := range m.Icons {
		purposes[i.Sizes+" "+i.Purpose] = true
	}
	for _, want := range []string{"192x192 any", "512x512 any", "192x192 maskable", "512x512 maskable"} {
		if !purposes[want] {
			t.Errorf("no icon is %s", want)
		}
	}
	for i := range iconList {
		icon := &iconList[i]
		w := d.get("", "/icons/"+icon.name)
		im, err := png.Decode(bytes.NewReader(w.Body.Bytes()))
		if err != nil || im.Bounds().Dx() != icon.size || im.Bounds().Dy() != icon.size {
			t.Fatalf("%s: %v, %v", icon.name, err, im)
		}
		if _, _, _, alpha := im.At(0, 0).RGBA(); (alpha == 0xffff) != (icon.shape == full) {
			t.Errorf("%s: its corner has alpha %d", icon.name, alpha)
		}
		corner := im.At(0, 0)
		for y := range icon.size {
			for x := range icon.size {
				dx, dy := float64(x)/float64(icon.size)-.5, float64(y)/float64(icon.size)-.5
				if icon.shape == full && dx*dx+dy*dy > .4*.4 && im.At(x, y) != corner {
					t.Fatalf("%s: something is at %d, %d, which a phone may cut", icon.name, x, y)
				}
			}
		}
	}
	if w := d.get("", "/icons/none.png"); w.Code != http.StatusNotFound {
		t.Errorf("%d", w.Code)
	}
	has(t, d.get("alice", "/now"), `<link rel="manifest" href="/desk/manifest.webmanifest">`, `href="/desk/icons/apple-touch-icon.png"`, `data-person="/people/alice"`)
	hasNot(t, d.get("", "/phone/offline"), "app.js")
}

// TestTheWorkerIsAskedForEachTime: no browser keeps it, its scope is all of ours, and
// it says everything in each language.
func TestTheWorkerIsAskedForEachTime(t *testing.T) {
	d := newHouse(t, home)
	w := d.get("", "/sw.js")
	h := w.Header()
	if h.Get("Cache-Control") != "no-cache" || !strings.HasPrefix(h.Get("Content-Type"), "text/javascript") || h.Get("Content-Security-Policy") != workerPolicy {
		t.Errorf("%v", h)
	}
	has(t, w, `const base = "/desk";`, `"fr":{`, `"it":{`, "pushsubscriptionchange", "notificationclick")
	told := map[string]bool{}
	for _, m := range regexp.MustCompile(`"(\w+)":"`).FindAllStringSubmatch(w.Body.String(), -1) {
		told[m[1]] = true
	}
	for _, m := range regexp.MustCompile(`(?:\bt|wordsOf\(lang\))\.([A-Z]\w+)|\["([A-Z]\w+)", \{|said\("(\w+)"|\? "([A-Z]\w+)" : "([A-Z]\w+)"`).FindAllStringSubmatch(w.Body.String(), -1) {
		for _, name := range m[1:] {
			if name != "" && !told[name] {
				t.Errorf("the worker says %s, for which there are no words", name)
			}
		}
	}
	if w.Body.Len() > 40<<10 {
		t.Errorf("it has %d bytes", w.Body.Len())
	}
}

// TestCard: the numbers that pages come from, for an address book.
func TestCard(t *testing.T) {
	d := newHouse(t, home)
	w := d.get("alice", "/phone/pager.vcf")
	has(t, w, "BEGIN:VCARD\r\nVERSION:3.0\r\n", "TEL;TYPE=CELL,VOICE:+33644600001\r\n", "TEL;TYPE=CELL,VOICE:+33644600002\r\n", "END:VCARD\r\n")
	hasNot(t, w, "ASTREINTE\r")
	if w := d.get("", "/phone/pager.vcf"); w.Code != http.StatusSeeOther {
		t.Errorf("who is not signed in: %d", w.Code)
	}
	d.app.Numbers = nil
	if w := d.get("alice", "/phone/pager.vcf"); w.Code != http.StatusNotFound {
		t.Errorf("no numbers: %d", w.Code)
	}
	has(t, d.get("alice", "/phone"), "No SMS sender with a number is configured.")
}

// TestWhoConfirmsProves: what a person confirms is the proof, with its date, of that
// person's phone alone, for thirty days.
func TestWhoConfirmsProves(t *testing.T) {
	d := newHouse(t, home)
	id := d.device("alice", "https://push.example.net/1")
	has(t, d.get("alice", "/phone"), `data-device="`+id+`"`, "unproven", `data-key="`+publicKey+`"`, "/desk/phone/pager.vcf", "It obeys silent mode and Focus.", "SMS or voice")
	if w := d.post("bruno", "/phone", "device", id); w.Code != http.StatusNotFound {
		t.Errorf("another's: %d", w.Code)
	}
	if w := d.post("alice", "/phone", "device", "web-none"); w.Code != http.StatusNotFound {
		t.Errorf("none: %d", w.Code)
	}
	if w := d.post("alice", "/phone", "added", id); w.Code != http.StatusSeeOther {
		t.Errorf("%d", w.Code)
	}
	has(t, d.get("alice", "/phone"), "unproven")
	w := d.post("alice", "/phone", "device", id)
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/desk/phone?done=confirm" {
		t.Fatalf("%d %v", w.Code, w.Header())
	}
	w = d.get("alice", "/phone?done=confirm")
	has(t, w, "confirmed", "Noted")
	hasNot(t, w, "unproven")
	d.shownBefore("alice", 31*24*time.Hour)
	has(t, d.get("alice", "/phone"), "unproven", "confirmed")
	// What the phone shows by itself proves as much.
	if err := d.store.DeviceShown(t.Context(), "alice", id, d.engine.Now()); err != nil {
		t.Fatal(err)
	}
	w = d.get("alice", "/people/alice/phone")
	has(t, w, "showed a push")
	hasNot(t, w, "unproven")
	for _, lang := range []string{"fr", "it"} {
		has(t, d.get("dominique", "/phone", "Accept-Language", lang), `id="checks"`)
	}
}

// TestAddAPhoneAndTakeItBack: a code that is scanned by the wrong person shows, with
// when and from where, and is taken back: signed out, and without its device.
func TestAddAPhoneAndTakeItBack(t *testing.T) {
	d := newHouse(t, home)
	w := d.post("alice", "/people/alice/phone", "add", "1")
	has(t, w, `<svg class="qr"`, "TOKEN-OF-alice", "signed in as Alice Martin", "until")
	if w.Header().Get("Cache-Control") != "no-store" || !strings.Contains(w.Header().Get("Content-Security-Policy"), "default-src 'none'") {
		t.Errorf("%v", w.Header())
	}
	hasNot(t, d.get("alice", "/people/alice/phone"), "TOKEN-OF", "<svg")
	if w := d.post("bruno", "/people/alice/phone", "add", "1"); w.Code != http.StatusForbidden {
		t.Errorf("another technician: %d", w.Code)
	}
	if w := d.post("dominique", "/people/alice/phone", "add", "1"); w.Code != http.StatusForbidden || strings.Contains(d.get("dominique", "/people/alice/phone").Body.String(), `name="add"`) {
		t.Errorf("a manager could be signed in as somebody else: %d", w.Code)
	}
	has(t, d.post("edith", "/people/alice/phone", "add", "1"), "TOKEN-OF-alice")
	if w := d.get("dominique", "/people/nobody/phone"); w.Code != http.StatusNotFound {
		t.Errorf("nobody: %d", w.Code)
	}
	if got := strings.Join(d.badges.asked, ", "); got != "alice by alice, alice by edith" {
		t.Errorf("invited: %s", got)
	}
	added := time.Date(2026, 11, 21, 2, 12, 0, 0, time.UTC)
	d.badges.phones["alice"] = []Enrolled{{ID: "s1", Device: "Firefox on Android", Address: "203.0.113.9", Added: added}, {ID: "s2", Device: "iPhone", Address: "203.0.113.7", Added: added}}
	id := d.device("alice@s1", "https://push.example.net/1")
	d.post("alice@s1", "/phone", "added", id)
	has(t, d.get("dominique", "/people/alice/phone"), "Pixel", "from 203.0.113.9", "iPhone", "unproven: takes no pushes", `name="device" value="`+id+`"`)
	d.post("bruno", "/people/bruno/phone", "device", id, "session", "s1")
	has(t, d.get("alice", "/people/alice/phone"), "Pixel", "from 203.0.113.9")
	w = d.post("alice", "/people/alice/phone", "device", id)
	if w.Header().Get("Location") != "/desk/people/alice/phone?done=back" {
		t.Fatalf("%d %v", w.Code, w.Header())
	}
	w = d.get("alice", "/people/alice/phone?done=back")
	hasNot(t, w, "Pixel", "203.0.113.9")
	has(t, w, "gets no pushes any more")
	d.post("alice", "/people/alice/phone", "session", "s2")
	has(t, d.get("alice", "/people/alice/phone"), "No phone is signed in.")
	if w := d.post("alice", "/people/alice/phone"); w.Code != http.StatusBadRequest {
		t.Errorf("nothing: %d", w.Code)
	}
	d.app.Sessions = nil
	has(t, d.get("alice", "/people/alice/phone"), "Phones cannot be added here.")
}

var addressesAre = map[string]string{
	"GET /sw.js": "the service worker, asked for anew each time", "GET /manifest.webmanifest": "the manifest by which it installs", "GET /icons/{name}": "its icons",
	"GET /phone/offline": "the frame of what the worker says without network", "GET /phone": "the checks of the phone that it is open on",
	"POST /phone": "`device`: a push came (the proof, with its date); `added`: this session added it", "GET /phone/pager.vcf": "a contact with the numbers that pages come from",
	"GET /people/{name}/phone": "a person's phones, when and from where each was added; of others for a manager", "POST /people/{name}/phone": "`add`: show a QR code that signs one phone in; `device`, `session`: take a phone back",
}

// TestReferenceHasThePhone holds the reference against the addresses of the package.
func TestReferenceHasThePhone(t *testing.T) {
	d := newHouse(t, home)
	names := map[desk.Role]string{desk.Nobody: "anybody", desk.Reader: "reader", desk.Technician: "technician"}
	var rows strings.Builder
	rows.WriteString("| path | who | what |\n|---|---|---|\n")
	for _, rt := range d.app.Routes() {
		what := addressesAre[rt.Method+" "+rt.Path]
		if what == "" {
			t.Errorf("%s %s: nobody says what it is", rt.Method, rt.Path)
		}
		fmt.Fprintf(&rows, "| `%s %s` | %s | %s |\n", rt.Method, rt.Path, names[rt.Needs], what)
	}
	reftest.Hold(t, "phone", rows.String())
	if len(addressesAre) != len(d.app.Routes()) {
		t.Errorf("%d addresses are told, there are %d", len(addressesAre), len(d.app.Routes()))
	}
}

// TestThePhoneSaysWhoIsOnCall, and leads to taking over by one tap.
func TestThePhoneSaysWhoIsOnCall(t *testing.T) {
	d := newHouse(t, home)
	w := d.get("alice", "/phone")
	has(t, w, `id="duty"`, `/oncall#take"`, `/oncall#cover"`)
	for _, group := range rules(t).Directory.Groups() {
		has(t, w, "<li>"+group+": <b>")
	}
}
