package main

import (
	"fmt"
	"strings"
	"testing"
)

// ev writes one event of package p.
func ev(action, test string) string {
	return fmt.Sprintf(`{"Action":%q,"Package":"p","Test":%q}`, action, test)
}

func out(test, text string) string {
	return fmt.Sprintf(`{"Action":"output","Package":"p","Test":%q,"Output":%q}`, test, text)
}

func TestReport(t *testing.T) {
	tests := []struct {
		name   string
		lines  []string
		totals string
		ok     bool
		says   []string
	}{
		{
			name:   "two that pass",
			lines:  []string{ev("start", ""), ev("run", "TestA"), ev("pass", "TestA"), ev("run", "TestB"), ev("pass", "TestB"), ev("pass", "")},
			totals: "2 passed, 0 failed", ok: true,
			says: []string{"ok      p", "2 passed, 0 failed"},
		},
		{
			name:   "a skipped test fails",
			lines:  []string{ev("run", "TestA"), ev("pass", "TestA"), ev("run", "TestB"), out("TestB", "no redis-server\n"), ev("skip", "TestB"), ev("pass", "")},
			totals: "1 passed, 1 failed",
			says:   []string{"--- SKIPPED: p TestB", "no redis-server", "1 skipped", "FAILED  p"},
		},
		{
			name:   "a skipped subtest fails though its parent passes",
			lines:  []string{ev("run", "TestA"), ev("run", "TestA/x"), ev("skip", "TestA/x"), ev("run", "TestA/y"), ev("pass", "TestA/y"), ev("pass", "TestA"), ev("pass", "")},
			totals: "1 passed, 1 failed",
			says:   []string{"--- SKIPPED: p TestA/x"},
		},
		{
			name:   "a subtest that fails counts once, with its output",
			lines:  []string{ev("run", "TestA"), ev("run", "TestA/x/y"), out("TestA/x/y", "got 1, want 2\n"), ev("fail", "TestA/x/y"), out("TestA", "in the parent\n"), ev("fail", "TestA"), ev("fail", "")},
			totals: "0 passed, 1 failed",
			says:   []string{"--- FAILED: p TestA/x/y", "got 1, want 2", "in the parent"},
		},
		{
			name:   "a test that never ends fails",
			lines:  []string{ev("run", "TestA"), ev("run", "TestA/x"), out("TestA/x", "panic: boom\n"), ev("fail", "")},
			totals: "0 passed, 1 failed",
			says:   []string{"--- DID NOT END: p TestA/x", "panic: boom"},
		},
		{
			name:   "a package that never ends fails",
			lines:  []string{ev("run", "TestA"), ev("pass", "TestA")},
			totals: "1 passed, 1 failed",
			says:   []string{"--- DID NOT END: p"},
		},
		{
			name:   "a package that fails without a failed test",
			lines:  []string{ev("run", "TestA"), ev("pass", "TestA"), out("", "exit status 3\n"), ev("fail", "")},
			totals: "1 passed, 1 failed",
			says:   []string{"exit status 3"},
		},
		{
			name: "a package that does not build",
			lines: []string{
				`{"ImportPath":"p [p.test]","Action":"build-output","Output":"a.go:3:1: undefined: x\n"}`,
				`{"ImportPath":"p [p.test]","Action":"build-fail"}`,
				`{"Action":"fail","Package":"p","FailedBuild":"p [p.test]"}`,
			},
			totals: "0 passed, 1 failed",
			says:   []string{"a.go:3:1: undefined: x"},
		},
		{
			name:   "no test at all",
			lines:  []string{ev("start", ""), ev("skip", "")},
			totals: "0 passed, 0 failed",
			says:   []string{"no test ran", "1 packages have no tests"},
		},
		{
			name:   "a line that is no event is shown",
			lines:  []string{"go: warning: odd", ev("run", "TestA"), ev("pass", "TestA"), ev("pass", "")},
			totals: "1 passed, 0 failed", ok: true,
			says: []string{"go: warning: odd"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var b strings.Builder
			r := newReport(&b)
			if err := r.read(strings.NewReader(strings.Join(tt.lines, "\n"))); err != nil {
				t.Fatal(err)
			}
			ok := r.finish()
			if ok != tt.ok || r.totals() != tt.totals {
				t.Errorf("got %q, ok %t; want %q, ok %t", r.totals(), ok, tt.totals, tt.ok)
			}
			for _, s := range tt.says {
				if !strings.Contains(b.String(), s) {
					t.Errorf("the report does not say %q:\n%s", s, b.String())
				}
			}
		})
	}
}

func TestSlowest(t *testing.T) {
	var said strings.Builder
	r := newReport(&said)
	lines := ""
	for test, took := range map[string]float64{"TestA": 3, "TestB": 12.5, "TestB/x": 12, "TestC": 0.5} {
		lines += fmt.Sprintf(`{"Action":"pass","Package":"p","Test":%q,"Elapsed":%g}`, test, took) + "\n"
	}
	if err := r.read(strings.NewReader(lines + `{"Action":"pass","Package":"p","Elapsed":20}`)); err != nil {
		t.Fatal(err)
	}
	said.Reset()
	r.tellSlowest(2)
	r.tellSlowest(9)
	const want = "the slowest:\n    20.0 s  p\n    12.5 s  p TestB\n"
	if said.String() != want+want+"     3.0 s  p TestA\n" {
		t.Errorf("%s", said.String())
	}
}
