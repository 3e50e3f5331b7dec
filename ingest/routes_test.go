package ingest

import (
	"slices"
	"testing"

	"github.com/astreinte/astreinte/internal/reftest"
)

// TestReferenceHasThePaths holds the reference against the table of tools, both
// ways.
func TestReferenceHasThePaths(t *testing.T) {
	var served []string
	for _, tool := range Tools() {
		for _, p := range tool.paths {
			for _, method := range p.methods {
				if at := method + " /ingest/{source}" + p.under; !slices.Contains(served, at) {
					served = append(served, at)
				}
			}
		}
	}
	told := reftest.Column(t, "### Alerts")
	slices.Sort(served)
	if slices.Sort(told); !slices.Equal(served, told) {
		t.Errorf("served %v\ntold %v", served, told)
	}
}
