package web

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// bundleOf files a link that stands for these tickets and returns its token.
func (d *office) bundleOf(person string, numbers ...string) string {
	d.t.Helper()
	token := "b9J3x2QpLm7T" + person
	l := paging.Link{Person: person, Ticket: "bundle " + token, At: d.clock.Now()}
	for _, number := range numbers {
		l.Bundle = append(l.Bundle, ticket.Ref{Source: "prometheus", Number: number})
	}
	if _, err := d.store.Reserve(d.t.Context(), paging.Reservation{Hash: paging.LinkHash(token), Link: l}); err != nil {
		d.t.Fatal(err)
	}
	return token
}

func (d *office) as(person, number string, actions ...escalation.Action) {
	d.t.Helper()
	for _, action := range actions {
		a := escalation.Acted{Action: action, Actor: ticket.Actor{Kind: ticket.ActorPerson, Name: person}, Via: "sms"}
		if _, err := d.engine.Act(d.t.Context(), number, a); err != nil {
			d.t.Fatal(err)
		}
	}
}

func (d *office) expect(number string, state ticket.State, by string) {
	d.t.Helper()
	if t := d.ticket(number); t.State != state || t.AcknowledgedBy.Person() != by {
		d.t.Errorf("%s: %s by %q, want %s by %q", number, t.State, t.AcknowledgedBy.Person(), state, by)
	}
}

func inOrder(t *testing.T, w *httptest.ResponseRecorder, wanted ...string) {
	t.Helper()
	rest := afterStyle(w)
	for _, text := range wanted {
		_, after, found := strings.Cut(rest, text)
		if !found {
			t.Fatalf("the page lacks %q, or not after what stands before it:\n%s", text, afterStyle(w))
		}
		rest = after
	}
}

