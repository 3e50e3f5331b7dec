package web

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/astreinte/astreinte/internal/ticket"
)

// TestAMeetingHere: a link is made or given, and kept; bad ones are refused, naming the field.
func TestAMeetingHere(t *testing.T) {
	d := qualifying(t)
	w := d.call("desk", http.MethodPost, "/api/v1/tickets", `{"title": "x", "customer": "acme"}`)
	number := decode[struct{ Number string }](t, w).Number
	at := "/api/v1/tickets/" + number
	if w := d.call("technician", http.MethodPost, at+"/meeting", ""); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "desk.meeting") {
		t.Errorf("without a template: %d %s", w.Code, w.Body)
	}
	rules := *d.engine.Rules()
	rules.Desk.Meeting = "https://meet.example.net/{number}?for={customer}&key={secret}"
	d.engine.SetRules(&rules)
	link := ""
	for range 2 {
		w := d.call("technician", http.MethodPost, at+"/meeting", "")
		made := decode[struct{ Meeting string }](t, w).Meeting
		if w.Code != http.StatusCreated || !regexp.MustCompile(`^https://meet\.example\.net/`+number+`\?for=acme&key=[a-z2-7]{12}$`).MatchString(made) || link != "" && made != link {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		link = made
	}
	for _, c := range []struct {
		role, path, body string
		status           int
		says             string
	}{
		{"reader", "/meeting", ``, http.StatusForbidden, "forbidden"},
		{"technician", "/meeting", `{"url": "http://meet.example.net/x"}`, http.StatusBadRequest, "url: "},
		{"technician", "/meeting", `{"url": "javascript:alert(1)"}`, http.StatusBadRequest, "url: "},
		{"technician", "/meeting", `{"url": "https://x/` + strings.Repeat("x", ticket.MaxMeeting) + `"}`, http.StatusBadRequest, "1000 bytes at most"},
		{"technician", "/meeting", `{"room": "x"}`, http.StatusBadRequest, "room"},
		{"technician", "/meeting", `{"person": "bruno"}`, http.StatusCreated, `key=`},
		{"technician", "/meeting", `{"url": "https://elsewhere.example/x", "person": "bruno"}`, http.StatusCreated, `"meeting":"https://elsewhere.example/x"`},
		{"technician", "/resolve", ``, http.StatusOK, `"state":"resolved"`},
		{"manager", "/close", ``, http.StatusOK, `"state":"closed"`},
		{"technician", "/meeting", `{"url": "https://late.example/x"}`, http.StatusConflict, `"code":"state"`},
	} {
		if w := d.call(c.role, http.MethodPost, at+c.path, c.body); w.Code != c.status || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s %s: %d %s", c.path, c.body, w.Code, w.Body)
		}
	}
	if w := d.call("technician", http.MethodPost, "/api/v1/tickets/I000000_0000/meeting", ""); w.Code != http.StatusNotFound {
		t.Errorf("no ticket: %d", w.Code)
	}
	lines := 0
	for _, e := range decode[struct{ Timeline []ticket.Entry }](t, d.call("reader", http.MethodGet, at, "")).Timeline {
		if e.Kind == ticket.EntryMeeting {
			lines++
		}
	}
	if lines != 2 {
		t.Errorf("%d lines", lines)
	}
}
