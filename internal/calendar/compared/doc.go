// Package compared holds the public holidays of internal/calendar against those of
// the npm package date-holidays, over 2020 to 2040. It has tests alone.
//
// That package's data is CC-BY-SA, so nothing of it is in this repository: .ci/test
// fetches the release that the test names by its SHA-256, and the test runs it under
// node. Its rules are by other people, from other sources, which makes it an oracle
// and not a law: if both differ, the table of differences says who is right and
// by what source.
package compared
