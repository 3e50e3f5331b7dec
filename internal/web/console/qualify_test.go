package console

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// talking has a desk with lists, and customers who can be told by their number.
func talking(t *testing.T) *office {
	t.Helper()
	o := newOffice(t, home)
	rules := *o.engine.Rules()
	rules.Customers[0].Phones, rules.Customers[0].Domains = []string{"+33240112233"}, []string{"acme.example.net"}
	rules.Desk = escalation.Desk{
		Categories: []escalation.Category{{Name: "printer", Label: "Printers & <copiers>"}},
		Fields:     []escalation.FieldRule{{Name: "rack", Own: true, Label: "Rack", Type: escalation.FieldText}},
		Labels:     map[ticket.Urgency]string{ticket.Critical: "Très <grave>"},
	}
	o.engine.SetRules(&rules)
	return o
}

// opened sends the form that opens a ticket, and returns the ticket's number.
func (o *office) opened(person string, pairs ...string) string {
	o.t.Helper()
	w := o.post(person, "/open", pairs...)
	number := regexp.MustCompile(`/tickets/([A-Z0-9_]+)\?done=opened`).FindStringSubmatch(w.Header().Get("Location"))
	if w.Code != http.StatusSeeOther || number == nil {
		o.t.Fatalf("%d, %s, %s", w.Code, w.Header().Get("Location"), w.Body)
	}
	return number[1]
}

// TestOpenedWhileOneTalks: the caller comes first, and whose the number is; the last
// tickets stand beside it, the caller's own first; what is wrong keeps what was typed.
func TestOpenedWhileOneTalks(t *testing.T) {
	o := talking(t)
	form := o.get("bruno", "/open?phone=%2B33240112233&name=Marc")
	has(t, form, `name="contact.phone" value="&#43;33240112233"`, `value="Marc"`, `<option value="acme" selected>`, "The number or address is Acme &amp; Fils&#39;s", "Printers &amp; &lt;copiers&gt;", "Très &lt;grave&gt;")
	if caller, title := strings.Index(form.Body.String(), `name="contact.phone"`), strings.Index(form.Body.String(), `name="title"`); caller > title {
		t.Error("the caller does not come first")
	}
	o.alert("HostDown")
	mine := o.opened("bruno", "contact.phone", "+33 240 112 233", "contact.name", "Marc <Doe>", "customer", "acme", "title", "=No mail", "origin", "call",
		"impact", "everybody", "category", "printer", "custom.rack", "A3", "description", "Since 09:00\r\n<script>", "text", "he calls again at 10")
	v := o.view(mine)
	if v.Sheet.Contact.Name != "Marc <Doe>" || v.Ticket.Urgency != ticket.Critical || v.Sheet.Origin != "call" || v.Sheet.Custom["rack"] != "A3" || v.Sheet.Description != "Since 09:00\n<script>" {
		t.Errorf("%+v, %s", v.Sheet, v.Ticket.Urgency)
	}
	page := o.get("bruno", "/tickets/"+mine)
	has(t, page, "Marc &lt;Doe&gt;", "Since 09:00\n&lt;script&gt;", "Printers &amp; &lt;copiers&gt;", "Rack", "he calls again at 10", `href="tel:&#43;33240112233"`, "row 2", `name="action" value="edit"`) // nobody has it: who edits it takes it
	hasNot(t, page, "<script>Since", "Marc <Doe>")
	beside := o.get("bruno", "/open/beside?contact.phone=%2B33240112233&impact=person&workaround=yes")
	has(t, beside, mine, "same caller", "Acme &amp; Fils", "LOW", "HostDown")
	if first, other := strings.Index(beside.Body.String(), mine), strings.Index(beside.Body.String(), "HostDown"); first > other {
		t.Error("the caller's own do not come first")
	}
	has(t, o.get("bruno", "/open/beside?contact.email=x@ACME.example.net"), "Acme &amp; Fils")
	hasNot(t, o.get("bruno", "/open/beside?contact.phone=%2B33999"), mine)
	for customer, says := range map[string]string{"acme": "not billable is proposed", "bellac": ": billable is proposed"} {
		has(t, o.get("bruno", "/open/beside?customer="+customer), says)
	}

	w := o.post("bruno", "/open", "title", "Kept", "impact", "many", "description", "not lost")
	if w.Code != http.StatusBadRequest {
		t.Errorf("%d", w.Code)
	}
	has(t, w, `value="Kept"`, "not lost", "Who is hit", `aria-invalid="true"`, "one person, several, everybody")
	has(t, o.post("bruno", "/open", "description", "not lost"), "not lost", "Subject")
	if w := o.get("carla", "/open"); w.Code != http.StatusForbidden {
		t.Errorf("a reader: %d", w.Code)
	}
}

