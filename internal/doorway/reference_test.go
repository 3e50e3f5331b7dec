package doorway

import (
	"testing"

	"github.com/astreinte/astreinte/internal/reftest"
)

// TestReferenceHasTheLimits holds the reference against the bounds of
// connections, both ways.
func TestReferenceHasTheLimits(t *testing.T) {
	d := Usual()
	reftest.Values(t, "doorway.", map[string]any{
		"Most": reftest.Count(Most), "Fewest": Fewest,
		"Header": d.Header, "Idle": d.Idle, "Body": d.Body, "BodyRate": d.BodyRate, "BodyMost": d.BodyMost, "Stall": d.Stall, "part": part,
	})
}
