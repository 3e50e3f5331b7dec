// Package archtest holds the rules of the house as tests: who may import whom,
// what may stand at the top of the tree, what pure code may not touch, and
// which calls are refused everywhere. It has no code of its own beside them.
//
// The table of packages is in table_test.go, and a package that is not in it
// fails: to add one, say there what it may import. The other rules are in
// imports_test.go, layout_test.go, purity_test.go, calls_test.go and, of what
// tests ask the clock, clock_test.go; cited_test.go follows citations and links.
// Each is a function from a source tree to its faults. rules_test.go lists them, runs them on this repository, and shows
// on small invented trees that each of them can fail. What is no Go, as the
// workflow, has its tests in workflow_test.go.
package archtest
