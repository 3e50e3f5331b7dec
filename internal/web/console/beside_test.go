package console

import (
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/web"
	"github.com/astreinte/astreinte/paging"
)

// TestWhoIsOnCall: who, until when, who then, and a month with its handovers.
func TestWhoIsOnCall(t *testing.T) {
	o := newOffice(t, home)
	w := o.get("bruno", "/oncall")
	has(t, w, "<b>Alice Martin</b> <small>until 26/11 09:00, then you</small>", "November 2026", `href="?month=2026-10"`, `href="?month=2026-12"`,
		`<th scope="row" aria-current="date"><time datetime="2026-11-21">Sat 21</time></th><td class="today" data-day="2026-11-21" data-group="managers"><p>Dominique Roy</p></td><td class="today" data-day="2026-11-21" data-group="on-call"><p>Alice Martin <small>rotation 1</small></p></td>`,
		`data-day="2026-11-26" data-group="on-call"><p>Alice Martin <small>rotation 1</small></p><p><small>09:00</small> Bruno Petit <small>rotation 1</small></p></td>`)
	has(t, o.get("alice", "/oncall?month=2026-12"), "décembre 2026", `datetime="2026-12-31"`)
	hasNot(t, o.get("alice", "/oncall?month=2027-02"), `datetime="2027-02-29"`, `class="today"`)
	for _, bad := range []string{"2026", "2026-13", "1999-01", "9999-01", "2026-11-01"} {
		if w := o.get("alice", "/oncall?month="+bad); w.Code != http.StatusBadRequest {
			t.Errorf("%s: %d", bad, w.Code)
		}
	}
}

// TestPeople: one sees oneself, a manager all; a test page that arrives is the proof
// that somebody can be reached, for thirty days.
func TestPeople(t *testing.T) {
	o := newOffice(t, home)
	has(t, o.get("dominique", "/people"), "Alice Martin", "Bruno Petit", "No test page was sent yet.")
	hasNot(t, o.get("bruno", "/people"), "Alice Martin")
	has(t, o.get("bruno", "/people/bruno"), "&#43;33612345602", "English", "technician", "No device is registered.", `name="test" value="sms"`)
	if w := o.get("bruno", "/people/alice"); w.Code != http.StatusForbidden {
		t.Errorf("another's page: %d", w.Code)
	}
	if w := o.post("bruno", "/people/alice", "test", ""); w.Code != http.StatusForbidden || len(o.cards.last) != 0 {
		t.Errorf("a test page to another: %d", w.Code)
	}
	if w := o.get("dominique", "/people/nobody"); w.Code != http.StatusNotFound {
		t.Errorf("nobody: %d", w.Code)
	}
	w := o.follow("bruno", o.post("bruno", "/people/bruno", "test", "sms"))
	has(t, w, `<dd class="good">last proof 03:12</dd>`, `<i class="good">arrived</i>`, "03:12 · you")
	o.clock.pass(paging.ProvenFor + time.Minute)
	has(t, o.get("bruno", "/people/bruno"), `<dd class="warn">unproven for 30 days</dd>`)
	if w := o.post("bruno", "/people/bruno", "test", "pigeon"); w.Code != http.StatusBadRequest {
		t.Errorf("by a pigeon: %d", w.Code)
	}
	o.cards.err = &paging.TooManyTests{Person: "bruno", After: time.Minute}
	has(t, o.follow("bruno", o.post("bruno", "/people/bruno", "test", "")), "Wait a few minutes.")
	o.cards.err = fmt.Errorf("x: %w", paging.ErrNoWay)
	has(t, o.follow("bruno", o.post("bruno", "/people/bruno", "test", "")), "no number and no device")
	o.cards.err = errors.New("no answer")
	if w := o.post("bruno", "/people/bruno", "test", ""); w.Code != http.StatusServiceUnavailable {
		t.Errorf("%d", w.Code)
	}
	hasNot(t, o.get("carla", "/people/carla"), `name="test"`)
}

