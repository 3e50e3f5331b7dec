package ticket

import (
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"testing"

	"github.com/astreinte/astreinte/internal/reftest"
)

// TestReferenceHasTheLimits compares the reference with each exported constant
// of limits.go, both ways.
func TestReferenceHasTheLimits(t *testing.T) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "limits.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	check := types.Config{Error: func(error) {}} // what is not a constant is of no matter
	pkg, _ := check.Check("ticket", fset, []*ast.File{file}, nil)
	limits := map[string]any{}
	for _, name := range pkg.Scope().Names() {
		c, ok := pkg.Scope().Lookup(name).(*types.Const)
		if !ok || !c.Exported() {
			continue
		}
		value, exact := constant.Int64Val(constant.ToInt(c.Val()))
		if !exact {
			t.Fatalf("%s is no whole number", name)
		}
		limits[name] = value
	}
	reftest.Values(t, "ticket.", limits)
}
