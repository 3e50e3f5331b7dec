package archtest

import (
	"go/ast"
	"slices"
)

// measuring are the functions and methods that a measured time may go to: those
// that give a duration or an order, and those that tell it to a person.
var measuring = []string{"Since", "Until", "Sub", "After", "Before", "IsZero", "Error", "Errorf", "Fatal", "Fatalf", "Log", "Logf"}

// measured says of a variable whether all that the function does with it, beside
// setting it, is to measure.
func measured(body *ast.BlockStmt) func(ast.Expr) bool {
	uses, measures := map[string]int{}, map[string]int{}
	count := func(e ast.Expr) {
		if id, ok := e.(*ast.Ident); ok {
			measures[id.Name]++
		}
	}
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			uses[n.Name]++
		case *ast.AssignStmt:
			for _, left := range n.Lhs {
				count(left)
			}
		case *ast.ValueSpec:
			for _, name := range n.Names {
				count(name)
			}
		case *ast.CallExpr:
			s, ok := n.Fun.(*ast.SelectorExpr)
			if !ok || !slices.Contains(measuring, s.Sel.Name) {
				return true
			}
			count(s.X)
			for _, arg := range n.Args {
				count(arg)
			}
		}
		return true
	})
	return func(e ast.Expr) bool {
		id, ok := e.(*ast.Ident)
		return ok && uses[id.Name] == measures[id.Name]
	}
}

// mentions says whether an expression has the name in it.
func mentions(e ast.Expr, name string) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		found = found || ok && id.Name == name
		return true
	})
	return found
}
