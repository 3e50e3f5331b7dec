package web

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web/look"
)

// look opens a link.
func (d *office) look(token string) *httptest.ResponseRecorder {
	d.t.Helper()
	return d.call("", http.MethodGet, "/a/"+token, "")
}

func has(t *testing.T, w *httptest.ResponseRecorder, wanted ...string) {
	t.Helper()
	for _, text := range wanted {
		if !strings.Contains(w.Body.String(), text) {
			t.Errorf("the page lacks %q:\n%s", text, afterStyle(w))
		}
	}
}

func lacks(t *testing.T, w *httptest.ResponseRecorder, unwanted ...string) {
	t.Helper()
	for _, text := range unwanted {
		if strings.Contains(afterStyle(w), text) {
			t.Errorf("the page has %q:\n%s", text, afterStyle(w))
		}
	}
}

func afterStyle(w *httptest.ResponseRecorder) string {
	_, rest, _ := strings.Cut(w.Body.String(), "</style>")
	return rest
}

func TestPageInThreeLanguages(t *testing.T) {
	d := newDesk(t)
	number := d.alert("HostDown")
	d.clock.pass(12 * time.Minute)
	for person, words := range map[string][]string{
		"alice":     {`lang="fr"`, "CRITIQUE", "depuis 03:12 · 12 min", "Personne ne l&#39;a pris", "04:12 · reste 48 min", "Je prends", "Je commence", "Dernière nouvelle", "Passer", "→ Dominique Roy", "Terminer", "étape 1, tour 1 : vous (sms)"},
		"bruno":     {`lang="en"`, "CRITICAL", "since 03:12 · 12 min", "Nobody has taken it", "04:12 · 48 min left", "I&#39;ll take it", "step 1, round 1: Alice Martin (sms)"},
		"carla":     {`lang="it"`, "CRITICO", "dalle 03:12 · 12 min", "Nessuno l&#39;ha preso", "restano 48 min", "Lo prendo", "passo 1"},
		"dominique": {`lang="fr"`, "CRITIQUE"}, // the desk's
	} {
		w := d.look(d.linkOf(person, number))
		if w.Code != http.StatusOK {
			t.Fatalf("%s: %d %s", person, w.Code, w.Body)
		}
		has(t, w, append(words, "Acme &amp; Fils · Givrand", "<h1>srv-db-01 HostDown</h1>", number)...)
	}
}

// TestPreview: whoever fetches the page for a preview learns nothing from what
// previews show, and caches keep nothing.
func TestPreview(t *testing.T) {
	d := newDesk(t)
	w := d.look(d.linkOf("alice", d.alert("HostDown")))
	head, _, _ := strings.Cut(w.Body.String(), "</head>")
	for _, secret := range []string{"srv-db-01", "HostDown", "Acme", "Givrand", "I261121", "CRITIQUE", "og:", "description"} {
		if strings.Contains(head, secret) {
			t.Errorf("the head has %q", secret)
		}
	}
	has(t, w, "<title>Astreinte</title>", `content="noindex, nofollow"`)
	style := regexp.MustCompile(`(?s)<style>(.*)</style>`).FindStringSubmatch(head)
	sum, script, other, third := sha256.Sum256([]byte(style[1])), sha256.Sum256([]byte(hereJS)), sha256.Sum256([]byte(doingJS)), sha256.Sum256([]byte(waitsJS))
	for name, want := range map[string]string{
		"Cache-Control": "no-store", "Referrer-Policy": "same-origin", "X-Robots-Tag": "noindex, nofollow", "X-Content-Type-Options": "nosniff",
		"Content-Type": "text/html; charset=utf-8",
		"Content-Security-Policy": "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
			"'; script-src 'sha256-" + base64.StdEncoding.EncodeToString(script[:]) + "' 'sha256-" + base64.StdEncoding.EncodeToString(other[:]) + "' 'sha256-" +
			base64.StdEncoding.EncodeToString(third[:]) + "'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
	} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if n := strings.Count(w.Body.String(), "<script"); n != 1 {
		t.Errorf("the page has %d scripts", n)
	}
	for _, outside := range []string{"http://", "https://", "//", "src=", "style=", "onclick", "<link", "url("} {
		if strings.Contains(w.Body.String(), outside) {
			t.Errorf("the page has %q", outside)
		}
	}
}

