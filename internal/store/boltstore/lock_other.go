//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package boltstore

import "os"

// lockFile leaves the locking to bbolt.
func lockFile(*os.File) error { return nil }
