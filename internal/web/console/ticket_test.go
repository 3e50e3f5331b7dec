package console

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web"
	"github.com/astreinte/astreinte/paging"
)

// TestATicket shows all that is known of it, and opens no address but the web's.
func TestATicket(t *testing.T) {
	o := newOffice(t, home)
	number := o.alert("HostDown")
	w := o.get("bruno", "/tickets/"+number)
	has(t, w, "CRITICAL", "Acme &amp; Fils · Givrand", "srv-db-01", "nothing is heard of &lt;b&gt;it&lt;/b&gt;", "round-the-clock", "prometheus",
		`href="https://wiki.example.com/down" target="_blank" rel="noopener noreferrer nofollow"`, `href="https://prometheus.example.com/graph?g0.expr=up"`,
		`href="tel:&#43;33240112233"`, "Alice Martin</b> <span>sms</span>", "04:12", `datetime="2026-11-21T02:12:00Z"`)
	hasNot(t, w, `href="javascript:`, "<b>it</b>")
	for _, action := range []string{"acknowledge", "pickup", "recheck", "escalate", "undo"} {
		has(t, w, `name="action" value="`+action+`"`)
	}
	has(t, w, `name="sure" value="resolve"`)
	if w := o.get("bruno", "/tickets/I000000_0000"); w.Code != http.StatusNotFound {
		t.Errorf("%d", w.Code)
	}
}

// TestEveryAction is done by the desk, as the page behind a link does it, and the
// page says what came of it.
func TestEveryAction(t *testing.T) {
	o := newOffice(t, home)
	number := o.alert("HostDown")
	state := func(want ticket.State) {
		t.Helper()
		if got := o.view(number).Ticket.State; got != want {
			t.Errorf("it is %s, want %s", got, want)
		}
	}
	has(t, o.press("bruno", number, "acknowledge"), `class="said good"`)
	state(ticket.Acknowledged)
	o.press("bruno", number, "recheck")
	o.press("bruno", number, "note", "text", "  the <i>fan</i>  ")
	has(t, o.get("bruno", "/tickets/"+number), "the &lt;i&gt;fan&lt;/i&gt;")
	has(t, o.press("bruno", number, "note", "text", " "), `class="said bad"`)
	has(t, o.press("bruno", number, "assign", "person", "bruno"), "Assigned.")
	if w := o.post("bruno", "/tickets/"+number, "action", "assign", "person", "nobody", "seen", o.seal("bruno", number)); w.Code != http.StatusBadRequest {
		t.Errorf("assigned to nobody: %d", w.Code)
	}
	has(t, o.press("bruno", o.alert("Another", "instance", "srv-web-02"), "assign", "person", "alice"), "not for your role") // it is not his
	has(t, o.press("dominique", number, "assign", "person", "alice"), "Assigned.", "Alice Martin")
	o.press("bruno", number, "pickup")
	state(ticket.InProgress)
	sure := o.get("bruno", "/tickets/"+number+"?sure=escalate")
	has(t, sure, `form="sure" name="action" value="escalate"`)
	o.press("bruno", number, "escalate")
	state(ticket.Open)
	has(t, o.get("bruno", "/tickets/"+number+"?sure=resolve"), `form="sure" name="action" value="resolve"`, `class="warning"`, `<textarea id="words"`)
	o.press("bruno", number, "resolve", "text", "cable")
	state(ticket.StateResolved)
	o.press("bruno", number, "undo")
	state(ticket.Open)
	o.press("bruno", number, "resolve")
	hasNot(t, o.get("bruno", "/tickets/"+number), `value="reopen"`, `value="close"`)
	has(t, o.get("dominique", "/tickets/"+number), `value="reopen"`, `value="close"`)
	has(t, o.press("bruno", number, "close"), "not for your role")
	state(ticket.StateResolved)
	o.press("dominique", number, "reopen")
	state(ticket.Open)
	o.press("dominique", number, "resolve")
	has(t, o.press("dominique", number, "close"), "Closed.")
	state(ticket.Closed)
	for _, e := range o.view(number).Timeline {
		if e.Actor.Person() != "" && e.Via != "console" {
			t.Errorf("%s by %s was %q", e.Kind, e.Actor.Person(), e.Via)
		}
	}
}

