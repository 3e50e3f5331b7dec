//go:build !linux

package boltstore

// hasRoom does not know: a copy that finds no room is given up.
func hasRoom(string, int64) error { return nil }
