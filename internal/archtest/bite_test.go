package archtest

import (
	"fmt"
	"strings"
	"testing"
)

// breach is a tree that breaks one rule.
type breach struct {
	rule string
	tree string
	says string // part of the only fault
}

const (
	noImports  = "may not import"
	pureImport = "pure code imports"
	byClock    = "by the machine's clock"
)

var breaches = []breach{
	{"table", "-- internal/util/u.go --\n// Package util helps.\npackage util", "not in the table"},
	{"table", pkgOf("paging/sms"), "not in the table"},
	{"table", pkgOf("internal/calendar", house("internal/ticket")), noImports + " internal/ticket"},
	{"table", pkgOf("paging/twilio", house("paging/fcm")), noImports + " paging/fcm"},
	{"table", pkgOf("ingest", house("escalation")), noImports + " escalation"},
	{"table", pkgOf("internal/daemon", house("cmd/astreinte")), noImports + " cmd/astreinte"},
	{"table", pkgOf("contacts") + testOf("contacts", house("escalation/storetest")), noImports + " escalation/storetest"},
	{"SDKs", pkgOf("paging", "github.com/twilio/twilio-go/client"), "outside paging/twilio"},
	{"SDKs", pkgOf("paging/twilio", "firebase.google.com/go/v4/messaging"), "outside paging/fcm"},
	{"SDKs", pkgOf("internal/store/boltstore", "github.com/redis/go-redis/v9"), "outside internal/store/redisstore"},
	{"SDKs", pkgOf("paging/phonetest", "firebase.google.com/go/v4"), "outside paging/fcm"},
	{"SDKs", pkgOf("internal/web") + testOf("internal/web", "go.etcd.io/bbolt"), "outside internal/store/boltstore"},
	{"test libraries", pkgOf("paging/phonetest", "testing"), "testing is for tests"},
	{"test libraries", pkgOf("internal/bench", "testing/synctest"), "is for tests"},
	{"test libraries", pkgOf("internal/daemon/demo", house("escalation/storetest")), "links testing"},
	{"dot imports", "-- paging/p.go --\n// Package paging pages.\npackage paging\nimport . \"strings\"", "without a name"},
	{"top level", "-- pkg/notes.txt --\nx", "pkg: not one"},
	{"top level", "-- Makefile --\nall:", "Makefile: not one"},
	{"package comments", "-- paging/p.go --\npackage paging", "0 package comments"},
	{"package comments", pkgOf("paging") + "-- paging/q.go --\n// Package paging again.\npackage paging", "2 package comments"},
	{"package comments", "-- paging/p.go --\n// Package pagingx pages.\npackage paging", `does not begin "Package paging"`},
	{"package comments", "-- cmd/astreinte/main.go --\n// Package main is it.\npackage main", `does not begin "Command astreinte"`},
	{"build tags", pkgOf("paging") + "-- paging/i_test.go --\n//go:build integration\n\npackage paging", "never run"},
	{"purity", pkgOf("internal/ticket", "os"), pureImport + " os"},
	{"purity", fileOf("escalation/step_page.go", "math/rand/v2"), pureImport + " math/rand/v2"},
	{"purity", fileOf("escalation/policy.go", "context"), pureImport + " context"},
	{"purity", fileOf("escalation/route.go", "net/http"), pureImport + " net/http"},
	{"purity", code("escalation/step.go", "time", "var _ = time.Now()"), "uses time.Now"},
	{"purity", "-- contacts/c.go --\n// Package contacts is.\npackage contacts\nimport clock \"time\"\nvar now = clock.Now", "uses time.Now"},
	{"bounds", code("paging/p.go", "os", "const mostThings = 5"), "paging.mostThings"},
	{"bounds", code("paging/p.go", "os", "const (\n\ta = 1\n\tleast, longestThing = 1, 64 << 10\n)"), "paging.longestThing"},
	{"bounds", code("paging/p.go", "os", "func f() {\n\tconst MaxThings = 1_000\n}"), "paging.MaxThings"},
	{"init", code("paging/p.go", "os", "func init() {}"), "p.go:4: an init function"},
	{"time.After", code("paging/p.go", "time", "func f() { <-time.After(1) }"), "p.go:4: time.After"},
	{"exit", code("paging/p.go", "os", "func f() { os.Exit(1) }"), "p.go:4: Exit ends"},
	{"test clock", clockTest("on(time.Now())"), byClock},
	{"test clock", clockTest("now := time.Now()\n\ton(now)"), byClock},
	{"test clock", clockTest("now := time.Now()\n\tuse(now.Weekday())"), byClock},
	{"test clock", clockTest("use(time.Now().Add(time.Hour))"), byClock},
	{"test clock", clockTest("use(clock{Now: time.Now})"), byClock},
	{"test clock", clockTest("began := time.Now()\n\tuse(time.Since(began), began.Hour())"), byClock},
	{"test clock", clockTest("run(t, func() { use(time.Now()) })"), byClock},
	{"test clock", code("paging/phonetest/p.go", "time", "var now = time.Now()"), byClock},
	{"test clock", pkgOf("contacts") + "-- contacts/c_test.go --\npackage contacts\nimport clock \"time\"\nvar now = clock.Now", byClock},
	{"test clock", "-- cmd/astreinte/main.go --\n// Command astreinte pages.\npackage main\n-- cmd/astreinte/kill_test.go --\npackage main\nimport \"time\"\nvar now = time.Now", byClock},
	{"test clock", "-- cmd/astreinte/main.go --\n// Command astreinte pages.\npackage main\n-- cmd/astreinte/kill_test.go --\npackage main", "the table says"},
	{"citations", pkgOf("paging") + "// see plan.md\n", "plan.md, which is not in the tree"},
	{"citations", pkgOf("paging") + "// see docs/A.md#two\n-- docs/A.md --\n# One\n", "docs/A.md#two, which has no such heading"},
	{"citations", pkgOf("paging") + "// see docs/A.md, \"Of\n// two\"\n-- docs/A.md --\n# One\n", "docs/A.md#of-two, which"},
	{"citations", pkgOf("paging") + "// see q.go\n", "q.go, which is not in the package"},
	{"citations", "-- internal/store/redisstore/lua/x.lua --\nreturn 1 -- plan.md\n", "x.lua cites plan.md"},
	{"citations", "-- .ci/test --\n#!/bin/sh\n# plan.md\n", ".ci/test cites plan.md"},
	{"citations", "-- docs/A.md --\n[b](B.md)\n", "docs/A.md links to docs/B.md"},
	{"citations", "-- docs/A.md --\n# One\n[b](#two)\n", "docs/A.md#two, which"},
	{"exit", code("paging/p.go", "log", "func f() { log.Fatalf(`x`) }"), "Fatalf ends"},
	{"exit", code("paging/p.go", "go.uber.org/zap", "func f(l *zap.Logger) { l.Fatal(`x`) }"), "Fatal ends"},
}

