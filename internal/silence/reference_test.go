package silence

import (
	"testing"

	"github.com/astreinte/astreinte/internal/reftest"
)

// TestReferenceHasTheLimits compares the bounds of silences with the reference.
func TestReferenceHasTheLimits(t *testing.T) {
	reftest.Values(t, "silence.", map[string]any{
		"keptFor": keptFor,
	})
}
