//go:build !long

package daemon

// simWorlds is how many worlds TestSimulation tries where -seeds does not say.
const simWorlds = 600
