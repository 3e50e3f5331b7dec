package web

import (
	"net/http"
	"strings"
	"testing"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// qualifying has a desk with lists and fields of its own.
func qualifying(t *testing.T) *office {
	t.Helper()
	d := newDesk(t)
	rules := *d.engine.Rules()
	rules.Desk = escalation.Desk{
		Domains:    []string{"network", "system"},
		Services:   []string{"support", "hosting"},
		Categories: []escalation.Category{{Name: "printer", Label: "Printers"}},
		Fields: []escalation.FieldRule{
			{Name: "rack", Own: true, Type: escalation.FieldText},
			{Name: "floor", Own: true, Type: escalation.FieldNumber},
			{Name: "service", Required: true, Kinds: []ticket.Kind{ticket.Request}},
		},
	}
	rules.Customers[0].Phones = []string{"+33240112233"}
	d.engine.SetRules(&rules)
	return d
}

func (d *office) patch(number, tag, body string) (int, string) {
	d.t.Helper()
	w := d.call("desk", http.MethodPatch, "/api/v1/tickets/"+number, body, "If-Match", tag)
	return w.Code, w.Body.String()
}

// TestOpenedWithAQualification: every field of the face is taken, kept and shown
// flat, with what the desk proposes.
func TestOpenedWithAQualification(t *testing.T) {
	d := qualifying(t)
	w := d.call("technician", http.MethodPost, "/api/v1/tickets", `{
		"title": "No <b>mail</b>", "kind": "incident", "customer": "acme", "site": "Givrand", "origin": "call",
		"contact": {"name": "=cmd()", "phone": "+33240112233"}, "requester": "c-17", "beneficiary": {"email": "x@acme.example.net"},
		"description": "Since 09:00\n<script>alert(1)</script>", "symptoms": "-1+1", "application": "Mail", "equipment": "srv-mail-01",
		"category": "printer", "domain": "system", "service": "support", "impact": "everybody", "business_impact": "some",
		"workaround": false, "strategic": "yes", "requester_urgency": "high", "complexity": "expert", "billable": true,
		"reported_at": "2026-11-21T03:00:00+01:00", "custom": {"rack": "A3", "floor": 2}}`)
	if w.Code != http.StatusCreated || w.Header().Get("ETag") != `"0-critical"` {
		t.Fatalf("%d, %s, %s", w.Code, w.Header().Get("ETag"), w.Body)
	}
	body := decode[map[string]any](t, w)
	for name, want := range map[string]any{
		"title": "No <b>mail</b>", "origin": "call", "requester": "c-17", "description": "Since 09:00\n<script>alert(1)</script>", "symptoms": "-1+1",
		"workaround": "no", "billable": "yes", "reported_at": "2026-11-21T02:00:00Z", "urgency": "critical", "etag": "0-critical", "category": "printer",
	} {
		if body[name] != want {
			t.Errorf("%s is %v, want %v", name, body[name], want)
		}
	}
	if own := body["custom"].(map[string]any); own["rack"] != "A3" || own["floor"] != "2" {
		t.Errorf("%v", own)
	}
	if p := body["proposed"].(map[string]any); p["billable"] != "no" || p["urgency"].(map[string]any)["row"] != 2.0 {
		t.Errorf("%v", p)
	}
	if w := d.call("reader", http.MethodGet, "/api/v1/tickets", ""); strings.Contains(w.Body.String(), "c-17") {
		t.Error("a list reads sheets")
	}
	for body, want := range map[string]string{
		`{"title": "x", "customer": "bellac"}`:                   "yes", // who has no contract
		`{"title": "x"}`:                                         "yes", // nobody's
		`{"title": "x", "customer": "bellac", "billable": "no"}`: "yes", // what was chosen is beside what is proposed
	} {
		w := d.call("technician", http.MethodPost, "/api/v1/tickets", body)
		got := decode[struct {
			Number, Billable string
			Proposed         struct{ Billable string }
		}](t, w)
		if w.Code != http.StatusCreated || got.Proposed.Billable != want || (got.Billable == "no") != strings.Contains(body, "billable") {
			t.Errorf("%s: %d, %+v", body, w.Code, got)
		}
		code, text := d.patch(got.Number, "*", `{"customer": "acme"}`)
		if !strings.Contains(text, `"proposed":{`) || !strings.Contains(text, `"billable":"no"}`) {
			t.Errorf("under a contract: %d, %s", code, text)
		}
	}
}

// TestHowATicketCameAndHowUrgent: what nobody says is proposed, and a person's word
// counts more.
func TestHowATicketCameAndHowUrgent(t *testing.T) {
	d := qualifying(t)
	for _, c := range []struct{ body, header, origin, urgency string }{
		{`{"title": "x"}`, "", "api", "major"},
		{`{"title": "x"}`, "cli", "hand", "major"},
		{`{"title": "x", "urgency": "", "impact": "person", "workaround": "yes"}`, "", "api", "low"},
		{`{"title": "x", "impact": "person", "urgency": "critical", "origin": "mail"}`, "", "mail", "critical"},
	} {
		w := d.call("desk", http.MethodPost, "/api/v1/tickets", c.body, viaHeader, c.header)
		got := decode[struct{ Origin, Urgency string }](t, w)
		if w.Code != http.StatusCreated || got.Origin != c.origin || got.Urgency != c.urgency {
			t.Errorf("%s: %d, %+v", c.body, w.Code, got)
		}
	}
	number := d.alert("HostDown")
	if w := d.call("reader", http.MethodGet, "/api/v1/tickets/"+number, ""); strings.Contains(w.Body.String(), `"origin"`) || w.Header().Get("ETag") != `"0-critical"` {
		t.Errorf("of an alert: %s", w.Body)
	}
}

// TestWhatIsWrongIsNamed: the field and what it may be, and nothing is opened or
// changed.
func TestWhatIsWrongIsNamed(t *testing.T) {
	d := qualifying(t)
	number := d.alert("HostDown")
	for body, want := range map[string]string{
		`{"impact": "many"}`:                                   `"field":"impact","values":["person","several","everybody"]`,
		`{"domain": "roof"}`:                                   `"field":"domain","values":["network","system"]`,
		`{"service": "Support"}`:                               `"field":"service","values":["support","hosting"]`,
		`{"category": "Printers"}`:                             `"field":"category","values":["printer"]`,
		`{"customer": "nobody"}`:                               `customer: no customer has the key \"nobody\"`,
		`{"kind": "bug"}`:                                      `"values":["incident","request"]`,
		`{"urgency": "soon"}`:                                  `"field":"urgency"`,
		`{"colour": "red"}`:                                    `colour: there is no such field`,
		`{"custom": {"shelf": "1"}}`:                           `desk.fields has no \"shelf\": rack, floor`,
		`{"custom": {"floor": "two"}}`:                         `custom.floor: \"two\" is no number`,
		`{"custom": "A3"}`:                                     `custom: an object is wanted`,
		`{"contact": {"fax": "1"}}`:                            `contact: a contact's id is wanted`,
		`{"reported_at": "yesterday"}`:                         `reported_at: `,
		`{"impact": ["several"]}`:                              `impact: a text is wanted`,
		`{"description": "` + strings.Repeat("x", 9000) + `"}`: `description: 8192 bytes at most, not 9000`,
		`{"title": ""}`:                                        `title: it is needed`,
		`[]`:                                                   `no JSON object`,
		`{}`:                                                   `names no field`,
		`{"application": "` + strings.Repeat("x", 70_000) + `"}`:    `longer than`,
		`{"contact": {"name": "` + strings.Repeat("x", 300) + `"}}`: `contact.name: 200 bytes at most`,
	} {
		code, text := d.patch(number, "*", body)
		if code != http.StatusBadRequest && code != http.StatusRequestEntityTooLarge || !strings.Contains(text, want) {
			t.Errorf("%.60s: %d, %s; want %s", body, code, text, want)
		}
	}
	if v, _ := d.store.View(t.Context(), number); v.Sheet != nil || len(v.Timeline) != 2 {
		t.Errorf("something was written: %+v", v.Sheet)
	}
	for body, want := range map[string]string{
		`{"title": "x", "kind": "request"}`:                           `"field":"service"`,
		`{"title": "x", "origin": "alert"}`:                           `no alert opens it`,
		`{"title": "x", "policy": "none"}`:                            `policy: no policy is named`,
		`{"impact": "several"}`:                                       `title: it is needed`,
		`{"title": "x", "text": "` + strings.Repeat("x", 4001) + `"}`: `text: 4000 bytes`,
	} {
		if w := d.call("desk", http.MethodPost, "/api/v1/tickets", body); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%.60s: %d, %s", body, w.Code, w.Body)
		}
	}
}