// TestTheDeputyArbitratesHere: the page of a ticket that somebody else has lets the deputy
// give it away, as it does a manager (S1-29), until another configuration is in force.
func TestTheDeputyArbitratesHere(t *testing.T) {
	o := newOffice(t, home)
	number := o.alert("HostDown")
	inForce := func(deputy string) {
		rules := *o.engine.Rules()
		rules.Desk.Deputy = deputy
		o.engine.SetRules(&rules)
	}
	const up, back = `name="action" value="escalate_tier"`, `name="action" value="release"`
	o.press("alice", number, "take")
	hasNot(t, o.get("bruno", "/tickets/"+number), up, back)
	inForce("bruno")
	has(t, o.get("bruno", "/tickets/"+number), up, back)
	has(t, o.press("bruno", number, "assign", "person", "carla"), "Assigned.")
	has(t, o.press("bruno", number, "escalate_tier"), `class="said good"`)
	inForce("carla") // who may only look
	hasNot(t, o.get("carla", "/tickets/"+number), up, back)
	o.press("dominique", number, "assign", "person", "alice")
	hasNot(t, o.get("bruno", "/tickets/"+number), up, back)
	has(t, o.press("bruno", number, "assign", "person", "carla"), "not for your role")
	if got := o.view(number).Ticket; got.Assignee != "alice" || got.Place.Tier != ticket.L2 {
		t.Errorf("%q, %s", got.Assignee, got.Place.Tier)
	}
}

// TestEveryVerbHasAPlace: whatever the desk can do, the console can be asked for.
func TestEveryVerbHasAPlace(t *testing.T) {
	o := newOffice(t, home)
	number := o.alert("HostDown")
	shown := o.get("edith", "/tickets/"+number).Body.String()
	has(t, o.press("alice", number, "pause", "reason", "agreed_date"), "paused")
	o.acts("alice", number, escalation.ActTake)
	o.acts("alice", number, escalation.ActTierUp)
	shown += o.get("edith", "/tickets/"+number).Body.String()
	o.acts("alice", number, escalation.ActResolve)
	shown += o.get("edith", "/tickets/"+number).Body.String()
	for _, verb := range desk.Verbs() {
		if !strings.Contains(shown, `value="`+string(verb)+`"`) {
			t.Errorf("%s cannot be asked for", verb)
		}
	}
}

// TestAnOldPage changes nothing, and says what is so.
func TestAnOldPage(t *testing.T) {
	o := newOffice(t, home)
	number := o.alert("HostDown")
	seal := o.seal("alice", number)
	o.acts("bruno", number, escalation.ActAcknowledge)
	for _, action := range []string{"acknowledge", "pickup", "escalate", "resolve"} {
		before := len(o.view(number).Timeline)
		w := o.follow("alice", o.post("alice", "/tickets/"+number, "action", action, "seen", seal))
		has(t, w, "Bruno Petit", `class="said bad"`)
		if after := len(o.view(number).Timeline); after != before {
			t.Errorf("%s changed something", action)
		}
	}
	has(t, o.follow("alice", o.post("alice", "/tickets/"+number, "action", "resolve")), `class="said bad"`)
	if o.view(number).Ticket.State != ticket.Acknowledged {
		t.Error("a form without a seal resolved it")
	}
	for _, form := range [][]string{{"action", "sing"}, {"action", "resolve", "seen", "zz"}, {}} {
		if w := o.post("alice", "/tickets/"+number, form...); w.Code != http.StatusBadRequest {
			t.Errorf("%v: %d", form, w.Code)
		}
	}
}

// TestAReader sees the ticket and nothing to press.
func TestAReader(t *testing.T) {
	o := newOffice(t, home)
	number := o.alert("HostDown")
	w := o.get("carla", "/tickets/"+number+"?sure=resolve")
	has(t, w, "HostDown", "guardare")
	hasNot(t, w, `name="action"`, `class="bar"`, "<textarea", `id="sure"`)
	if w := o.post("carla", "/tickets/"+number, "action", "acknowledge"); w.Code != http.StatusForbidden {
		t.Errorf("%d", w.Code)
	}
}

