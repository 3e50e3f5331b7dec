//go:build long

package main

// What TestItStillRuns measures: the experiments, and the rows of rates among them.
const stillRuns = "idle,bulk,single,opened,joined,kill,million"

var stillRates = []string{"bulk", "single", "opened", "joined"}
