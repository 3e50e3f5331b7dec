//go:build !long

package main

// What TestItStillRuns measures: the experiments, and the rows of rates among them.
const stillRuns = "idle,single,kill"

var stillRates = []string{"single"}