// TestTheSecondIsTold: an old ETag changes nothing, and the answer names the fields
// and who changed them. Without one nothing is changed at all.
func TestTheSecondIsTold(t *testing.T) {
	d := qualifying(t)
	number := d.alert("HostDown", "urgency", "major")
	if code, text := d.patch(number, "", `{"impact": "several"}`); code != http.StatusPreconditionRequired || !strings.Contains(text, "If-Match is needed") {
		t.Errorf("%d, %s", code, text)
	}
	if w := d.call("reader", http.MethodPatch, "/api/v1/tickets/"+number, `{"impact": "several"}`, "If-Match", "*"); w.Code != http.StatusForbidden {
		t.Errorf("a reader: %d", w.Code)
	}
	w := d.call("technician", http.MethodPatch, "/api/v1/tickets/"+number, `{"impact": "several", "domain": "network", "person": "bruno"}`, "If-Match", `"0-major"`)
	if w.Code != http.StatusOK || w.Header().Get("ETag") != `"1-major"` {
		t.Fatalf("%d, %s, %s", w.Code, w.Header().Get("ETag"), w.Body)
	}
	d.call("desk", http.MethodPost, "/api/v1/tickets/"+number+"/note", `{"text": "on my way"}`)
	if code, text := d.patch(number, `"1-major"`, `{"symptoms": "smoke"}`); code != http.StatusOK {
		t.Errorf("after a note: %d, %s", code, text) // the ETag counts the qualification alone
	}
	code, text := d.patch(number, `"0-major"`, `{"impact": "person"}`)
	if code != http.StatusPreconditionFailed || !strings.Contains(text, `"code":"overtaken"`) || !strings.Contains(text, `"field":"impact","by":{"kind":"person","name":"bruno"`) ||
		!strings.Contains(text, `"field":"domain"`) || !strings.Contains(text, `"now":"several"`) || !strings.Contains(text, `"etag":"2-major"`) {
		t.Errorf("%d, %s", code, text)
	}
	d.alert("HostDown", "urgency", "critical")
	if code, text := d.patch(number, `"2-major"`, `{"urgency": "low"}`); code != http.StatusPreconditionFailed || !strings.Contains(text, `"field":"urgency","by":{"kind":"system","name":"rules"}`) {
		t.Errorf("over an alert's urgency: %d, %s", code, text)
	}
	if code, text := d.patch(number, "2-critical", `{"domain": null, "custom": {"rack": "A3"}}`); code != http.StatusOK || strings.Contains(text, `"domain"`) && !strings.Contains(text, `"rack":"A3"`) {
		t.Errorf("%d, %s", code, text)
	}
	v, err := d.store.View(t.Context(), number)
	if err != nil || v.Sheet.Impact != "several" || v.Sheet.Domain != "" || v.Sheet.Qualified.Version != 3 {
		t.Errorf("%+v, %v", v.Sheet, err)
	}
	for number, want := range map[string]int{"I000000_0000": http.StatusNotFound, number: http.StatusConflict} {
		d.call("manager", http.MethodPost, "/api/v1/tickets/"+number+"/resolve", "")
		d.call("manager", http.MethodPost, "/api/v1/tickets/"+number+"/close", "")
		if code, text := d.patch(number, "*", `{"impact": "person"}`); code != want {
			t.Errorf("%s: %d, %s", number, code, text)
		}
	}
}

