//go:build long

package daemon

// simWorlds is how many worlds TestSimulation tries where -seeds does not say.
const simWorlds = 2000

// floodAlerts are those of a source that opens tickets without end, each of a
// group of its own.
const floodAlerts = 14200
