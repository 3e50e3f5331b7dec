package peer

import (
	"testing"

	"github.com/astreinte/astreinte/internal/reftest"
)

// TestReferenceHasTheLimits compares the bounds of answers with the reference.
func TestReferenceHasTheLimits(t *testing.T) {
	reftest.Values(t, "peer.", map[string]any{
		"mostAlerts": mostAlerts, "mostFilters": mostFilters, "mostEffort": mostEffort, "longestSilence": longestSilence, "mostAtOnce": mostAtOnce,
	})
}
