package silence

import (
	"testing"

	"github.com/astreinte/astreinte/internal/reftest"
)

// TestReferenceHasTheLimits compares the bounds of silences with the reference.
func TestReferenceHasTheLimits(t *testing.T) {
	reftest.Values(t, "silence.", map[string]any{
		"mostKept": mostKept, "mostOfTool": mostOfTool, "mostPast": mostPast, "mostMatchers": mostMatchers,
		"mostCost": mostCost, "mostCostAll": mostCostAll, "keptFor": keptFor,
	})
}
