//go:build !linux

package main_test

import "testing"

// TestNetworkCut fails where there are no network namespaces: a cut that drops
// packets silently cannot be shown there.
func TestNetworkCut(t *testing.T) {
	t.Fatal("it needs the network namespaces of Linux")
}
