//go:build !long

package contacts

import "time"

// walkAround is how far before and behind a change of the clocks tests walk.
const walkAround = 14 * time.Hour