// TestRulesBite shows that each rule can fail, that it alone does, and that it
// names the one fault.
func TestRulesBite(t *testing.T) {
	bitten := map[string]bool{}
	for _, b := range breaches {
		bitten[b.rule] = true
		t.Run(b.rule+" "+b.says, func(t *testing.T) {
			found := faults(t, invented(t, b.tree))
			if f := found[b.rule]; len(f) != 1 || !strings.Contains(f[0], b.says) {
				t.Errorf("rule %q says %q, want one fault with %q", b.rule, f, b.says)
			}
			delete(found, b.rule)
			if len(found) > 0 {
				t.Errorf("other rules fail too: %q", found)
			}
		})
	}
	for _, r := range rules {
		if !bitten[r.name] {
			t.Errorf("nothing shows that the rule %q can fail", r.name)
		}
	}
}

// TestRulesAllow shows what the rules let pass.
func TestRulesAllow(t *testing.T) {
	fine := []string{
		pkgOf("internal/daemon", house("config"), house("internal/store/redisstore"), house("paging/phonetest")),
		pkgOf("paging/twilio", house("paging"), "github.com/twilio/twilio-go/client", "time"),
		pkgOf("escalation/storetest", "testing", "pgregory.net/rapid", house("paging")),
		pkgOf("escalation") + testOf("escalation", "testing", "testing/synctest", house("escalation"), house("escalation/storetest")),
		pkgOf("internal/daemon") + testOf("internal/daemon", "github.com/redis/go-redis/v9"),
		pkgOf("paging/phonetest") + testOf("paging/phonetest", "github.com/twilio/twilio-go/client"),
		code("escalation/engine.go", "time", "var _ = time.Now"),
		clockTest("began := time.Now()\n\tuse(time.Since(began))\n\tt.Errorf(`since %s`, began)"),
		clockTest("var began time.Time\n\tbegan = time.Now()\n\tuse(x.After(began), x.Sub(began), began.IsZero())"),
		clockTest("until := time.Now().Add(2 * patience)\n\tfor time.Now().Before(until) { }"),
		clockTest("synctest.Test(t, func(t *testing.T) { use(time.Now()) })"),
		clockTest("inBubble(t, func() { use(time.Now()) })") + "func inBubble(t *testing.T, f func()) { synctest.Test(t, func(*testing.T) { f() }) }\n",
		strings.ReplaceAll(clockTest("_ = func(h *house) { use(time.Now()) }")+"func (h *house) f() { use(time.Now()) }\n", "paging", "escalation"),
		code("escalation/step.go", "time", "var d = time.Second"),
		code("paging/phonetest/p.go", "time", "type tb interface{ Fatalf(string, ...any) }\nfunc f(t tb) { t.Fatalf(`x`) }"),
		"-- cmd/astreinte/main.go --\n// Command astreinte pages.\npackage main\nimport \"os\"\nfunc main() { os.Exit(1) }",
		pkgOf("paging") + "-- paging/p_test.go --\n//go:build !race && linux\n\npackage paging\nimport \"time\"\nvar _ = time.After",
		pkgOf("paging") + "-- paging/p_test.go --\n//go:build long\n\npackage paging\n-- paging/q_test.go --\n//go:build !long\n\npackage paging",
		pkgOf("paging") + "-- paging/p_test.go --\n// Package paging is tested from outside.\npackage paging_test",
		"-- .ci/x/main.go --\npackage main\n-- ingest/testdata/x.go --\npackage broken (\n-- docs/ARCHITECTURE.md --\nx",
		pkgOf("paging") + "// see p.go, *.go, paging/p.go; a _test.go file\n",
		pkgOf("paging") + "// see docs/A.md#the-two-of-us, README.md, \"One\"\n-- docs/A.md --\n## The *two* of us\n[up](../README.md#one) [there](https://example.net/x.md)\n-- README.md --\n# One\n",
		"-- paging/p.go --\n// A licence, apart.\n\n// Package paging pages.\npackage paging",
	}
	for _, archive := range fine {
		if found := faults(t, invented(t, archive)); len(found) > 0 {
			t.Errorf("%q in:\n%s", found, archive)
		}
	}
}