func TestBundle(t *testing.T) {
	d := newDesk(t)
	over := d.alert("Solved", "urgency", "critical")
	d.as("alice", over, escalation.ActResolve)
	taken := d.alert("Taken", "urgency", "critical")
	d.as("bruno", taken, escalation.ActAcknowledge)
	minor := d.alert("Slow", "urgency", "minor", "customer", "bellac", "site", "")
	d.clock.pass(10 * time.Minute)
	critical, major := d.alert("HostDown", "urgency", "critical"), d.alert("DiskFull", "urgency", "major")
	token := d.bundleOf("alice", over, minor, taken, major, critical)
	w := d.look(token)
	if w.Code != http.StatusOK {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	inOrder(t, w, `<body class="whole u-critical">`, "CRITIQUE", "depuis 03:12 · 10 min", "<h1>5 tickets</h1>",
		"Personne ne les a pris</dt><dd>3<", "Pris</dt><dd>1<", "Terminés</dt><dd>1<",
		critical, "<b>srv-db-01 HostDown</b>", "CRITIQUE · Acme &amp; Fils · Givrand · depuis 03:22", "Personne ne l&#39;a pris", "GTI 04:22 · reste 1 h 00",
		major, "MAJEUR", minor, "MINEUR · Bellac · depuis 03:12", taken, "Pris par Bruno Petit · 03:12", over, "Résolu par vous · 03:12",
		`Personne ne les a pris (3) · Pris (1) · Terminés (1)`,
		`class="main" form="act" name="action" value="acknowledge"><span>Je prends tout (3)`, "Je commence tout (3)", "Dernières nouvelles (4)", "Tout passer (3)", "→ Dominique Roy", "Tout terminer (3)", `value="undo" disabled><span>Annuler les résolutions<`)
	has(t, w, `<a href="?ticket=`+critical+`">`, `<li class="u-over"><a href="?ticket=`+over)
	head, _, _ := strings.Cut(w.Body.String(), "</head>")
	for _, secret := range []string{"HostDown", "Acme", "Givrand", "I261121", "CRITIQUE", "tickets"} {
		if strings.Contains(head, secret) {
			t.Errorf("the head has %q", secret)
		}
	}
	if got := w.Header().Get("Content-Security-Policy"); !strings.HasPrefix(got, "default-src 'none'; style-src 'sha256-") {
		t.Errorf("policy %q", got)
	}
	has(t, d.look(d.bundleOf("bruno", critical, taken)), `lang="en"`, "2 tickets", "I&#39;ll take all (1)", "I&#39;m starting all (2)", "Taken by you · 03:12")
	has(t, d.look(d.bundleOf("carla", critical, taken)), `lang="it"`, "2 ticket", "Prendo tutto (1)", "Preso da Bruno Petit")
}

func TestOneOfABundle(t *testing.T) {
	d := newDesk(t)
	one, two, foreign := d.alert("HostDown"), d.alert("DiskFull"), d.alert("Elsewhere")
	token := d.bundleOf("alice", one, two)
	w := d.look(token + "?ticket=" + two)
	has(t, w, "<h1>srv-db-01 DiskFull</h1>", `value="acknowledge"><span>Je prends<`, `<a href="?">← 2 tickets</a>`)
	lacks(t, w, "HostDown", one)
	lacks(t, d.look(d.linkOf("alice", one)), `class="back"`)
	for _, name := range []string{foreign, "", "I261121_9999", "%3Cscript%3E", "bundle+" + token} {
		if w := d.look(token + "?ticket=" + name); w.Code != http.StatusNotFound {
			t.Errorf("%q is shown: %d", name, w.Code)
		}
		for _, form := range []string{"action=acknowledge", "action=acknowledge&ticket=" + name} {
			if w := d.press(token+"?ticket="+name, form); w.Code != http.StatusNotFound {
				t.Errorf("%q is acted on: %d", name, w.Code)
			}
		}
		if w := d.press(token, "action=acknowledge&ticket="+name); w.Code != http.StatusNotFound {
			t.Errorf("%q in the form is acted on: %d", name, w.Code)
		}
	}
	for _, number := range []string{one, two, foreign} {
		d.expect(number, ticket.Open, "")
	}
	w = d.press(token+"?ticket="+two, "action=acknowledge")
	if want := "/desk/a/" + token + "?done=acknowledge&ticket=" + two; w.Code != http.StatusOK || w.Header().Get("Content-Location") != want {
		t.Errorf("%d to %q, want %q", w.Code, w.Header().Get("Content-Location"), want)
	}
	d.expect(one, ticket.Open, "")
	d.expect(two, ticket.Acknowledged, "alice")
	has(t, d.look(token+"?done=acknowledge&ticket="+two), "C&#39;est à vous.", "Pris par vous")
	w = d.press(token, "action=pickup&ticket="+two, "Accept", "application/json")
	if got := decode[ticketBody](t, w); got.Number != two || got.State != ticket.InProgress {
		t.Errorf("%s", w.Body)
	}
	if w := d.look(d.linkOf("bruno", one) + "?ticket=" + two); w.Code != http.StatusNotFound {
		t.Errorf("a link shows another's ticket: %d", w.Code)
	}
}

func TestButtonsForAll(t *testing.T) {
	d := newDesk(t)
	mine, theirs, over := []string{d.alert("A"), d.alert("B"), d.alert("C")}, d.alert("Theirs"), d.alert("Over")
	d.as("bruno", theirs, escalation.ActAcknowledge)
	d.as("bruno", over, escalation.ActResolve)
	outside := d.alert("Outside")
	token := d.bundleOf("alice", append([]string{theirs, over}, mine...)...)
	for _, step := range []struct {
		form, done string
		state      ticket.State
		shows      string
	}{
		{"action=recheck", "done=recheck&left=1&n=4", ticket.Open, "Vérifiés : 4. Laissés tels quels : 1 ("},
		{"action=note&text=+orage+", "done=note&left=0&n=5", ticket.Open, "La note est sur les tickets : 5."},
		{"action=note&text=+", "done=empty", ticket.Open, "la note était vide"},
		{"action=escalate", "done=escalate&left=2&n=3", ticket.Open, "Passés : 3."},
		{"action=undo", "done=undo&left=5&n=0", ticket.Open, `<div class="said bad" role="status"><p>Rien n&#39;a changé. Laissés tels quels : 5`},
		{"action=acknowledge", "done=acknowledge&left=2&n=3", ticket.Acknowledged, "C&#39;est à vous : 3. Touchez"},
		{"action=acknowledge", "done=acknowledge&left=2&n=3", ticket.Acknowledged, "C&#39;est à vous : 3."}, // again: harmless
		{"action=pickup", "done=pickup&left=2&n=3", ticket.InProgress, "En cours et à vous : 3."},
		{"action=resolve&text=courant+revenu", "done=resolve&left=2&n=3", ticket.StateResolved, "Résolus : 3."},
		{"action=resolve", "done=resolve&left=2&n=3", ticket.StateResolved, "Annuler les résolutions (3)"},
		{"action=acknowledge", "done=acknowledge&left=5&n=0", ticket.StateResolved, "Rien n&#39;a changé."},
		{"action=undo", "done=undo&left=2&n=3", ticket.InProgress, "Plus résolus : 3."},
	} {
		w := d.press(token, step.form)
		if want := "/desk/a/" + token + "?" + step.done; w.Code != http.StatusOK || w.Header().Get("Content-Location") != want {
			t.Fatalf("%s: %d to %q, want %q", step.form, w.Code, w.Header().Get("Content-Location"), want)
		}
		for _, number := range mine {
			if got := d.ticket(number); got.State != step.state {
				t.Fatalf("%s: %s is %s, want %s", step.form, number, got.State, step.state)
			}
		}
		has(t, d.look(token+"?"+step.done), step.shows)
		d.expect(theirs, ticket.Acknowledged, "bruno")
		if got := d.ticket(over); got.State != ticket.StateResolved || got.ResolvedBy.Person() != "bruno" {
			t.Fatalf("%s: bruno's resolve was touched: %+v", step.form, got)
		}
		d.expect(outside, ticket.Open, "")
	}
	view, err := d.store.View(t.Context(), mine[0])
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, e := range view.Timeline {
		if e.Via == "link" {
			said = append(said, fmt.Sprintf("%s %s %s", e.Kind, e.Actor.Name, lang.In("en").Told(&e, lang.Reader{})))
		}
	}
	if got, want := strings.Join(said, "; "), "recheck alice 1 firing, last heard of 2026-11-21T02:12:00Z; note alice orage; escalated alice ; acknowledged alice ; picked_up alice ; resolved alice courant revenu; resolve_undone alice "; got != want {
		t.Errorf("timeline:\n%s, want\n%s", got, want)
	}
	for _, form := range []string{"", "action=close", "action=reopen", "action=assign", "action=%zz"} {
		if w := d.press(token, form); w.Code != http.StatusBadRequest {
			t.Errorf("%q: %d", form, w.Code)
		}
	}
}

// slowly is a store that lets something happen right after it was read.
type slowly struct {
	Store
	then func()
}

func (s *slowly) Load(ctx context.Context, source string, numbers []string) ([]ticket.Record, error) {
	records, err := s.Store.Load(ctx, source, numbers)
	s.then()
	return records, err
}

// TestTakenMeanwhile: somebody takes a ticket between the look at the list and
// the button.
func TestTakenMeanwhile(t *testing.T) {
	store := &slowly{}
	d := newDesk(t, func(o *Options) { store.Store, o.Store = o.Store, store })
	one, two := d.alert("HostDown"), d.alert("DiskFull")
	token := d.bundleOf("alice", one, two)
	store.then = sync.OnceFunc(func() { d.as("bruno", two, escalation.ActAcknowledge) })
	w := d.press(token, "action=acknowledge", "Accept", "application/json")
	got := decode[bundleBody](t, w)
	if w.Code != http.StatusOK || got.Done != 1 || got.Unchanged != 1 || len(got.Tickets) != 2 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	for _, b := range got.Tickets {
		if want := map[string]string{one: "alice", two: "bruno"}[b.Number]; b.State != ticket.Acknowledged || b.AcknowledgedBy != want || b.Timeline != nil {
			t.Errorf("%+v", b)
		}
	}
}

// TestBundleFlashIsNotForged: an address alone says nothing that no button leads to.
func TestBundleFlashIsNotForged(t *testing.T) {
	d := newDesk(t)
	token := d.bundleOf("alice", d.alert("HostDown"), d.alert("DiskFull"))
	for _, query := range []string{
		"done=acknowledge", "done=acknowledge&n=x&left=0", "done=acknowledge&n=3&left=0", "done=acknowledge&n=-1&left=0",
		"done=acknowledge&n=1&left=2", "done=taken&n=1&left=1", "done=%3Cb%3E&n=1&left=1", "done=acknowledge&n=9223372036854775807&left=1",
	} {
		w := d.look(token + "?" + query)
		lacks(t, w, "à vous : ", "<b>1")
		if w.Code != http.StatusOK {
			t.Errorf("%s: %d", query, w.Code)
		}
	}
}

func TestBundleEscaping(t *testing.T) {
	d := newDesk(t)
	const evil = `<script>alert("1")</script>`
	one := d.alert(evil, "instance", `"><img src=x>`, "site", `</dd>&`, "customer", "acme")
	two := d.alert("Long", "instance", strings.Repeat("é", 300))
	w := d.look(d.bundleOf("alice", one, two))
	lacks(t, w, "<script>", "<img", "</dd>&", strings.Repeat("é", 121))
	has(t, w, "&#34;&gt;&lt;img src=x&gt;", "&lt;script&gt;alert(&#34;1&#34;)&lt;/script&gt;", strings.Repeat("é", 120)+"…")
}

// many opens tickets in one batch.
func (d *office) many(n int) []string {
	d.t.Helper()
	b := ticket.Batch{Source: "prometheus"}
	for i := range n {
		name := fmt.Sprintf("Down%03d", i)
		b.Alerts = append(b.Alerts, ticket.Alert{
			Source: "prometheus", Fingerprint: name, Status: ticket.Firing, StartsAt: d.clock.Now(),
			Labels: map[string]string{"alertname": name, "instance": "srv-web-" + name, "customer": "acme", "site": "Givrand", "urgency": "major"},
		})
	}
	ordered, err := d.engine.Ingest(d.t.Context(), b)
	if err != nil || len(ordered.Tickets) != n {
		d.t.Fatalf("%d tickets of %d, %v", len(ordered.Tickets), n, err)
	}
	return ordered.Tickets
}

func TestBundleOfFiveHundred(t *testing.T) {
	d := newDesk(t)
	numbers := d.many(500)
	d.as("bruno", numbers[499], escalation.ActAcknowledge)
	token := d.bundleOf("alice", numbers...)
	var mu sync.Mutex
	calls := map[string]int{}
	d.store.Fail(func(op string) storetest.Fault {
		mu.Lock()
		defer mu.Unlock()
		calls[op]++
		return storetest.NoFault
	})
	w := d.look(token)
	if w.Code != http.StatusOK || strings.Count(w.Body.String(), "<li ") != 500 {
		t.Fatalf("%d, %d lines", w.Code, strings.Count(w.Body.String(), "<li "))
	}
	if calls["Link"] != 1 || calls["Load"] != 1 || len(calls) != 2 {
		t.Errorf("looking called %v", calls)
	}
	packed := d.call("", http.MethodGet, "/a/"+token, "", "Accept-Encoding", "br, gzip")
	plain, err := gzip.NewReader(packed.Body)
	if err != nil || packed.Header().Get("Content-Encoding") != "gzip" {
		t.Fatalf("%v, %v", packed.Header(), err)
	}
	size := packed.Body.Len()
	text, err := io.ReadAll(plain)
	if err != nil || string(text) != w.Body.String() {
		t.Errorf("it is another page compressed: %v", err)
	}
	if t.Logf("%d bytes, %d compressed", w.Body.Len(), size); w.Body.Len() > 200<<10 || size > 20<<10 {
		t.Errorf("the page has %d bytes, %d compressed", w.Body.Len(), size)
	}
	w = d.press(token, "action=acknowledge", "Accept", "application/json")
	if got := decode[bundleBody](t, w); got.Done != 499 || got.Unchanged != 1 || len(got.Tickets) != 500 {
		t.Errorf("%d done, %d unchanged", got.Done, got.Unchanged)
	}
	for i, number := range numbers {
		d.expect(number, ticket.Acknowledged, map[bool]string{true: "bruno", false: "alice"}[i == 499])
	}
}

// TestBundleAndABrokenStore: nobody is told that something was taken that was not.
func TestBundleAndABrokenStore(t *testing.T) {
	d := newDesk(t)
	numbers := d.many(5)
	token := d.bundleOf("alice", numbers...)
	d.store.Fail(storetest.On(storetest.FailBefore, "Load"))
	if w := d.look(token); w.Code != http.StatusServiceUnavailable {
		t.Errorf("looking: %d", w.Code)
	}
	for _, broken := range []string{"Load", "Locate", "Commit"} {
		d.store.Fail(storetest.On(storetest.FailBefore, broken))
		w := d.press(token, "action=acknowledge")
		if w.Code != http.StatusServiceUnavailable {
			t.Errorf("%s fails: %d to %q", broken, w.Code, w.Header().Get("Content-Location"))
		}
		has(t, w, "peut-être pas enregistrée")
		if w := d.press(token, "action=acknowledge", "Accept", "application/json"); decode[errorBody](t, w).Error.Code != "unavailable" {
			t.Errorf("%s fails: %s", broken, w.Body)
		}
	}
	d.store.Fail(nil)
	if w := d.press(token, "action=acknowledge"); !strings.HasSuffix(w.Header().Get("Content-Location"), "left=0&n=5") {
		t.Errorf("%d to %q", w.Code, w.Header().Get("Content-Location"))
	}
}

// TestAPhoneThatGoesAway: a network that is lost half way does not leave half
// of the tickets open.
func TestAPhoneThatGoesAway(t *testing.T) {
	d := newDesk(t)
	numbers := d.many(100)
	token := d.bundleOf("alice", numbers...)
	ctx, hangUp := context.WithCancel(t.Context())
	d.store.Fail(func(op string) storetest.Fault {
		if op == "Locate" {
			hangUp()
		}
		return storetest.NoFault
	})
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/a/"+token, strings.NewReader(url.Values{"action": {"acknowledge"}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	d.send(r)
	for _, number := range numbers {
		d.expect(number, ticket.Acknowledged, "alice")
	}
}

func TestBundleOfNobodyAndNothing(t *testing.T) {
	d := newDesk(t)
	number := d.alert("HostDown")
	for _, token := range []string{d.bundleOf("zoe", number), d.bundleOf("alice", "I261121_9998", "I261121_9999")} {
		if w := d.look(token); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", token, w.Code)
		}
		if w := d.press(token, "action=acknowledge"); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", token, w.Code)
		}
	}
	d.expect(number, ticket.Open, "")
	token := d.bundleOf("bruno", number, "I261121_9999") // one is gone
	has(t, d.look(token), "HostDown")
	if w := d.press(token, "action=acknowledge"); !strings.HasSuffix(w.Header().Get("Content-Location"), "left=0&n=1") {
		t.Errorf("%d to %q", w.Code, w.Header().Get("Content-Location"))
	}
}