// TestDevices are shown without their secrets, and removed by whose they are.
func TestDevices(t *testing.T) {
	o := newOffice(t, home)
	d, err := o.store.PutDevice(t.Context(), paging.Device{Person: "bruno", Token: "secret-of-the-push-service", Platform: "ios", At: saturday})
	if err != nil {
		t.Fatal(err)
	}
	w := o.get("bruno", "/people/bruno")
	has(t, w, "iOS", `name="remove" value="`+d.ID+`"`, "registered 03:12")
	hasNot(t, w, "secret-of")
	has(t, w, `<i class="warn">unproven for 30 days</i>`)
	d.ShownAt = saturday.Add(-time.Hour)
	if _, err := o.store.PutDevice(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	has(t, o.get("bruno", "/people/bruno"), `<i class="good">last proof 02:12</i>`, `<dd class="good">last proof 02:12</dd>`)
	hasNot(t, o.get("edith", "/health"), "Bruno Petit")
	has(t, w, `<button name="try" value="`+d.ID+`" aria-label="Test: iOS, `)
	o.follow("bruno", o.post("bruno", "/people/bruno", "try", d.ID))
	if tries := o.cards.last["bruno"].Tries; len(tries) != 1 || tries[0].Address != d.ID {
		t.Errorf("tried: %+v", tries)
	}
	o.follow("alice", o.post("alice", "/people/alice", "remove", d.ID))
	has(t, o.get("bruno", "/people/bruno"), "iOS")
	hasNot(t, o.follow("bruno", o.post("bruno", "/people/bruno", "remove", d.ID)), "iOS</b>")
	o.follow("bruno", o.post("bruno", "/people/bruno", "remove", d.ID))
}

// TestWalls: an address that an admin makes shows what Now shows, and nothing that
// leads elsewhere, until it is revoked.
func TestWalls(t *testing.T) {
	o := newOffice(t, home)
	number := o.alert("HostDown")
	made := o.post("edith", "/walls")
	at := strings.Index(made.Body.String(), "/desk/wall/")
	if made.Code != http.StatusOK || at < 0 {
		t.Fatalf("%d %s", made.Code, made.Body)
	}
	path := strings.TrimPrefix(made.Body.String()[at:at+len("/desk/wall/")+26], "/desk")
	w := o.get("", path)
	has(t, w, "HostDown", number, "Alice Martin", `class="wall"`, `hx-get="/desk`+path+`"`)
	hasNot(t, w, `href="/desk/tickets`, "<form", "<nav", "hx-sse:connect", `href="tel:`)
	if w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("%v", w.Header())
	}
	hasNot(t, o.get("edith", "/walls"), path)
	for _, wrong := range []string{"/wall/" + strings.Repeat("A", 26), "/wall/x", "/wall/" + strings.Repeat("x", 4000), path[:len(path)-1]} {
		if w := o.get("edith", wrong); w.Code != http.StatusNotFound {
			t.Errorf("%.40s: %d", wrong, w.Code)
		}
	}
	if w := o.post("alice", "/walls", "revoke", wallKey(strings.TrimPrefix(path, "/wall/"))); w.Code != http.StatusForbidden {
		t.Errorf("a technician: %d", w.Code)
	}
	has(t, o.get("", path), "HostDown")
	o.follow("dominique", o.post("dominique", "/walls", "revoke", wallKey(strings.TrimPrefix(path, "/wall/"))))
	if w := o.get("", path); w.Code != http.StatusNotFound {
		t.Errorf("revoked: %d", w.Code)
	}
}

// TestWhatOthersShow: a page of another package has the layout, and a person's page
// what stands beside.
func TestWhatOthersShow(t *testing.T) {
	o := newOffice(t, home)
	o.console.beside = func(_ *http.Request, by web.Token, person string) (template.HTML, error) {
		return template.HTML("<b>" + by.Person + " of " + person + "</b>"), nil
	}
	has(t, o.get("dominique", "/people/alice"), "<b>dominique of alice</b>", "Sessions and passkeys")
	was := o.handler
	o.handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := o.console.Show(w, r, web.Token{}, http.StatusTeapot, "Sign in", "<form>x</form>"); err != nil {
			t.Error(err)
		}
	})
	w := o.get("", "/sign-in", "Accept-Language", "it")
	has(t, w, "<title>Sign in · Astreinte</title>", "<form>x</form>", `<html lang="it">`)
	hasNot(t, w, "<nav", "hx-sse:connect", "/sign-out")
	if w.Code != http.StatusTeapot {
		t.Errorf("%d", w.Code)
	}
	o.handler = was
}
