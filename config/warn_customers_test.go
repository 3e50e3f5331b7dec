package config

import (
	"fmt"
	"testing"

	"github.com/prometheus/alertmanager/pkg/labels"
)

// TestCustomersAreComparedFast: each is compared with each, at every start.
func TestCustomersAreComparedFast(t *testing.T) {
	asks := make([]asked, 200)
	for i := range asks {
		m, err := labels.NewMatcher(labels.MatchEqual, "customer", fmt.Sprint("k", i))
		if err != nil {
			t.Fatal(err)
		}
		asks[i] = askedBy(labels.Matchers{m})
	}
	if allocs := testing.AllocsPerRun(10, func() {
		for i := range asks {
			for j := range i {
				if _, both := shared(&asks[j], &asks[i]); both {
					t.Fatalf("%d and %d", i, j)
				}
			}
		}
	}); allocs > 0 {
		t.Errorf("%.0f allocations for 19900 pairs", allocs)
	}
}
