package main

import (
	"cmp"
	"fmt"
	"slices"
)

// timed is a package or a test with the seconds it took.
type timed struct {
	name    string
	seconds float64
}

// tellSlowest prints the n that took longest, but none that took no second.
func (r *report) tellSlowest(n int) {
	slices.SortStableFunc(r.took, func(a, b timed) int { return cmp.Compare(b.seconds, a.seconds) })
	for i, t := range r.took[:min(n, len(r.took))] {
		if t.seconds < 1 {
			return
		}
		if i == 0 {
			fmt.Fprintln(r.w, "the slowest:")
		}
		fmt.Fprintf(r.w, "%8.1f s  %s\n", t.seconds, t.name)
	}
}
