package events

import (
	"testing"

	"github.com/astreinte/astreinte/internal/reftest"
)

// TestReferenceHasTheLimits holds the bounds of streams.
func TestReferenceHasTheLimits(t *testing.T) {
	reftest.Values(t, "events.", map[string]any{"Most": Most, "Kept": Kept, "Pace": Pace})
}
