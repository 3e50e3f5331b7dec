//go:build !long

package screens

// everyScreen has each language's pages looked at on every screen.
const everyScreen = false
