// Package upstreamtest has stand-ins for monitoring tools. They check a request as the
// tool does, keep what was done to its problems, and answer what it answers.
package upstreamtest
