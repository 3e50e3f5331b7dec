// Package screens looks at a whole daemon through a real browser, and holds what it
// shows: every page in every language, on every screen; what a page costs; a page
// that stays open while the daemon, its configuration or its Redis change under it.
// There are only tests in it.
package screens