// clockTest writes a package with a test that does something.
func clockTest(does string) string {
	return pkgOf("paging") + "-- paging/p_test.go --\npackage paging\nimport (\n\t\"testing\"\n\t\"testing/synctest\"\n\t\"time\"\n)\n" +
		"func TestIt(t *testing.T) {\n\t" + does + "\n}\n"
}

// pkgOf writes a package of one file with the imports given.
func pkgOf(dir string, imports ...string) string {
	return fileOf(dir+"/p.go", imports...)
}

// fileOf writes one file that bears its package's comment.
func fileOf(name string, imports ...string) string {
	pkg := strings.Split(name, "/")
	return source(name, "// Package "+pkg[len(pkg)-2]+" is.\npackage "+pkg[len(pkg)-2], imports)
}

// testOf writes an external test with the imports given.
func testOf(dir string, imports ...string) string {
	pkg := strings.Split(dir, "/")
	return source(dir+"/p_test.go", "package "+pkg[len(pkg)-1]+"_test", imports)
}

// code writes a file with one import and some text from its fourth line on.
func code(name, imports, text string) string {
	return fileOf(name, imports) + text + "\n"
}

func source(name, clause string, imports []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "-- %s --\n%s\n", name, clause)
	for _, i := range imports {
		fmt.Fprintf(&b, "import %q\n", i)
	}
	return b.String()
}

func house(dir string) string { return "example.net/house/" + dir }