func TestLookingChangesNothing(t *testing.T) {
	d := newDesk(t)
	number := d.alert("HostDown")
	token := d.linkOf("alice", number)
	before, err := d.store.View(t.Context(), number)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var calls []string
	d.store.Fail(func(op string) storetest.Fault {
		mu.Lock()
		defer mu.Unlock()
		calls = append(calls, op)
		return storetest.NoFault
	})
	for _, address := range []string{token, token + "?done=acknowledge", token + "?action=acknowledge"} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			if w := d.call("", method, "/a/"+address, ""); w.Code != http.StatusOK {
				t.Errorf("%s %s: %d", method, address, w.Code)
			}
		}
	}
	if w := d.call("", http.MethodDelete, "/a/"+token, ""); w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, HEAD, POST" {
		t.Errorf("DELETE: %d, Allow %q", w.Code, w.Header().Get("Allow"))
	}
	for _, op := range calls {
		if op != "Link" && op != "View" {
			t.Errorf("looking called %s", op)
		}
	}
	after, err := d.store.View(t.Context(), number)
	if err != nil || len(after.Timeline) != len(before.Timeline) || after.Ticket.State != ticket.Open {
		t.Errorf("looking changed the ticket: %+v", after)
	}
}

func TestEscaping(t *testing.T) {
	d := newDesk(t)
	const evil = `<script>alert("1")</script>`
	number := d.alert(evil, "instance", `"><img src=x>`, "site", `</dd>&`, "customer", "acme")
	token := d.linkOf("alice", number)
	d.press(token, url.Values{"action": {"note"}, "text": {evil + "\xff"}}.Encode())
	w := d.look(token + "?done=" + url.QueryEscape(evil))
	lacks(t, w, "<script>", "<img", "</dd>&", `"done`, "script>alert")
	has(t, w, "&lt;script&gt;alert(&#34;1&#34;)&lt;/script&gt;\uFFFD", "&#34;&gt;&lt;img src=x&gt;")
	if _, _, found := strings.Cut(w.Body.String(), "alert(&#34;1"); !found {
		t.Error("the title is gone")
	}
}

func TestButtons(t *testing.T) {
	d := newDesk(t)
	number := d.alert("HostDown")
	token := d.linkOf("alice", number)
	for _, step := range []struct {
		form, done string
		state      ticket.State
		shows      []string
		hides      []string
	}{
		{"action=recheck", "recheck", ticket.Open, []string{"Dernière nouvelle : prometheus, il y a &lt; 1 min. 1 en alerte.", "<p>1 en alerte, dernière nouvelle 03:12</p>"}, nil},
		{"action=escalate", "escalate", ticket.Open, []string{"Passé. On appelle : Dominique Roy.", `value="escalate" disabled><span>Passer</span><small>plus personne à appeler`, "étape 2, tour 1 : Dominique Roy (sms)"}, nil},
		{"action=note&text=+disque+mort+", "note", ticket.Open, []string{"Note par vous (par lien)<p>disque mort</p>"}, nil},
		{"action=note&text=+", "empty", ticket.Open, []string{"la note était vide"}, nil},
		{"action=acknowledge", "acknowledge", ticket.Acknowledged, []string{"Pris par vous · 03:12", `class="main" form="act" name="action" value="pickup"><`, `value="acknowledge" disabled`, `form="ask" name="sure" value="escalate"><`}, []string{"Prochain appel"}},
		{"action=acknowledge", "acknowledge", ticket.Acknowledged, nil, nil}, // again: harmless
		{"action=pickup", "pickup", ticket.InProgress, []string{"Commencé par vous · 03:12", "04:12 · tenue", `value="pickup" disabled`}, nil},
		{"action=resolve&text=remplac%C3%A9", "resolve", ticket.StateResolved, []string{"Résolu par vous", `class="main" form="act" name="action" value="undo"><`, "<p>remplacé</p>", `value="resolve" disabled`, `value="escalate" disabled`}, nil},
		{"action=acknowledge", "over", ticket.StateResolved, []string{"c&#39;est terminé"}, nil},
		{"action=undo", "undo", ticket.InProgress, []string{"tout est comme avant", `value="undo" disabled`}, nil},
		{"action=undo", "late", ticket.InProgress, []string{"trop tard"}, nil},
	} {
		w := d.press(token, step.form)
		if want := "/desk/a/" + token + "?done=" + step.done; w.Code != http.StatusOK || w.Header().Get("Content-Location") != want {
			t.Fatalf("%s: %d to %q, want %q", step.form, w.Code, w.Header().Get("Content-Location"), want)
		}
		if got := d.ticket(number); got.State != step.state {
			t.Fatalf("%s: %s, want %s", step.form, got.State, step.state)
		}
		page := d.look(token + "?done=" + step.done)
		has(t, page, step.shows...)
		lacks(t, page, step.hides...)
	}
	for _, form := range []string{"", "action=close", "action=reopen", "action=assign", "action=%zz"} {
		if w := d.press(token, form); w.Code != http.StatusBadRequest {
			t.Errorf("%q: %d", form, w.Code)
		}
	}
	if w := d.press(token, "action=note&text="+strings.Repeat("x", bodyLimit)); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("a long note: %d", w.Code)
	}
	d.store.Fail(storetest.On(storetest.FailBefore, "Commit"))
	if w := d.press(token, "action=resolve"); w.Code != http.StatusServiceUnavailable || strings.Contains(w.Body.String(), "HostDown") {
		t.Errorf("what cannot be written: %d %s", w.Code, w.Body)
	}
}

