package web

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/reftest"
)

// TestReferenceHasTheRoutes holds the reference against the table of routes: each
// with the role that it needs, and the answers and the sentence by which
// openapi.json describes it.
func TestReferenceHasTheRoutes(t *testing.T) {
	d := newDesk(t)
	var rows strings.Builder
	rows.WriteString("| path | who | answers | what |\n|---|---|---|---|\n")
	for _, rt := range d.server.routes() {
		operation := d.doc.at(d.doc.root, "paths", rt.path, strings.ToLower(rt.method))
		who := roleNames[rt.needs]
		if rt.needs == open {
			who = "anybody"
		}
		fmt.Fprintf(&rows, "| `%s %s` | %s | %s | %v |\n", rt.method, rt.path, who,
			strings.Join(slices.Sorted(maps.Keys(d.doc.at(operation, "responses"))), ", "), operation["summary"])
	}
	reftest.Hold(t, "routes", rows.String())
}

// TestReferenceHasTheActions holds the list of what one can do to a ticket.
func TestReferenceHasTheActions(t *testing.T) {
	told := map[string]string{}
	for _, row := range reftest.Rows(t, "### Actions") {
		told[reftest.Code(row[0])[0]] = row[1]
	}
	for _, action := range desk.Verbs() {
		if want := roleNames[desk.Least(action)]; !strings.HasPrefix(told[string(action)], want) {
			t.Errorf("%s needs a %s's token; the reference says %q", action, want, told[string(action)])
		}
	}
	if len(told) != len(desk.Verbs()) {
		t.Errorf("%d actions are told, there are %d", len(told), len(desk.Verbs()))
	}
}

// TestReferenceHasTheLimits holds the bounds of requests.
func TestReferenceHasTheLimits(t *testing.T) {
	reftest.Values(t, "web.", map[string]any{
		"checkTimeout": checkTimeout, "paceGrace": paceGrace, "paceRate": paceRate, "paceMost": paceMost,
		"streamBeat": streamBeat, "streamAsks": streamAsks,
	})
}
