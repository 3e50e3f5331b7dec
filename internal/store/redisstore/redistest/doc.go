// Package redistest starts real Redis servers for tests: one server, a primary
// with its replica and three sentinels, or a Cluster of three, each with a replica
// where that is asked for. Each listens on
// ports of loopback that the kernel chose, keeps its data in the test's own
// folder, and ends with the test.
//
// It needs redis-server of Debian's package of that name, and fails the test
// where it is missing.
package redistest
