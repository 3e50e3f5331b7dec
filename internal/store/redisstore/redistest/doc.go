// Package redistest starts real Redis servers for tests: one server, a primary
// with its replica and three sentinels, or a Cluster of three, each with a
// replica if the test asks for it. Each server listens on ports of loopback
// that the kernel chose, keeps its data in the test's own folder, and ends
// with the test.
//
// It needs redis-server of Debian's package of that name. Without it the test
// fails.
package redistest
