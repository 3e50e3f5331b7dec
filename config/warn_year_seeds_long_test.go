//go:build long

package config

// deskSeeds is how many desks TestDoubtsAreThoseOfPlainSimulation draws.
const deskSeeds = 12
