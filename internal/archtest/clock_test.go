package archtest

import (
	"fmt"
	"go/ast"
	"path"
	"slices"
	"strings"
)

// checkTestClock refuses the machine's clock in tests and in what only tests
// use: what a test finds must not hang on the day or the hour at which it runs.
// Left to it are
//
//   - elapsed time: a variable that is set from time.Now and otherwise only
//     subtracted, compared, told to a person, or given to time.Since;
//   - the end of a wait: time.Now().Add of some patience or delay, and comparing
//     with it;
//   - a bubble of testing/synctest, whose clock begins at the same instant on
//     every day: what is in a function given to synctest.Test, or to a function
//     of the package that gives its own to synctest.Test, and in a function or
//     method that has one of bubbleTypes;
//   - the files of clockFiles, with a reason and a number each.
func checkTestClock(t *tree) []string {
	var faults []string
	for _, p := range t.sorted() {
		bubbles := p.bubbles()
		for _, f := range p.files {
			if !f.test && !strings.HasSuffix(p.dir, "test") {
				continue
			}
			found := f.clocks(bubbles, bubbleTypes[p.dir])
			row := clockFile(p.dir, f.name)
			if row != nil && (row.uses == manyUses || row.uses == len(found)) {
				continue
			}
			if row != nil && len(found) == 0 {
				faults = append(faults, fmt.Sprintf("%s/%s asks for the time no more: the table says that it does", p.dir, f.name))
			}
			for _, u := range found {
				faults = append(faults, fmt.Sprintf("%s: a test by the machine's clock: give it an instant, or measure elapsed time with it alone", t.at(u)))
			}
		}
	}
	return faults
}

// clockFile finds the row of a file.
func clockFile(dir, name string) *clockRow {
	for i := range clockFiles {
		if ok, err := path.Match(clockFiles[i].files, dir+"/"+name); err == nil && ok {
			return &clockFiles[i]
		}
	}
	return nil
}

// bubbles are the functions of a package that run what they are given in a
// bubble of testing/synctest: by synctest.Test, or by one of their own kind.
func (p *pkg) bubbles() map[string]bool {
	found := map[string]bool{}
	for grew := true; grew; {
		grew = false
		for _, f := range p.files {
			for _, d := range f.syntax.Decls {
				fn, ok := d.(*ast.FuncDecl)
				if !ok || fn.Recv != nil || fn.Body == nil || found[fn.Name.Name] || !takesFunction(fn) {
					continue
				}
				ast.Inspect(fn.Body, func(n ast.Node) bool {
					if c, ok := n.(*ast.CallExpr); ok && f.opensBubble(c, found) {
						found[fn.Name.Name], grew = true, true
					}
					return true
				})
			}
		}
	}
	return found
}

func takesFunction(fn *ast.FuncDecl) bool {
	return slices.ContainsFunc(fn.Type.Params.List, func(p *ast.Field) bool {
		_, ok := p.Type.(*ast.FuncType)
		return ok
	})
}

func (f *file) opensBubble(c *ast.CallExpr, bubbles map[string]bool) bool {
	switch fun := c.Fun.(type) {
	case *ast.Ident:
		return bubbles[fun.Name]
	case *ast.SelectorExpr:
		x, ok := fun.X.(*ast.Ident)
		return ok && x.Name == f.imports["testing/synctest"] && fun.Sel.Name == "Test"
	}
	return false
}

// clocks finds the uses of time.Now that checkTestClock refuses.
func (f *file) clocks(bubbles map[string]bool, types []string) []*ast.SelectorExpr {
	w := &clockWalk{f: f, all: f.uses("time", []string{"Now"}), bubbles: bubbles, fine: map[ast.Node]bool{}}
	if len(w.all) == 0 {
		return nil
	}
	for _, d := range f.syntax.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Body == nil {
			continue
		}
		ast.Inspect(fn, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				w.knows(n, types, n.Recv, n.Type.Params)
			case *ast.FuncLit:
				w.knows(n, types, n.Type.Params)
			}
			return true
		})
		w.function(fn.Body)
	}
	return slices.DeleteFunc(w.all, func(s *ast.SelectorExpr) bool { return w.fine[s] })
}

// knows allows all that is in a function that is given one of the types.
func (w *clockWalk) knows(fn ast.Node, types []string, given ...*ast.FieldList) {
	for _, list := range given {
		if list == nil {
			continue
		}
		for _, g := range list.List {
			of := g.Type
			if star, ok := of.(*ast.StarExpr); ok {
				of = star.X
			}
			if id, ok := of.(*ast.Ident); ok && slices.Contains(types, id.Name) {
				w.inside(fn)
			}
		}
	}
}

// clockWalk gathers the uses of time.Now that are fine.
type clockWalk struct {
	f       *file
	all     []*ast.SelectorExpr
	bubbles map[string]bool
	fine    map[ast.Node]bool
}

// function looks at one function, with those inside it.
func (w *clockWalk) function(body *ast.BlockStmt) {
	measured := measured(body)
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for i, right := range n.Rhs {
				if len(n.Lhs) == len(n.Rhs) && measured(n.Lhs[i]) {
					w.allow(right)
				}
			}
		case *ast.CallExpr:
			w.call(n)
		}
		return true
	})
}

// call finds what a call makes fine: a bubble, the end of a wait, a comparison.
func (w *clockWalk) call(c *ast.CallExpr) {
	if w.f.opensBubble(c, w.bubbles) {
		w.inside(c)
	}
	s, ok := c.Fun.(*ast.SelectorExpr)
	if !ok {
		return
	}
	switch s.Sel.Name {
	case "After", "Before", "Sub":
		w.allow(s.X)
		for _, arg := range c.Args {
			w.allow(arg)
		}
	case "Add":
		if len(c.Args) == 1 && (mentions(c.Args[0], "patience") || mentions(c.Args[0], "delay")) {
			w.allow(s.X)
		}
	}
}

// inside allows all that is in a node.
func (w *clockWalk) inside(n ast.Node) {
	for _, now := range w.all {
		w.fine[now] = w.fine[now] || n.Pos() < now.Pos() && now.Pos() < n.End()
	}
}

// allow takes the expression time.Now() for fine.
func (w *clockWalk) allow(e ast.Expr) {
	if c, ok := e.(*ast.CallExpr); ok {
		w.fine[c.Fun] = true
	}
}
