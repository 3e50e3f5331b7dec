package console

import (
	"fmt"
	"strings"
	"testing"

	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/reftest"
)

// pagesAre say what is at each path.
var pagesAre = map[string]string{
	"GET /{$}": "Now (in the demo: the demo's page)", "GET /now": "what asks for somebody, who is on call, what is wrong with the pager itself",
	"GET /tickets": "the list, by the filters of `GET /api/v1/tickets`; a day may stand for a time", "POST /tickets": "acknowledge those chosen",
	"GET /tickets/{number}": "one ticket", "POST /tickets/{number}": "act on it", "POST /filters": "save a filter, or forget one",
	"GET /open": "the form that opens a ticket while one talks; `?phone=&name=&email=` fills in who calls", "POST /open": "open it", "GET /open/beside": "what stands beside it: whose the caller is, the last tickets, what the table of urgencies proposes",
	"GET /tickets/{number}/edit": "the form that changes what is said of a ticket", "POST /tickets/{number}/edit": "save it; what somebody else changed first is shown",
	"GET /tickets/{number}/clock": "its clock: a bar a day, and every part of its time in a table",
	"GET /oncall":                 "who is on call, and a month (`?month=2026-11`) with its replacements", "GET /oncall/change": "the form that changes who is on call, with what it would do", "POST /oncall/change": "save it", "POST /oncall/replacements/{id}": "accept, decline or undo a replacement",
	"POST /tickets/{number}/tasks": "write down what was done", "POST /tickets/{number}/interventions": "plan an intervention",
	"POST /tickets/{number}/interventions/{id}": "say that it is done, or cancel it", "POST /tickets/{number}/checklist": "tick a point of its checklist, or take the tick back", "POST /tickets/{number}/meeting": "set up a meeting with its user", "POST /tickets/{number}/links": "link it to another ticket, or take the link away",
	"GET /people":        "people, and when a test page last arrived at each; all of them for a manager",
	"GET /people/{name}": "one's numbers and devices; of others for a manager", "POST /people/{name}": "send a test page, remove a device; likewise",
	"POST /drills": "begin a drill of a `group`, for its managers", "GET /drills/{id}": "a drill, and who answered by what",
	"GET /sources": "what each source last said, and which are refused", "GET /health": "what an operator would look for in metrics and logs",
	"GET /audit": "who changed which duty; for admins, also which device, session and setting", "GET /walls": "the addresses of walls", "POST /walls": "make one, or revoke one", "GET /wall/{token}": "what Now shows, large, to whoever has the address",
	"GET /assets/{hash}/{name}": "style and scripts",
}

// TestReferenceHasThePages holds the reference against the console's routes.
func TestReferenceHasThePages(t *testing.T) {
	o := newOffice(t, home)
	names := map[desk.Role]string{desk.Nobody: "anybody", desk.Reader: "reader", desk.Technician: "technician", desk.Manager: "manager", desk.Admin: "admin"}
	var rows strings.Builder
	rows.WriteString("| path | who | what |\n|---|---|---|\n")
	for _, rt := range o.console.Routes() {
		what := pagesAre[rt.Method+" "+rt.Path]
		if what == "" {
			t.Errorf("%s %s: nobody says what it is", rt.Method, rt.Path)
		}
		fmt.Fprintf(&rows, "| `%s %s` | %s | %s |\n", rt.Method, rt.Path, names[rt.Needs], what)
	}
	reftest.Hold(t, "pages", rows.String())
	if len(pagesAre) != len(o.console.Routes()) {
		t.Errorf("%d pages are told, there are %d", len(pagesAre), len(o.console.Routes()))
	}
}
