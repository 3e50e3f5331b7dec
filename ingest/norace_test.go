//go:build !race

package ingest

const underRace = false // the race detector is at work
