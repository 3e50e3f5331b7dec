//go:build !long

package daemon

// simWorlds is how many worlds TestSimulation tries if -seeds does not say.
const simWorlds = 450

// floodAlerts is how many alerts a source without end sends, each alone in its
// group.
const floodAlerts = 6200

// raceDays is whether tests in which days pass have the race detector too.
const raceDays = false
