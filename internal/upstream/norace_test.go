//go:build !race

package upstream_test

const underRace = false // the race detector is at work
