//go:build race

package daemon

// simRace is whether the race detector is at work.
const simRace = true