// TestWhatIsRequiredIsNamed: nobody empties it, and another kind of ticket is not chosen
// without what it asks for.
func TestWhatIsRequiredIsNamed(t *testing.T) {
	d := qualifying(t)
	number := d.alert("HostDown")
	const lacks = `"field":"service","values":["support","hosting"]`
	for _, c := range []struct {
		body string
		want int
		says string
	}{
		{`{"service": ""}`, http.StatusOK, `"kind":"incident"`}, // of a request alone
		{`{"kind": "request"}`, http.StatusBadRequest, lacks},
		{`{"kind": "request", "service": "hosting"}`, http.StatusOK, `"service":"hosting"`},
		{`{"service": null, "impact": "several"}`, http.StatusBadRequest, lacks},
		{`{"service": ""}`, http.StatusBadRequest, "service: it is needed"},
		{`{"service": "support", "impact": "several"}`, http.StatusOK, `"service":"support"`},
	} {
		if code, text := d.patch(number, "*", c.body); code != c.want || !strings.Contains(text, c.says) {
			t.Errorf("%s: %d, %s; want %d, %s", c.body, code, text, c.want, c.says)
		}
	}
	w := d.call("desk", http.MethodPost, "/api/v1/tickets/"+number+"/resolve", `{"synthesis": "done", "service": ""}`, "If-Match", "*")
	if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), lacks) || !d.ticket(number).State.Active() {
		t.Errorf("resolved without: %d, %s", w.Code, w.Body)
	}
}
