// Package jq runs the jq expressions of a configuration on what strangers send.
//
// [Compile] refuses what an expression has no business with: the environment,
// other inputs, modules. [Program.All] runs one. A [Meter] bounds what runs may
// take together: each instruction is a step, and so is each few bytes of what an
// expression builds or looks through. So an expression that does not end, or
// whose values double and double, ends with an error that names the bound, after
// the same number of steps on every machine. The bounds are checked where values
// grow: Compile puts those checks into the expression (bound.go). [Parse] reads
// JSON for a run, within bounds of its own.
package jq