var hiddenFields = regexp.MustCompile(`name="(tag|was\.[a-z_.]+)" value="([^"]*)"`)

// editing is the form of a ticket as a browser would send it.
func (o *office) editing(person, number string, pairs ...string) []string {
	o.t.Helper()
	var form []string
	for _, found := range hiddenFields.FindAllStringSubmatch(o.get(person, "/tickets/"+number+"/edit").Body.String(), -1) {
		form = append(form, found[1], found[2])
	}
	return append(form, pairs...)
}

// TestTwoChangeATicket: fields that one of them left alone are not written over, and
// the second is told who changed what, and keeps what was typed.
func TestTwoChangeATicket(t *testing.T) {
	o := talking(t)
	number := o.opened("bruno", "title", "No mail", "description", "first", "impact", "person", "contact.name", "Marc", "urgency", "minor")
	bruno := o.editing("bruno", number, "title", "No mail", "description", "bruno's", "impact", "person", "contact.name", "Marc", "contact.email", "", "contact.phone", "", "urgency", "minor")
	alice := o.editing("alice", number, "title", "No mail", "description", "first", "impact", "several", "contact.name", "Marc", "contact.email", "", "contact.phone", "", "urgency", "minor")
	if w := o.post("alice", "/tickets/"+number+"/edit", alice...); w.Code != http.StatusSeeOther {
		t.Fatalf("%d, %s", w.Code, w.Body)
	}
	w := o.post("bruno", "/tickets/"+number+"/edit", bruno...)
	if w.Code != http.StatusPreconditionFailed {
		t.Fatalf("%d", w.Code)
	}
	has(t, w, "Somebody else was first", "Who is hit is now “several”, by Alice Martin", "bruno&#39;s", `<option value="several" selected>`)
	if v := o.view(number); v.Sheet.Description != "first" || v.Sheet.Impact != "several" {
		t.Errorf("%+v", v.Sheet)
	}
	again := hiddenFields.FindAllStringSubmatch(w.Body.String(), -1)
	form := []string{"title", "No mail", "description", "bruno's", "impact", "several", "contact.name", "Marc", "contact.email", "", "contact.phone", "", "urgency", "minor"}
	for _, found := range again {
		form = append(form, found[1], found[2])
	}
	if w := o.post("bruno", "/tickets/"+number+"/edit", form...); w.Code != http.StatusSeeOther {
		t.Fatalf("%d, %s", w.Code, w.Body)
	}
	v := o.view(number)
	if v.Sheet.Description != "bruno's" || v.Sheet.Impact != "several" || v.Sheet.Qualified.Version != 2 || v.Ticket.Urgency != ticket.Minor {
		t.Errorf("%+v", v.Sheet)
	}
	has(t, o.get("bruno", "/tickets/"+number), "Description: first → bruno&#39;s", "Who is hit: one person → several")
	if w := o.post("bruno", "/tickets/"+number+"/edit", o.editing("bruno", number)...); !strings.Contains(w.Header().Get("Location"), "done=unchanged") {
		t.Errorf("%s", w.Header().Get("Location"))
	}
	w = o.post("bruno", "/tickets/"+number+"/edit", o.editing("bruno", number, "title", "", "symptoms", "kept")...)
	if w.Code != http.StatusBadRequest {
		t.Errorf("%d", w.Code)
	}
	has(t, w, "Subject", "kept")
}
