package silence

import (
	"testing"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/reftest"
)

// TestReferenceHasTheLimits compares the bounds of silences with the reference.
func TestReferenceHasTheLimits(t *testing.T) {
	reftest.Values(t, "escalation.", map[string]any{"MostEffort": escalation.MostEffort})
	reftest.Values(t, "silence.", map[string]any{
		"mostKept": mostKept, "mostOfTool": mostOfTool, "mostPast": mostPast, "mostMatchers": mostMatchers,
		"MostCost": MostCost, "mostCostAll": mostCostAll, "mostCostTool": mostCostTool, "keptFor": keptFor,
	})
}
