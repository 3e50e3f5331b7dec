package archtest

import (
	"fmt"
	"path"
	"slices"
)

// impureImports are the packages, with those below them, that read a clock, do
// I/O, roll dice or carry a deadline.
var impureImports = []string{
	"context", "crypto/rand", "database", "log", "math/rand", "net", "os", "syscall", "go.uber.org/zap",
}

// pureImports are packages below those that only compute.
var pureImports = []string{"net/url"}

// impureCalls are what the package time offers that is not arithmetic.
var impureCalls = []string{
	"After", "AfterFunc", "NewTicker", "NewTimer", "Now", "Since", "Sleep", "Tick", "Until",
}

// checkPurity keeps the clock, I/O and randomness out of the files that
// pureFiles names: the same input gives the same output.
func checkPurity(t *tree) []string {
	var faults []string
	for _, p := range t.sorted() {
		for _, f := range p.files {
			if f.test || !pure(p.dir, f.name) {
				continue
			}
			for _, i := range f.sortedImports() {
				if !slices.Contains(pureImports, i) && slices.ContainsFunc(impureImports, func(root string) bool { return under(i, root) }) {
					faults = append(faults, fmt.Sprintf("%s/%s: pure code imports %s", p.dir, f.name, i))
				}
			}
			for _, u := range f.uses("time", impureCalls) {
				faults = append(faults, fmt.Sprintf("%s: pure code uses time.%s: take the time as an argument", t.at(u), u.Sel.Name))
			}
		}
	}
	return faults
}

func pure(dir, name string) bool {
	return slices.ContainsFunc(pureFiles[dir], func(pattern string) bool {
		ok, err := path.Match(pattern, name)
		return err == nil && ok
	})
}
