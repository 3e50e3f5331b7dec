package daemon

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/audit"
)

// changes are the lines of the audit log, the newest first.
func (w *town) changes(query string) (list []string) {
	w.t.Helper()
	code, answer := w.call(http.MethodGet, "/api/v1/audit"+query, apiToken, nil)
	var log struct{ Lines []audit.Line }
	if err := json.Unmarshal(answer, &log); err != nil || code != http.StatusOK {
		w.t.Fatalf("%d %s", code, answer)
	}
	for _, l := range log.Lines {
		from, _ := json.Marshal(l.From)
		to, _ := json.Marshal(l.To)
		list = append(list, fmt.Sprintf("%s/%s %s %s %s %s→%s", l.Who, l.Via, l.About, l.Of, l.What, from, to))
	}
	return list
}

func (w *town) expectChange(query string, parts ...string) {
	w.t.Helper()
	list := w.changes(query)
	for _, line := range list {
		found := true
		for _, part := range parts {
			found = found && strings.Contains(line, part)
		}
		if found {
			return
		}
	}
	w.t.Errorf("no line has %q:\n%s", parts, strings.Join(list, "\n"))
}

// TestWhoChangedWhat: replacements by the API and by SMS, devices, sessions, feeds, and
// what a reload changes of groups and people. What was so at the first start is made.
func TestWhoChangedWhat(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		w.at(time.Second)
		w.expectChange("?about=duty&of=on-call", "configuration/ duty on-call made null→", `[["alice"],["bruno"]`)
		w.expectChange("?about=setting&of=bruno", "configuration/ setting bruno made", "+33612345602")
		before := len(w.changes(""))

		id := w.replacement(map[string]any{"group": "on-call", "person": "chloe", "instead_of": "alice", "to": time.Now().Add(8 * time.Hour)})
		w.expectChange("?of=on-call", "ops/api duty on-call made", `"person":"chloe"`, `"state":"planned"`)
		w.call(http.MethodDelete, "/api/v1/replacements/"+id, apiToken, nil)
		w.expectChange("?of=on-call", "ops/api duty on-call changed", `{"state":"planned"}→{"state":"dropped"}`)
		w.hears("+33612345602", "SM00000000000000000000000000000042", "GARDE 8h")
		w.expectChange("?of=on-call", "bruno/sms duty on-call made", `"person":"bruno"`)
		w.subscribe(w.alice, "Pixel")
		w.expectChange("?about=device", "ops/api device alice made", `"name":"Pixel"`)
		w.feed("bruno", "on-call")
		w.expectChange("?about=setting", "ops/api setting bruno made", `"group":"on-call"`)
		w.signsIn("alice")
		w.expectChange("?about=session", "alice/ session alice made", `"how":"passkey"`)
		if n := len(w.changes("")); n != before+6 {
			t.Errorf("%d lines more:\n%s", n-before, strings.Join(w.changes(""), "\n"))
		}

		w.reload(replaced("+33612345602", "+33612345692"))
		w.at(2 * time.Second)
		w.expectChange("?of=bruno&about=setting", "configuration/ setting bruno changed", `{"phones":["+33612345602"]}→{"phones":["+33612345692"]}`)
		n := len(w.changes(""))
		w.reload(replaced("+33612345602", "+33612345692"))
		w.at(3 * time.Second)
		if again := len(w.changes("")); again != n {
			t.Errorf("a reload that changes nothing adds %d lines", again-n)
		}
		_, answer := w.call(http.MethodGet, "/api/v1/audit?limit=500", apiToken, nil)
		for _, secret := range []string{apiToken, "p256dh", `"endpoint"`, "credential", `"password"`} {
			if bytes.Contains(answer, []byte(secret)) {
				t.Errorf("it tells %s", secret)
			}
		}
	}, toBrowsers)
}

// TestWhoSeesTheAudit: a manager what is about duty, an admin everything, nobody else
// anything.
func TestWhoSeesTheAudit(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		w.at(time.Second)
		alice, dominique := w.signsIn("alice"), w.signsIn("dominique")
		alice.get("/audit", http.StatusForbidden)
		alice.get("/api/v1/audit", http.StatusForbidden)
		page := dominique.get("/audit", http.StatusOK, "on-call")
		if strings.Contains(page, "+33612345602") || strings.Contains(page, "passkey") {
			t.Errorf("a manager sees %s", page)
		}
		dominique.get("/audit?about=session", http.StatusForbidden)
		dominique.get("/people", http.StatusOK, "/audit")
		for _, query := range []string{"?limit=0", "?limit=501", "?limit=x", "?since=yesterday", "?cursor=" + strings.Repeat("x", 600)} {
			if code, answer := w.call(http.MethodGet, "/api/v1/audit"+query, apiToken, nil); code != http.StatusBadRequest {
				t.Errorf("%.40s: %d %s", query, code, answer)
			}
		}
	})
}
