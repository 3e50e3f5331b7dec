package demo

import (
	"maps"
	"slices"
	"testing"

	"github.com/astreinte/astreinte/internal/reftest"
)

// TestReferenceHasTheDemo holds the reference against the paths of the demo's
// page, both ways.
func TestReferenceHasTheDemo(t *testing.T) {
	served := slices.Sorted(maps.Keys((&Demo{}).routes()))
	told := reftest.Column(t, "### The demo's page")
	if slices.Sort(told); !slices.Equal(served, told) {
		t.Errorf("served %v\ntold %v", served, told)
	}
}

// TestReferenceHasTheLimits holds the bound of what its page posts.
func TestReferenceHasTheLimits(t *testing.T) {
	reftest.Values(t, "demo.", map[string]any{"formLimit": formLimit})
}
