package archtest

import (
	"io/fs"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
)

var (
	usesLine   = regexp.MustCompile(`(?m)^\s*-?\s*uses:\s*(.*)$`)
	pinned     = regexp.MustCompile(`^[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)
	testLimit  = regexp.MustCompile(`(?m)^  test:\n(?:    .*\n)*?    timeout-minutes: (\d+)\b`)
	runMinutes = regexp.MustCompile(`\btimeout\b.* (\d+)m\b`)
)

// unpinned are the actions of a workflow that are not named by a commit, with
// the version beside it: a tag may be moved to other code.
func unpinned(workflow string) []string {
	var found []string
	for _, m := range usesLine.FindAllStringSubmatch(workflow, -1) {
		if !pinned.MatchString(strings.TrimSpace(m[1])) {
			found = append(found, m[1])
		}
	}
	return found
}

func TestActionsArePinned(t *testing.T) {
	for line, bad := range map[string]bool{
		"      - uses: actions/checkout@93cb6efe18208431cddfb8368fd83d5badbf9bfd # v5.0.1\n": false,
		"      - uses: actions/checkout@93cb6efe18208431cddfb8368fd83d5badbf9bfd\n":          true,
		"      - uses: actions/checkout@v5 # v5.0.1\n":                                       true,
		"        uses: actions/checkout@main\n":                                              true,
	} {
		if got := unpinned(line); (len(got) > 0) != bad {
			t.Errorf("%q: %q", line, got)
		}
	}
	const dir = ".github/workflows"
	root := os.DirFS("../..")
	files, err := fs.ReadDir(root, dir)
	if err != nil || len(files) == 0 {
		t.Fatalf("%d workflows, %v", len(files), err)
	}
	for _, f := range files {
		for _, action := range unpinned(read(t, root, path.Join(dir, f.Name()))) {
			t.Errorf("%s: %s is not named by its commit, with the version in a comment", f.Name(), action)
		}
	}
}

// A workflow that ends sooner than the checks is red without anything wrong.
func TestTheWorkflowHasTheTimeOfItsChecks(t *testing.T) {
	root := os.DirFS("../..")
	workflow := testLimit.FindStringSubmatch(read(t, root, ".github/workflows/ci.yml"))
	checks := runMinutes.FindStringSubmatch(read(t, root, ".ci/run"))
	if workflow == nil || checks == nil || workflow[1] != checks[1] {
		t.Errorf("the workflow's limit is %q, that of .ci/run %q", workflow, checks)
	}
}

func read(t *testing.T, fsys fs.FS, name string) string {
	t.Helper()
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
