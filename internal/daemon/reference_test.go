package daemon

import (
	"slices"
	"strings"
	"testing"

	"github.com/astreinte/astreinte/config"
	"github.com/astreinte/astreinte/internal/reftest"
)

// TestReferenceHasTheParts compares the reference with the parts of the whole
// surface, both ways, and with where each is answered. Each path that the
// reference names further down must belong to such a part.
func TestReferenceHasTheParts(t *testing.T) {
	d, _ := started(t, config.Server{})
	parts, told := d.parts(), map[string]string{}
	for _, row := range reftest.Rows(t, "### Where each path is answered") {
		told[reftest.Code(row[0])[0]] = row[2]
	}
	for pattern := range parts {
		want := "both"
		if slices.Contains(privatePaths, strings.TrimPrefix(pattern, "GET ")) {
			want = "`private_listen`"
		}
		if pattern == "/api/" { // TestWhichAddressKnowsWhom checks it
			want = "both with a session; with a token, and what needs an admin, `private_listen`"
		}
		if told[pattern] != want {
			t.Errorf("%s is answered at %s; the reference says %q", pattern, want, told[pattern])
		}
	}
	for pattern := range told {
		if parts[pattern] == nil {
			t.Errorf("the reference has %s, which nobody answers", pattern)
		}
	}
	demo := reftest.Column(t, "### The demo's page") // the demo's own test checks it
	for _, row := range reftest.Rows(t, "## HTTP") {
		for _, route := range reftest.Code(row[0]) {
			_, path, ok := strings.Cut(route, " ")
			if ok && !slices.Contains(demo, route) && !covered(parts, path) {
				t.Errorf("the reference has %s, which is of no part", route)
			}
		}
	}
}

func covered[V any](parts map[string]V, path string) bool {
	for pattern := range parts {
		at := strings.TrimPrefix(pattern, "GET ")
		if at != "/" && (path == at || strings.HasSuffix(at, "/") && strings.HasPrefix(path, at)) {
			return true
		}
	}
	return false
}

// TestReferenceHasTheLimits checks what bodies may take on the largest
// machine, and how long a stop takes.
func TestReferenceHasTheLimits(t *testing.T) {
	reftest.Values(t, "daemon.", map[string]any{"mostForBodies": mostForBodies, "mostOver": mostOver, "farewell": farewell})
}
