package main

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// figure is one row of the table.
type figure struct {
	key    string
	title  string
	target string
	unit   unit
}

// unit is what a figure is counted in.
type unit string

const (
	ms        unit = "ms"
	rate      unit = "/s"
	micros    unit = "µs"
	mebibytes unit = "MiB"
	percent   unit = "%"
	count     unit = ""
)

// text is a value as the table shows it.
func (u unit) text(v float64) string {
	var n string
	switch {
	case u == rate && v >= 1000:
		n = fmt.Sprintf("%.1fk", v/1000)
	case u == count, u != ms && u != percent && v >= 10, v >= 100:
		n = fmt.Sprintf("%.0f", v)
	case v >= 10:
		n = fmt.Sprintf("%.1f", v)
	default:
		n = fmt.Sprintf("%.2f", v)
	}
	return strings.TrimSpace(n + " " + string(u))
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// quantile is the value that a share q of all values do not exceed; zero if
// there are none.
func quantile[T time.Duration | float64](all []T, q float64) (v T) {
	if len(all) == 0 {
		return v
	}
	sorted := slices.Sorted(slices.Values(all))
	at := int(q*float64(len(sorted))+0.999999) - 1
	return sorted[min(max(at, 0), len(sorted)-1)]
}

// median is the middle value; of an even number, the mean of the two middle
// ones.
func median(all []float64) float64 {
	sorted := slices.Sorted(slices.Values(all))
	n := len(sorted)
	if n == 0 {
		return 0
	}
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}
