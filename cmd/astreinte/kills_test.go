//go:build !long

package main_test

// kills is how often TestKilledAgainAndAgain kills a daemon.
const kills = 10
