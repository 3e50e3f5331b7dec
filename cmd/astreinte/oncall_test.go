package main

import (
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/client"
)

// TestWhoStaysOnCall: the table says for whom somebody stays on call, and until when at
// most; of whoever is on call anyway it says nothing.
func TestWhoStaysOnCall(t *testing.T) {
	until := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	var out strings.Builder
	err := printDuties(&out, []client.Duty{
		{
			Group: "on-call", Tier: "L1", People: []string{"alice", "bruno"}, Next: []string{"chloe"}, Since: until.Add(-time.Hour), Until: until.Add(24 * time.Hour),
			Why: []client.Assignment{{Person: "alice", Why: "main"}, {Person: "bruno", Why: "stays for alice", Until: until}},
		},
		{Group: "nights", Until: until},
	}, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"alice, bruno (stays for alice, Sat 2026-11-21 10:00 at most)", "on-call L1", "Sun 2026-11-22 10:00", "chloe", "nobody"} {
		if !strings.Contains(out.String(), part) {
			t.Errorf("no %q in\n%s", part, &out)
		}
	}
}
