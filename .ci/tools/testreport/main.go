// Command testreport reads what "go test -json" writes and says what came of
// it: a line for each package, the whole output of each test that failed, and
// the name of each test that was skipped. A skipped test counts as a failed
// one, because a check that did not run has checked nothing; so does a test
// that began and never ended, and a package that did not build.
//
// With -slowest it ends with the packages and tests that took longest, as the
// clock saw them: a test that waits beside others has their time too.
//
// A test with subtests is counted through them. The totals, as one line
// "N passed, N failed", go to the file that -closing names, so that the caller
// can print them last. The exit status is 1 where anything failed or no test
// ran at all.
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	closing := flag.String("closing", "", "`file` that receives the totals")
	slowest := flag.Int("slowest", 0, "say so `many` of the slowest packages and tests")
	flag.Parse()
	r := newReport(os.Stdout)
	if err := r.read(os.Stdin); err != nil {
		fmt.Fprintf(os.Stderr, "testreport: read the test events: %v\n", err)
		os.Exit(2)
	}
	ok := r.finish()
	r.tellSlowest(*slowest)
	if *closing != "" {
		if err := os.WriteFile(*closing, []byte(r.totals()+"\n"), 0o600); err != nil {
			fmt.Fprintf(os.Stderr, "testreport: write the totals: %v\n", err)
			os.Exit(2)
		}
	}
	if !ok {
		os.Exit(1)
	}
}
