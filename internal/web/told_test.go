package web

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web/look"
)

// says takes an alert in that has annotations, and returns its ticket's number.
func (d *office) says(name, graph string, annotations map[string]string) string {
	d.t.Helper()
	ordered, err := d.engine.Ingest(d.t.Context(), ticket.Batch{Source: "prometheus", Alerts: []ticket.Alert{{
		Source: "prometheus", Fingerprint: name, Status: ticket.Firing, StartsAt: d.clock.Now(), GeneratorURL: graph, Annotations: annotations,
		Labels: map[string]string{"alertname": name, "instance": "srv-db-01", "customer": "acme", "urgency": "critical", "mountpoint": "/var/lib"},
	}}})
	if err != nil || len(ordered.Tickets) != 1 {
		d.t.Fatalf("%v, %v", ordered, err)
	}
	return ordered.Tickets[0]
}

func TestAllThatTheAlertSaid(t *testing.T) {
	d := newDesk(t)
	number := d.says("DiskFull", "https://prometheus.example.com/graph?g0.expr=up&x=1", map[string]string{
		"summary": "the disk is full", "description": "nothing can be <b>written</b>\nany more",
		"runbook_url": "https://wiki.example.com/disk", "dashboard_url": " http://grafana.example.com/d/1 ", "silence": "https://am.example.com/s", "value": "98 %",
	})
	w := d.look(d.linkOf("alice", number))
	const safe = `target="_blank" rel="noopener noreferrer nofollow">`
	has(t, w, "<p>the disk is full</p>", "nothing can be &lt;b&gt;written&lt;/b&gt;\nany more",
		`<a href="https://wiki.example.com/disk" `+safe+`Procédure</a> <small>wiki.example.com<`,
		`<a href="http://grafana.example.com/d/1" `+safe+`Tableau de bord</a>`,
		`<a href="https://prometheus.example.com/graph?g0.expr=up&amp;x=1" `+safe+`Graphique</a>`,
		`<dt>silence</dt><dd><a href="https://am.example.com/s" `+safe, "<dt>value</dt><dd>98 %</dd>", "<dt>mountpoint</dt><dd>/var/lib</dd>")
	for _, link := range regexp.MustCompile(`<a [^>]*>`).FindAllString(w.Body.String(), -1) {
		if !strings.HasSuffix(link, safe) && !strings.HasPrefix(link, `<a href="tel:`) {
			t.Errorf("%s leads out and is not safe", link)
		}
	}
}

// TestForeignAddresses: what is no address of the web is text.
func TestForeignAddresses(t *testing.T) {
	for _, address := range []string{
		"javascript:alert(1)", "JavaScript:alert(1)", " \tjavascript:alert(1)", "java\nscript:alert(1)", "data:text/html,<script>alert(1)</script>",
		"vbscript:x", "file:///etc/passwd", "ftp://example.com/x", "//example.com/x", "/a/token", "?ticket=1", "https:", "https:///x", "http:example.com",
		"https://astreinte.example.net@evil.example/", "tel:+33123", "mailto:x@example.com", "https://exa mple.com/", "blob:https://example.com/1", "",
	} {
		if host, ok := look.Outward(address); ok {
			t.Errorf("%q is opened, at %q", address, host)
		}
		d := newDesk(t)
		number := d.says("Evil", address, map[string]string{"runbook_url": address, "dashboard_url": address, "other": address, "summary": address})
		body := afterStyle(d.look(d.linkOf("alice", number)))
		for _, link := range regexp.MustCompile(`<a href="([^"]*)"`).FindAllStringSubmatch(body, -1) {
			if !strings.HasPrefix(link[1], "tel:") {
				t.Errorf("%q leads to %q", address, link[1])
			}
		}
	}
}

func TestWhomOneCanCall(t *testing.T) {
	d := newDesk(t)
	rules := *d.engine.Rules()
	rules.Customers = append([]escalation.Customer{}, rules.Customers...)
	rules.Customers[0].Phones = []string{"+33240112233", "+33240112244"}
	d.engine.SetRules(&rules)
	number := d.alert("HostDown")
	alice, bruno, dominique := d.linkOf("alice", number), d.linkOf("bruno", number), d.linkOf("dominique", number)
	customer := `<a href="tel:&#43;33240112233"><b>Acme &amp; Fils</b> <small>`
	w := d.look(alice)
	inOrder(t, w, customer, "tel:&#43;33240112244", `<a href="tel:&#43;33612345699"><b>Dominique Roy</b> <small>d&#39;astreinte`)
	lacks(t, w, "33612345601", "33612345602", "+393331234567") // oneself, and who has nothing to do with it
	has(t, d.look(dominique), "tel:&#43;33612345601")
	d.as("bruno", number, escalation.ActAcknowledge)
	has(t, d.look(alice), `<a href="tel:&#43;33612345602"><b>Bruno Petit</b> <small>l&#39;a pris</small>`)
	lacks(t, d.look(bruno), "33612345602")
	d.as("bruno", number, escalation.ActResolve)
	lacks(t, d.look(alice), "tel:")
}

// TestResolvingWhatStillFires says so first, at another place, and changes
// nothing until it is answered.
func TestResolvingWhatStillFires(t *testing.T) {
	d := newDesk(t)
	number := d.alert("HostDown")
	token := d.linkOf("alice", number)
	has(t, d.look(token), `form="ask" name="sure" value="resolve"><`)
	w := d.look(token + "?sure=resolve")
	has(t, w, "Encore en alerte : 1. srv-db-01 HostDown. Si cela ne cesse pas, les appels reprennent.", `name="text"`,
		`<button class="main" form="sure" name="action" value="resolve">Oui, c&#39;est résolu`, "Retour, sans rien changer")
	if n := strings.Count(afterStyle(w), "<button"); n-strings.Count(afterStyle(w), " disabled>") != 2 { // the answer, and the note's
		t.Errorf("%d buttons, and not all but two are disabled", n)
	}
	d.expect(number, ticket.Open, "")
	manual, err := d.engine.OpenByHand(context.Background(), escalation.Draft{
		Kind: ticket.Incident, Title: "a call", Customer: "acme", Actor: ticket.Actor{Kind: ticket.ActorPerson, Name: "bruno"},
	})
	if err != nil {
		t.Fatal(err)
	}
	w = d.look(d.linkOf("carla", manual.Number) + "?sure=resolve")
	has(t, w, "Sì, è risolto")
	lacks(t, w, "Ancora in allarme")
	two := d.alert("DiskFull")
	w = d.look(d.bundleOf("alice", number, two) + "?sure=resolve")
	has(t, w, "Des alertes durent encore pour 2 d&#39;entre eux.", `<button class="main" form="sure" name="action" value="resolve">`)
	d.press(token, "action=resolve")
	lacks(t, d.look(token+"?sure=resolve"), `form="sure"`) // nothing to ask any more
}

// TestTheLatestWord says which source spoke, and how long ago.
func TestTheLatestWord(t *testing.T) {
	d := newDesk(t)
	number := d.alert("HostDown")
	token := d.linkOf("bruno", number)
	d.clock.pass(7 * time.Minute)
	if w := d.press(token, "action=recheck"); w.Code != http.StatusOK {
		t.Fatal(w.Code)
	}
	w := d.look(token + "?done=recheck")
	has(t, w, "Latest word: prometheus, 7 min ago. 1 firing.", "<span>Latest word</span>")
	lacks(t, w, "Check again")
}
