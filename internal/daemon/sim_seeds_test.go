//go:build !long

package daemon

// simWorlds is how many worlds TestSimulation tries where -seeds does not say.
const simWorlds = 450

// floodAlerts are those of a source that opens tickets without end, each of a
// group of its own.
const floodAlerts = 6200
