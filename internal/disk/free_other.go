//go:build !linux

package disk

// Free does not know here how many bytes are free.
func Free(string) (free int64, known bool, err error) { return 0, false, nil }

// Which does not know here which disk a folder is on.
func Which(string) (uint64, error) { return 0, nil }
