//go:build race

package daemon

const simRace = true