func TestTakenByAnother(t *testing.T) {
	d := newDesk(t)
	number := d.alert("HostDown")
	alice, bruno := d.linkOf("alice", number), d.linkOf("bruno", number)
	d.clock.pass(2 * time.Minute)
	d.press(alice, "action=acknowledge")
	d.clock.pass(time.Minute)
	w := d.press(bruno, "action=acknowledge")
	if w.Header().Get("Content-Location") != "/desk/a/"+bruno+"?done=taken" {
		t.Fatalf("%d %v", w.Code, w.Header())
	}
	page := d.look(bruno + "?done=taken")
	has(t, page, "Nothing was done: taken by Alice Martin at 03:14.", "Taken by Alice Martin · 03:14", `value="acknowledge" disabled`, `<button form="act" name="action" value="pickup"><`)
	has(t, d.look(bruno+"?sure=escalate"), "passing it on takes it back", "It would call: Dominique Roy.", `<button class="main" form="sure" name="action" value="escalate">Yes, pass it on`)

	w = d.press(bruno, "action=acknowledge", "Accept", "application/json")
	got := decode[errorBody](t, w).Error
	if w.Code != http.StatusConflict || got.Code != "state" || got.By != "alice" || got.State != ticket.Acknowledged {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	d.press(alice, "action=pickup")
	if w := d.press(bruno, "action=pickup"); w.Header().Get("Content-Location") != "/desk/a/"+bruno+"?done=taken" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}

func TestLinkInJSON(t *testing.T) {
	d := newDesk(t)
	number := d.alert("HostDown")
	token := d.linkOf("alice", number)
	w := d.press(token, "action=pickup", "Accept", "text/plain, application/json")
	got := decode[ticketBody](t, w)
	if w.Code != http.StatusOK || got.Number != number || got.State != ticket.InProgress || got.PickedUpBy != "alice" || len(got.Timeline) == 0 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if e := got.Timeline[len(got.Timeline)-1]; e.Via != "link" || e.Actor.Kind != ticket.ActorPerson {
		t.Errorf("%+v", e)
	}
	w = d.press("nonsense", "action=pickup", "Accept", "application/json")
	if got := decode[errorBody](t, w).Error; w.Code != http.StatusNotFound || got.Code != "not_found" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestUnknownLink(t *testing.T) {
	d := newDesk(t)
	number := d.alert("HostDown")
	left, lost := d.linkOf("zoe", number), d.linkOf("alice", "I261121_9999")
	for _, token := range []string{"nonsense", left, lost, "a/b"} {
		w := d.look(token)
		if w.Code != http.StatusNotFound || w.Header().Get("Content-Security-Policy") == "" {
			t.Errorf("%s: %d %v", token, w.Code, w.Header())
		}
		has(t, w, "n&#39;est plus valable", `lang="fr"`)
		lacks(t, w, number, "HostDown", "button")
	}
	if w := d.press(left, "action=acknowledge"); w.Code != http.StatusNotFound || d.ticket(number).State != ticket.Open {
		t.Errorf("somebody who left acknowledged: %d", w.Code)
	}
}

func TestClosedIsOver(t *testing.T) {
	d := newDesk(t)
	number := d.alert("HostDown")
	token, other := d.linkOf("bruno", number), d.linkOf("alice", number)
	d.as("bruno", number, escalation.ActResolve, escalation.ActClose)
	isOver := func(what string, w *httptest.ResponseRecorder) {
		t.Helper()
		if w.Code != http.StatusGone {
			t.Errorf("%s: %d", what, w.Code)
		}
		lacks(t, w, number, "srv-db-01", "HostDown", "ACME", "Bruno", "<form", "<button", "03:12")
	}
	d.clock.pass(ticket.LinkRests - time.Second)
	for token, words := range map[string]string{token: "C&#39;est terminé.", other: "C&#39;est terminé."} {
		page := d.look(token)
		isOver("a look", page)
		has(t, page, words)
	}
	for _, action := range buttons {
		if action == escalation.ActNote {
			continue
		}
		isOver(string(action), d.press(token, "text=x&action="+string(action)))
		w := d.press(token, "text=x&action="+string(action), "Accept", "application/json")
		isOver(string(action)+" in JSON", w)
		if got := decode[errorBody](t, w).Error; got.Code != "over" || got.State != "" || got.By != "" {
			t.Errorf("%s: %+v", action, got)
		}
	}
	if view, err := d.store.View(t.Context(), number); err != nil || view.Timeline[len(view.Timeline)-1].Kind != ticket.EntryClosed {
		t.Errorf("something was written: %+v", view.Timeline)
	}
	// A note is kept, marked late, and nothing is told of the ticket.
	w := d.press(token, "text=found+it&action=note")
	if to := w.Header().Get("Location"); w.Code != http.StatusSeeOther || !strings.HasSuffix(to, "?done=note") {
		t.Errorf("a note: %d to %s", w.Code, to)
	}
	kept := d.look(token + "?done=note")
	isOver("the page after a note", kept)
	has(t, kept, "La note est sur le ticket.")
	if w := d.press(token, "text=and+more&action=note", "Accept", "application/json"); w.Code != http.StatusOK || strings.TrimSpace(w.Body.String()) != `{"done":1,"unchanged":0,"tickets":[]}` {
		t.Errorf("a note in JSON: %d %s", w.Code, w.Body)
	}
	view, err := d.store.View(t.Context(), number)
	if last := view.Timeline[len(view.Timeline)-1]; err != nil || last.Detail != ticket.SaidLate || last.Text != "and more" {
		t.Errorf("the note: %+v", last)
	}
	d.clock.pass(time.Second)
	unknown := d.look("nonsense")
	for what, w := range map[string]*httptest.ResponseRecorder{
		"a look": d.look(token), "a button": d.press(token, "action=acknowledge"), "a note": d.press(token, "action=note&text=x"),
	} {
		if w.Code != http.StatusNotFound || w.Body.String() != unknown.Body.String() {
			t.Errorf("%s, 30 days later: %d, and not what an unknown link says", what, w.Code)
		}
	}
}

// A ticket that is open for a year has links that work.
func TestAnOldTicketsLinkWorks(t *testing.T) {
	d := newDesk(t)
	number := d.alert("HostDown")
	token := d.linkOf("bruno", number)
	d.clock.pass(365 * 24 * time.Hour)
	if w := d.press(token, "action=acknowledge"); w.Code != http.StatusOK {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	has(t, d.look(token), "srv-db-01 HostDown", "Taken")
	d.expect(number, ticket.Acknowledged, "bruno")
}

// A bundle's link shows what is not closed, and ends with its last ticket.
func TestABundleOfWhichSomeAreClosed(t *testing.T) {
	d := newDesk(t)
	first, second := d.alert("HostDown"), d.alert("DiskFull")
	token := d.bundleOf("bruno", first, second)
	d.as("bruno", first, escalation.ActResolve, escalation.ActClose)
	page := d.look(token)
	has(t, page, second)
	lacks(t, page, first)
	if w := d.look(token + "?ticket=" + first); w.Code != http.StatusGone {
		t.Errorf("the closed one: %d", w.Code)
	}
	d.clock.pass(ticket.LinkRests)
	d.as("bruno", second, escalation.ActResolve, escalation.ActClose)
	if w := d.look(token); w.Code != http.StatusGone {
		t.Errorf("all are closed: %d", w.Code)
	}
	lacks(t, d.look(token), first, second)
	d.clock.pass(ticket.LinkRests)
	if w := d.look(token); w.Code != http.StatusNotFound {
		t.Errorf("30 days after the last: %d", w.Code)
	}
}

// TestOutcomesHaveWords: each is said, and described.
func TestOutcomesHaveWords(t *testing.T) {
	english := &lang.In("en").Page
	for _, code := range append(append([]escalation.Action{}, buttons...), look.DoneTaken, look.DoneOver, look.DoneLate, look.DoneEmpty, look.DoneMany, look.DoneStale, look.DoneNobody) {
		if english.Outcomes[string(code)] == "" {
			t.Errorf("no words for the outcome %s", code)
		}
	}
	for _, action := range buttons {
		if english.OutcomesOfAll[string(action)] == "" {
			t.Errorf("no words for all of a bundle: %s", action)
		}
	}
	described := readDocument(t)
	get := described.at(described.root, "paths", "/a/{token}", "get")
	enum := get["parameters"].([]any)[0].(node)["schema"].(node)["enum"].([]any)
	for code := range english.Outcomes {
		if !slices.Contains(enum, any(code)) || !slices.Contains(enum, any(look.DoneBusy)) {
			t.Errorf("the outcome %s is not described", code)
		}
	}
}

func TestViews(t *testing.T) {
	d := newDesk(t)
	manyPages := make([]ticket.Entry, look.ShownEntries+3)
	for i := range manyPages {
		manyPages[i] = ticket.Entry{At: saturday, Kind: ticket.EntryPaged}
	}
	view := ticket.View{
		Ticket: ticket.Ticket{
			Number: "I261120_0007", State: ticket.Open, Urgency: ticket.Major, OpenedAt: saturday.Add(-26 * time.Hour), Firing: 12, Title: " ",
			GTI: ticket.GTI{DueAt: saturday.Add(-time.Hour), Within: time.Hour},
		},
		Alerts: make([]ticket.AlertRecord, 10), Timeline: manyPages,
	}
	bruno := contacts.Person{Key: "bruno", Language: "en-GB"}
	p := d.server.pageOf(&view, bruno, nil, look.Check{})
	if p.Title != "I261120_0007" || p.Since != "since 20/11 01:12 · 1 d 2 h" || p.GTI != "02:12 · missed" || p.GTIClass != "missed" || p.Where != "" {
		t.Errorf("%+v", p)
	}
	if len(p.Alerts) != look.ShownAlerts || p.MoreAlerts != 4 || len(p.Entries) != look.ShownEntries || p.MoreEntries != 3 {
		t.Errorf("%d alerts and %d, %d entries and %d", len(p.Alerts), p.MoreAlerts, len(p.Entries), p.MoreEntries)
	}
	view.Ticket.GTI.DueAt = saturday.Add(10 * time.Minute)
	if p := d.server.pageOf(&view, bruno, url.Values{"done": {look.DoneTaken}}, look.Check{}); p.GTIClass != "close" || p.Bar.Said != lang.In("en").Page.Outcomes[look.DoneTaken] || !p.Bar.Bad {
		t.Errorf("%+v", p)
	}
}
