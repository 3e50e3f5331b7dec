//go:build long

package contacts

import (
	"testing"
	"time"
)

// walkAround is how far before and behind a change of the clocks tests walk.
const walkAround = 4 * 24 * time.Hour

// TestYearsByTheMinute walks over every minute of four years in each zone.
func TestYearsByTheMinute(t *testing.T) {
	for _, name := range zones {
		loc := zone(t, name)
		for _, year := range []int{2024, 2027, 2038, 2040} {
			begin := time.Date(year, time.January, 1, 0, 0, 0, 0, time.UTC)
			near := begin.AddDate(0, 3, 0)
			for _, change := range clockChanges(loc) {
				if change.Year() == year {
					near = change
					break
				}
			}
			g := aroundChange(loc, near)
			for _, l := range g.layers {
				l.Until = l.First.AddDays(400)
			}
			if wrong := g.walk(t, begin, begin.AddDate(1, 0, 0)); wrong != "" {
				t.Errorf("%s: %s", name, wrong)
			}
		}
	}
}
