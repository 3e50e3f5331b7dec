package archtest

import (
	"fmt"
	"go/ast"
	"slices"
	"strings"
)

// checkInit refuses init functions: what runs is what main calls.
func checkInit(t *tree) []string {
	var faults []string
	for _, p := range t.sorted() {
		for _, f := range p.files {
			for _, d := range f.syntax.Decls {
				if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
					faults = append(faults, t.at(fn)+": an init function")
				}
			}
		}
	}
	return faults
}

// checkTimeAfter refuses time.After: a promise is a stored deadline, and a wait
// is a timer that is stopped. Tests may wait.
func checkTimeAfter(t *tree) []string {
	var faults []string
	for _, p := range t.sorted() {
		for _, f := range p.files {
			if f.test {
				continue
			}
			for _, u := range f.uses("time", []string{"After", "Tick"}) {
				faults = append(faults, fmt.Sprintf("%s: time.%s", t.at(u), u.Sel.Name))
			}
		}
	}
	return faults
}

var fatal = []string{"Fatal", "Fatalf", "Fatalln", "Fatalw"}

// checkExit leaves the end of the process to the commands: elsewhere no
// os.Exit, no log.Fatal, no logger's Fatal. A package of test helpers may fail
// its test.
func checkExit(t *tree) []string {
	var faults []string
	for _, p := range t.sorted() {
		if under(p.dir, "cmd") || p.dir == "internal/bench" { // the programs
			continue
		}
		for _, f := range p.files {
			if f.test {
				continue
			}
			ends := slices.Concat(f.uses("os", []string{"Exit"}), f.uses("syscall", []string{"Exit"}), f.uses("log", fatal))
			if !strings.HasSuffix(p.dir, "test") {
				ends = append(ends, f.methods(fatal)...)
			}
			for _, e := range ends {
				faults = append(faults, fmt.Sprintf("%s: %s ends the process outside cmd: return an error", t.at(e), e.Sel.Name))
			}
		}
	}
	return faults
}

// uses finds the places where the file takes one of the names from the package
// that importPath names, called or not.
func (f *file) uses(importPath string, names []string) []*ast.SelectorExpr {
	local, ok := f.imports[importPath]
	if !ok {
		return nil
	}
	return f.selectors(func(s *ast.SelectorExpr) bool {
		x, ok := s.X.(*ast.Ident)
		return ok && x.Name == local && slices.Contains(names, s.Sel.Name)
	})
}

// methods finds the uses of a method or field with one of the names, of
// whatever value.
func (f *file) methods(names []string) []*ast.SelectorExpr {
	return f.selectors(func(s *ast.SelectorExpr) bool {
		x, ok := s.X.(*ast.Ident)
		isPackage := ok && slices.Contains(f.sortedNames(), x.Name)
		return !isPackage && slices.Contains(names, s.Sel.Name)
	})
}

func (f *file) sortedNames() []string {
	var names []string
	for _, i := range f.sortedImports() {
		names = append(names, f.imports[i])
	}
	return names
}

func (f *file) selectors(match func(*ast.SelectorExpr) bool) []*ast.SelectorExpr {
	var found []*ast.SelectorExpr
	ast.Inspect(f.syntax, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok && match(s) {
			found = append(found, s)
		}
		return true
	})
	return found
}
