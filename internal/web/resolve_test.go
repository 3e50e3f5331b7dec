package web

import (
	"net/http"
	"strings"
	"testing"

	"github.com/astreinte/astreinte/internal/ticket"
)

// TestResolvedWithASynthesis: what is said at the end is kept and shown, with what is put
// right in the same request. All of it is done or nothing, and If-Match counts as in a PATCH.
func TestResolvedWithASynthesis(t *testing.T) {
	d := qualifying(t)
	number := d.alert("HostDown", "urgency", "major")
	at := "/api/v1/tickets/" + number + "/resolve"
	for _, c := range []struct {
		role, body, match string
		status            int
		says              string
	}{
		{"technician", `{"synthesis": "x", "category": "printer"}`, "", http.StatusPreconditionRequired, "If-Match is needed"},
		{"technician", `{"synthesis": "x"}`, `"7-low"`, http.StatusPreconditionFailed, `"code":"overtaken"`},
		{"technician", `{"synthesis": "x", "category": "Printers"}`, "*", http.StatusBadRequest, `"field":"category","values":["printer"]`},
		{"technician", `{"synthesis": ["x"]}`, "", http.StatusBadRequest, "synthesis: a text is wanted"},
		{"technician", `{"restored": "` + strings.Repeat("x", 4001) + `"}`, "", http.StatusBadRequest, "restored: 4000 bytes at most"},
		{"technician", `{"colour": "red"}`, "", http.StatusBadRequest, "there is no such field"},
		{"technician", `{"text": 7}`, "", http.StatusBadRequest, "text: a text is wanted"},
		{"technician", `{"person": "dominique"}`, "", http.StatusForbidden, "manager"},
		{"reader", `{"synthesis": "x"}`, "", http.StatusForbidden, "forbidden"},
	} {
		w := d.call(c.role, http.MethodPost, at, c.body, "If-Match", c.match)
		if v, err := d.store.View(t.Context(), number); w.Code != c.status || !strings.Contains(w.Body.String(), c.says) || err != nil || v.Ticket.State != ticket.Open || v.Sheet != nil {
			t.Errorf("%.60s: %d, %s; %s", c.body, w.Code, w.Body, v.Ticket.State)
		}
	}
	w := d.call("technician", http.MethodPost, at, `{"synthesis": "Toner changed", "restored": "Marc has printed", "category": "printer", "person": "bruno"}`, "If-Match", `"0-major"`)
	body := decode[map[string]any](t, w)
	if w.Code != http.StatusOK || body["state"] != "resolved" || body["synthesis"] != "Toner changed" || body["restored"] != "Marc has printed" || body["category"] != "printer" || w.Header().Get("ETag") != `"1-major"` {
		t.Errorf("%d, %s, %s", w.Code, w.Header().Get("ETag"), w.Body)
	}
	if !strings.Contains(w.Body.String(), `Toner changed\nHow one knows that it works again: Marc has printed`) {
		t.Errorf("the timeline does not tell it: %s", w.Body)
	}
	if w := d.call("technician", http.MethodPost, at, `{"synthesis": "another", "person": "bruno"}`); w.Code != http.StatusConflict {
		t.Errorf("what is not kept is said to be: %d, %s", w.Code, w.Body)
	}
	if w := d.call("desk", http.MethodPost, "/api/v1/tickets", `{"title": "x", "synthesis": "y"}`); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), `"field":"synthesis"`) {
		t.Errorf("opened with a synthesis: %d, %s", w.Code, w.Body)
	}
}