// TestWhoWasPaged says by what, and whether it arrived.
func TestWhoWasPaged(t *testing.T) {
	o := newOffice(t, home)
	number := o.alert("HostDown")
	claims, _, err := o.store.Claim(t.Context(), paging.ClaimRequest{Owner: "a", Now: saturday, Until: saturday.Add(time.Minute), Limit: 10})
	if err != nil || len(claims) != 1 {
		t.Fatal(claims, err)
	}
	has(t, o.get("bruno", "/tickets/"+number), "is being sent")
	if _, _, err := o.store.Receipt(t.Context(), paging.Receipt{Key: claims[0].Page.PageKey, Source: "prometheus", State: ticket.PageDelivered, At: saturday.Add(time.Minute)}); err != nil {
		t.Fatal(err)
	}
	w := o.get("bruno", "/tickets/"+number)
	if !regexp.MustCompile(`Alice Martin</b> <span>sms</span> <time [^>]*>03:12</time> <i class="good">arrived <time [^>]*>03:13`).MatchString(w.Body.String()) {
		t.Errorf("%s", w.Body)
	}
}

// TestALongStory is bounded.
func TestALongStory(t *testing.T) {
	o := newOffice(t, home)
	number := o.alert("HostDown")
	r := o.console.reader(httptest.NewRequest(http.MethodGet, "/", nil), web.Token{Person: "alice", Role: "technician", Signed: true})
	var pages []ticket.Page
	for i := range 120 {
		pages = append(pages, ticket.Page{PageKey: ticket.PageKey{Person: "alice", Channel: "sms"}, At: saturday.Add(time.Duration(i) * time.Minute), State: ticket.PageSent})
	}
	var p ticketPage
	p.pages(r, r.viewer(), pages)
	if len(p.Pages) != shownPages || p.MorePages != 70 || !slices.IsSortedFunc(p.Pages, func(a, b pageLine) int { return strings.Compare(b.At, a.At) }) {
		t.Errorf("%d shown, %d more", len(p.Pages), p.MorePages)
	}
	for range 80 {
		o.press("alice", number, "recheck")
		o.clock.pass(2 * time.Minute)
	}
	w := o.get("alice", "/tickets/"+number)
	if n := strings.Count(w.Body.String(), "<li><time "); n > 41 {
		t.Errorf("%d lines", n)
	}
}

// TestResolvedWithASynthesisHere: the form that asks begins with what the last tasks say; the
// form of changes saves and resolves in one go, and keeps what was typed if somebody else
// was first.
func TestResolvedWithASynthesisHere(t *testing.T) {
	o := newOffice(t, home)
	number := o.alert("HostDown")
	page := "/tickets/" + number
	for _, text := range []string{"looked", "opened", "cleaned", "<b>closed</b>"} {
		o.post("bruno", page+"/tasks", "kind", "remote", "text", text)
	}
	w := o.get("bruno", page+"?sure=resolve")
	has(t, w, "opened\ncleaned\n&lt;b&gt;closed&lt;/b&gt;</textarea>", `<textarea id="restored"`, page+`/edit#g-closing"`)
	hasNot(t, w, "looked\nopened")
	o.press("bruno", number, "resolve", "text", "a fan", "restored", " it is quiet ")
	s := o.view(number).Sheet
	if s.Synthesis != "a fan" || s.Restored != "it is quiet" || o.view(number).Ticket.State != ticket.StateResolved {
		t.Errorf("%+v", s)
	}
	has(t, o.get("bruno", page), "a fan", "it is quiet")

	number = o.alert("Another", "instance", "srv-web-02")
	page = "/tickets/" + number
	form := o.get("bruno", page+"/edit")
	has(t, form, `id="g-closing"`, `name="synthesis"`, `name="action" value="resolve"`)
	fields := []string{
		"action", "resolve", "seen", o.seal("bruno", number), "tag", "0-critical", "category", "fans", "was.category", mark(""),
		"synthesis", "the fan\r\nagain", "was.synthesis", mark(""), "restored", "", "was.restored", mark(""),
	}
	o.post("alice", page+"/edit", "tag", "*", "application", "cooling", "was.application", mark(""))
	if w := o.post("bruno", page+"/edit", fields...); w.Code != http.StatusPreconditionFailed || !strings.Contains(w.Body.String(), "the fan\nagain</textarea>") || o.view(number).Ticket.State != ticket.Open {
		t.Errorf("%d, %s", w.Code, o.view(number).Ticket.State)
	}
	fields[5] = "*"
	if w := o.post("bruno", page+"/edit", append(fields, "seen", "")...); w.Code != http.StatusSeeOther {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if v := o.view(number); v.Ticket.State != ticket.StateResolved || v.Sheet.Synthesis != "the fan\nagain" || v.Sheet.Category != "fans" || v.Sheet.Application != "cooling" {
		t.Errorf("%s, %+v", v.Ticket.State, v.Sheet)
	}
	if w := o.post("bruno", page+"/edit", fields...); w.Code != http.StatusSeeOther {
		t.Errorf("the same press again: %d", w.Code)
	}
	fields[7] = "engines"
	if w := o.post("bruno", page+"/edit", fields...); w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "the fan\nagain</textarea>") {
		t.Errorf("of what is over: %d", w.Code)
	}
	if w := o.post("bruno", page+"/edit", "action", "resolve", "tag", "*"); w.Code != http.StatusBadRequest {
		t.Errorf("without what was seen: %d", w.Code)
	}
}

