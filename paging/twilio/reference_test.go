package twilio

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/astreinte/astreinte/internal/reftest"
)

// TestReferenceHasTheWebhooks compares the reference with the paths that are
// served, both ways.
func TestReferenceHasTheWebhooks(t *testing.T) {
	served := slices.Sorted(maps.Keys(newHandler(Config{}, nil, nil, nil).routes()))
	told := slices.DeleteFunc(reftest.Column(t, "### SMS providers"), func(p string) bool { return !strings.Contains(p, " /twilio/") })
	if slices.Sort(told); !slices.Equal(served, told) {
		t.Errorf("served %v\ntold %v", served, told)
	}
}

// TestReferenceHasTheLimits compares the bounds of webhooks with the
// reference.
func TestReferenceHasTheLimits(t *testing.T) {
	reftest.Values(t, "twilio.", map[string]any{"rememberedReplies": reftest.Count(rememberedReplies)})
}
