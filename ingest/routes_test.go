package ingest

import (
	"slices"
	"strings"
	"testing"

	"github.com/astreinte/astreinte/internal/reftest"
)

// TestReferenceHasThePaths compares the reference with the table of tools,
// both ways.
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
	for _, question := range Questions() {
		method, under, _ := strings.Cut(question, " ")
		served = append(served, method+" /ingest/{source}"+under)
	}
	for _, at := range Tools().bare() {
		served = append(served, strings.TrimSuffix(at, deeper))
	}
	told := reftest.Column(t, "### Alerts")
	slices.Sort(served)
	served = slices.Compact(served)
	if slices.Sort(told); !slices.Equal(served, told) {
		t.Errorf("served %v\ntold %v", served, told)
	}
}

// TestReferenceHasTheLimits compares the bounds of bodies with the reference.
func TestReferenceHasTheLimits(t *testing.T) {
	reftest.Values(t, "ingest.", map[string]any{
		"LeastMemory": LeastMemory, "DefaultMemory": DefaultMemory, "becomes": becomes, "packedFloor": packedFloor,
		"usualPage": usualPage, "listTime": listTime,
		"wrongEnough": wrongEnough, "problemsNamed": problemsNamed, "refusedFor": refusedFor,
	})
}
