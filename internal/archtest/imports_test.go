package archtest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// checkTable holds the table "who may import whom".
func checkTable(t *tree) []string {
	var faults []string
	for _, p := range t.sorted() {
		row, known := rooms[p.dir]
		if !known {
			faults = append(faults, fmt.Sprintf("%s: package %s is not in the table: say in table_test.go what it may import", p.dir, p.files[0].syntax.Name.Name))
			continue
		}
		for _, f := range p.files {
			allowed := row.imports
			if f.test {
				allowed = slices.Concat(row.imports, row.tests)
			}
			for _, i := range f.sortedImports() {
				q, ours := t.ours(i)
				if ours && q != p.dir && !allows(allowed, q) {
					faults = append(faults, fmt.Sprintf("%s/%s: %s may not import %s", p.dir, f.name, p.dir, q))
				}
			}
		}
	}
	return faults
}

func allows(allowed []string, dir string) bool {
	if slices.Contains(allowed, dir) {
		return true
	}
	return slices.Contains(allowed, everything) && !under(dir, "cmd")
}

// checkSDKs keeps each library that has a home in it. The packages of
// testPackages count as tests.
func checkSDKs(t *tree) []string {
	return t.eachImport(func(p *pkg, f *file, i string) string {
		for _, s := range sdks {
			if under(i, s.path) && !under(p.dir, s.home) && (!f.test && !testPackages[p.dir] || !allows(s.tests, p.dir)) {
				return fmt.Sprintf("%s is imported outside %s", i, s.home)
			}
		}
		return ""
	})
}

// checkTestLibraries keeps "testing" and its kind out of the programs: only
// tests and the packages named in testPackages import them, and only tests and
// those packages import those packages.
func checkTestLibraries(t *tree) []string {
	return t.eachImport(func(p *pkg, f *file, i string) string {
		if f.test || testPackages[p.dir] {
			return ""
		}
		for _, lib := range testOnly {
			if under(i, lib) {
				return i + " is for tests"
			}
		}
		if q, ours := t.ours(i); ours && testPackages[q] {
			return q + " is for tests: it links testing"
		}
		return ""
	})
}

// checkDotImports refuses imports without a name, which hide where a name
// comes from, from the reader and from the other rules.
func checkDotImports(t *tree) []string {
	return t.eachImport(func(_ *pkg, f *file, i string) string {
		if f.imports[i] == "." {
			return i + " is imported without a name"
		}
		return ""
	})
}

// eachImport collects what fault says of every import of every file.
func (t *tree) eachImport(fault func(*pkg, *file, string) string) []string {
	var faults []string
	for _, p := range t.sorted() {
		for _, f := range p.files {
			for _, i := range f.sortedImports() {
				if s := fault(p, f, i); s != "" {
					faults = append(faults, fmt.Sprintf("%s/%s: %s", p.dir, f.name, s))
				}
			}
		}
	}
	return faults
}

func (f *file) sortedImports() []string {
	return slices.SortedFunc(maps.Keys(f.imports), strings.Compare)
}
