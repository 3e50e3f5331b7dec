//go:build !race

package daemon

const simRace = false // the race detector is at work
