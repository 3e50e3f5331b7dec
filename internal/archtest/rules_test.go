package archtest

import (
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// rules are all that this package holds.
var rules = []struct {
	name  string
	check func(*tree) []string
}{
	{"table", checkTable},
	{"SDKs", checkSDKs},
	{"test libraries", checkTestLibraries},
	{"dot imports", checkDotImports},
	{"top level", checkTopLevel},
	{"package comments", checkPackageComments},
	{"build tags", checkBuildTags},
	{"purity", checkPurity},
	{"init", checkInit},
	{"time.After", checkTimeAfter},
	{"exit", checkExit},
	{"test clock", checkTestClock},
	{"citations", checkCited},
	{"bounds", checkBounds},
}

// faults gives what each rule says of a tree, by the rule's name.
func faults(t *testing.T, tr *tree) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for _, r := range rules {
		if f := r.check(tr); len(f) > 0 {
			all[r.name] = f
		}
	}
	return all
}

// TestHouse holds the rules against this repository.
func TestHouse(t *testing.T) {
	tr, err := load(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	if tr.packages["internal/archtest"] == nil {
		t.Fatalf("%s does not contain this package: the wrong tree was read", tr.module)
	}
	found := faults(t, tr)
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			for _, f := range found[r.name] {
				t.Error(f)
			}
		})
	}
}

// TestTable looks for rows that name no row.
func TestTable(t *testing.T) {
	for dir, row := range rooms {
		for _, i := range slices.Concat(row.imports, row.tests) {
			if _, ok := rooms[i]; !ok && i != everything {
				t.Errorf("the row of %s names %s, which has none", dir, i)
			}
		}
	}
	for _, s := range sdks {
		if _, ok := rooms[s.home]; !ok {
			t.Errorf("%s has its home in %s, which is not in the table", s.path, s.home)
		}
	}
	for dir := range pureFiles {
		if _, ok := rooms[dir]; !ok {
			t.Errorf("%s is pure and not in the table", dir)
		}
	}
}

// invented makes a tree of the files given, in the form of txtar: a line
// "-- name --" before each.
func invented(t *testing.T, archive string) *tree {
	t.Helper()
	fsys := fstest.MapFS{"go.mod": {Data: []byte("module example.net/house\n")}}
	var name string
	for line := range strings.Lines(archive) {
		text := strings.TrimSpace(line)
		if s, ok := strings.CutPrefix(text, "-- "); ok {
			name = strings.TrimSuffix(s, " --")
			fsys[name] = &fstest.MapFile{}
		} else if name != "" {
			fsys[name].Data = append(fsys[name].Data, line...)
		}
	}
	tr, err := load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}
