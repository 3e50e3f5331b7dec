package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// TestAChecklistHere: a ticket shows the list and the questions of its category, a person
// ticks, and nobody resolves it before what is required is done.
func TestAChecklistHere(t *testing.T) {
	d := qualifying(t)
	rules := *d.engine.Rules()
	rules.Desk.Categories = []escalation.Category{{Name: "breach", Questions: []string{"since when?"}, Checklist: []ticket.Point{
		{Text: "stop <it>"}, {Text: "tell the authority", Within: ticket.Span(72 * time.Hour), Required: true},
	}}}
	d.engine.SetRules(&rules)
	w := d.call("desk", http.MethodPost, "/api/v1/tickets", `{"title": "x", "category": "breach"}`)
	opened := decode[struct {
		Number    string
		Questions []string
		Checklist []ticket.Point
	}](t, w)
	if w.Code != http.StatusCreated || len(opened.Questions) != 1 || len(opened.Checklist) != 2 || !opened.Checklist[1].DueAt.Equal(saturday.Add(72*time.Hour)) {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	at := "/api/v1/tickets/" + opened.Number
	for _, c := range []struct {
		role, method, path, body string
		status                   int
		says                     string
	}{
		{"technician", http.MethodPost, "/resolve", `{"synthesis": "x"}`, http.StatusConflict, `"code":"unfinished"`},
		{"technician", http.MethodPost, "/resolve", ``, http.StatusConflict, `"points":["tell the authority"]`},
		{"reader", http.MethodPatch, "/checklist", `{"point": "2", "done": true}`, http.StatusForbidden, "forbidden"},
		{"technician", http.MethodPatch, "/checklist", `{"point": "2"}`, http.StatusBadRequest, "done: it is needed"},
		{"technician", http.MethodPatch, "/checklist", `{"done": true}`, http.StatusBadRequest, "point: it is needed"},
		{"technician", http.MethodPatch, "/checklist", `{"point": "3", "done": true}`, http.StatusNotFound, "not_found"},
		{"technician", http.MethodPatch, "/checklist", `{"point": "2", "done": true, "colour": 1}`, http.StatusBadRequest, "colour"},
		{"technician", http.MethodPatch, "/checklist", `{"point": "2", "done": true, "person": "bruno"}`, http.StatusOK, `"done_by":"bruno"`},
		{"technician", http.MethodPatch, "/checklist", `{"point": "2", "done": false, "person": "bruno"}`, http.StatusOK, `"kind":"point"`},
		{"technician", http.MethodPost, "/resolve", ``, http.StatusConflict, "unfinished"},
		{"technician", http.MethodPatch, "/checklist", `{"point": "2", "done": true, "person": "bruno"}`, http.StatusOK, `"text":"done: tell the authority"`},
		{"technician", http.MethodPost, "/resolve", `{"person": "bruno"}`, http.StatusOK, `"state":"resolved"`},
		{"manager", http.MethodPost, "/close", ``, http.StatusOK, `"state":"closed"`},
		{"technician", http.MethodPatch, "/checklist", `{"point": "1", "done": true}`, http.StatusConflict, `"code":"state"`},
	} {
		if w := d.call(c.role, c.method, at+c.path, c.body); w.Code != c.status || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s %s: %d %s", c.path, c.body, w.Code, w.Body)
		}
	}
}