// TestAChecklistHere is ticked by a press, and the page says who did it, what is due and what
// is late; a resolve names what is to be done first.
func TestAChecklistHere(t *testing.T) {
	o := newOffice(t, home)
	number := o.alert("HostDown")
	page := "/tickets/" + number
	rules := *o.engine.Rules()
	rules.Desk.Categories = []escalation.Category{{Name: "breach", Questions: []string{"since <when>?"}, Checklist: []ticket.Point{
		{Text: "stop <it>"}, {Text: "tell the authority", Within: ticket.Span(72 * time.Hour), Required: true},
	}}}
	o.engine.SetRules(&rules)
	has(t, o.get("bruno", "/open/beside?category=breach"), "since &lt;when&gt;?")
	o.post("bruno", page+"/edit", "tag", "*", "category", "breach", "was.category", mark(""))
	has(t, o.get("bruno", page), "stop &lt;it&gt;", `name="done" value="2" aria-pressed="false"`, "needed before the end", "due <time", "since &lt;when&gt;?")
	has(t, o.press("bruno", number, "resolve", "text", "over"), `class="said bad"`, "Points of the checklist are still to do: tell the authority.")
	has(t, o.follow("bruno", o.post("bruno", page+"/checklist", "done", "2")), `name="undone" value="2" aria-pressed="true"`, "Noted.", "done: tell the authority")
	has(t, o.follow("bruno", o.post("bruno", page+"/checklist", "undone", "2")), `name="done" value="2"`)
	if w := o.post("carla", page+"/checklist", "done", "2"); w.Code != http.StatusForbidden {
		t.Errorf("a reader: %d", w.Code)
	}
	hasNot(t, o.get("carla", page), `name="done"`)
}

// TestAMeetingHere: one press sets it up and the page leads there, in a tab of its own; an
// address that is none is named, and who may only look has no form.
func TestAMeetingHere(t *testing.T) {
	o := newOffice(t, home)
	number := o.alert("HostDown")
	page := "/tickets/" + number
	has(t, o.get("bruno", page), `type="url" name="url" required`)
	has(t, o.follow("bruno", o.post("bruno", page+"/meeting", "url", "")), `class="said bad"`, "That cannot be taken: Address, as https://")
	rules := *o.engine.Rules()
	rules.Desk.Meeting = "https://meet.example.net/{number}"
	o.engine.SetRules(&rules)
	hasNot(t, o.get("bruno", page), `name="url" required`)
	has(t, o.follow("bruno", o.post("bruno", page+"/meeting", "url", "")), "The link is on the ticket.",
		`<a href="https://meet.example.net/`+number+`" target="_blank" rel="noopener noreferrer nofollow">`, `name="url" required`, "Meeting by you")
	o.post("bruno", page+"/meeting", "url", "https://elsewhere.example/?a=<b>")
	has(t, o.get("carla", page), `<a href="https://elsewhere.example/?a=%3cb%3e"`)
	if w := o.post("carla", page+"/meeting", "url", ""); w.Code != http.StatusForbidden {
		t.Errorf("a reader: %d", w.Code)
	}
	hasNot(t, o.get("carla", page), `name="url"`)
}
