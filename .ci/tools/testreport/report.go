package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// event is one line of "go test -json", as "go doc test2json" describes it.
// Build output has an ImportPath in place of a Package.
type event struct {
	Action      string
	Package     string
	ImportPath  string
	Test        string
	Output      string
	Elapsed     float64
	FailedBuild string
}

// report gathers the events of a run.
type report struct {
	w        io.Writer
	packages map[string]*suite
	builds   map[string]*strings.Builder // compiler output by import path
	skipped  []string
	took     []timed // packages, and tests that are nobody's subtest
	passed   int
	failed   int
	empty    int // packages without tests
}

// suite is what is known of one package while it runs.
type suite struct {
	output map[string]*strings.Builder // by test; the package's own under ""
	open   map[string]bool             // tests that began and have not ended
	inner  map[string]bool             // tests that have subtests
	broken map[string]bool             // tests with a subtest that failed
	tests  int
	failed int
}

func newReport(w io.Writer) *report {
	return &report{w: w, packages: map[string]*suite{}, builds: map[string]*strings.Builder{}}
}

// read takes events until the end of r. A line that is no event is printed as
// it came.
func (r *report) read(in io.Reader) error {
	lines := bufio.NewReader(in)
	for {
		line, err := lines.ReadString('\n')
		if line != "" {
			var e event
			if json.Unmarshal([]byte(line), &e) == nil && e.Action != "" {
				r.take(e)
			} else {
				fmt.Fprintln(r.w, strings.TrimRight(line, "\n"))
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (r *report) take(e event) {
	if e.Action == "build-output" {
		add(r.builds, e.ImportPath, e.Output)
		return
	}
	if e.Package == "" {
		return
	}
	s := r.packages[e.Package]
	if s == nil {
		s = &suite{
			output: map[string]*strings.Builder{},
			open:   map[string]bool{},
			inner:  map[string]bool{},
			broken: map[string]bool{},
		}
		r.packages[e.Package] = s
	}
	switch {
	case e.Action == "output":
		add(s.output, e.Test, e.Output)
	case e.Test == "":
		r.endPackage(s, e)
	case e.Action == "run":
		s.open[e.Test] = true
		mark(s.inner, e.Test)
	default:
		r.endTest(s, e)
	}
}

// endTest counts a test that ended.
func (r *report) endTest(s *suite, e event) {
	if !strings.Contains(e.Test, "/") && (e.Action == "pass" || e.Action == "fail") {
		r.took = append(r.took, timed{e.Package + " " + e.Test, e.Elapsed})
	}
	switch e.Action {
	case "pass":
		if !s.inner[e.Test] {
			r.passed++
			s.tests++
		}
	case "skip":
		r.skipped = append(r.skipped, e.Package+" "+e.Test)
		r.fail(s, e.Package, e.Test, "SKIPPED")
	case "fail":
		if s.broken[e.Test] { // the subtest counts; its parent's words may still help
			r.print(s, e.Test)
		} else {
			r.fail(s, e.Package, e.Test, "FAILED")
		}
	default: // pause, cont, bench, attr
		return
	}
	delete(s.open, e.Test)
	delete(s.output, e.Test)
}

// endPackage closes a package: what is still open then has failed.
func (r *report) endPackage(s *suite, e event) {
	switch e.Action {
	case "skip":
		r.empty++
	case "pass", "fail":
		r.abandon(s, e.Package)
		if e.Action == "fail" && s.failed == 0 {
			if b := r.builds[e.FailedBuild]; b != nil {
				fmt.Fprint(r.w, b)
			}
			r.fail(s, e.Package, "", "FAILED")
		}
		word := "ok    "
		if s.failed > 0 {
			word = "FAILED"
		}
		r.took = append(r.took, timed{e.Package, e.Elapsed})
		fmt.Fprintf(r.w, "%s  %s  %.1f s, %d passed, %d failed\n", word, e.Package, e.Elapsed, s.tests, s.failed)
	default: // start
		return
	}
	delete(r.packages, e.Package)
}

// abandon fails the tests of s that never ended, the innermost alone.
func (r *report) abandon(s *suite, pkg string) {
	var open []string
	for test := range s.open {
		open = append(open, test)
	}
	slices.Sort(open)
	for _, test := range slices.Backward(open) {
		if !s.broken[test] {
			r.fail(s, pkg, test, "DID NOT END")
		}
	}
}

func (r *report) fail(s *suite, pkg, test, how string) {
	r.failed++
	s.failed++
	mark(s.broken, test)
	fmt.Fprintf(r.w, "--- %s: %s %s\n", how, pkg, test)
	r.print(s, test)
	if test != "" && how == "DID NOT END" {
		r.print(s, "")
	}
}

func (r *report) print(s *suite, test string) {
	if b := s.output[test]; b != nil {
		fmt.Fprint(r.w, b)
		delete(s.output, test)
	}
}

// finish closes the packages that the stream left open, lists what was
// skipped, and reports whether all is well.
func (r *report) finish() bool {
	for pkg, s := range r.packages {
		r.abandon(s, pkg)
		r.fail(s, pkg, "", "DID NOT END")
	}
	if len(r.skipped) > 0 {
		fmt.Fprintf(r.w, "%d skipped, which counts as failed:\n  %s\n", len(r.skipped), strings.Join(r.skipped, "\n  "))
	}
	if r.empty > 0 {
		fmt.Fprintf(r.w, "%d packages have no tests\n", r.empty)
	}
	if r.passed+r.failed == 0 {
		fmt.Fprintln(r.w, "no test ran")
	}
	return r.failed == 0 && r.passed > 0
}

func (r *report) totals() string {
	return fmt.Sprintf("%d passed, %d failed", r.passed, r.failed)
}

// mark sets m for every test that test may be a subtest of. A name may itself
// contain a slash, so some of them are none; that does no harm.
func mark(m map[string]bool, test string) {
	for i, c := range test {
		if c == '/' {
			m[test[:i]] = true
		}
	}
}

func add(m map[string]*strings.Builder, key, text string) {
	b := m[key]
	if b == nil {
		b = &strings.Builder{}
		m[key] = b
	}
	b.WriteString(text)
}
