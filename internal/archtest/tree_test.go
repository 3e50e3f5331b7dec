package archtest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// tree is the source of a module.
type tree struct {
	fsys     fs.FS    // all of its files
	module   string   // its path
	top      []string // the entries beside go.mod
	packages map[string]*pkg
	fset     *token.FileSet
}

// pkg is one folder of Go files, with its tests.
type pkg struct {
	dir   string // below the module, "." at the top
	files []*file
}

// file is one parsed Go file.
type file struct {
	name    string // the base name
	test    bool   // a _test.go file
	syntax  *ast.File
	imports map[string]string // import path to the name it goes by in the file
}

var moduleLine = regexp.MustCompile(`(?m)^module\s+(\S+)`)

// load parses the module whose go.mod stands at the top of fsys. As the go
// command does, it passes over folders that begin with a dot or an underscore,
// testdata, vendor and modules of their own.
func load(fsys fs.FS) (*tree, error) {
	mod, err := fs.ReadFile(fsys, "go.mod")
	if err != nil {
		return nil, err
	}
	m := moduleLine.FindSubmatch(mod)
	if m == nil {
		return nil, fmt.Errorf("go.mod names no module")
	}
	t := &tree{fsys: fsys, module: string(m[1]), packages: map[string]*pkg{}, fset: token.NewFileSet()}
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		t.top = append(t.top, e.Name())
	}
	err = fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && skipped(fsys, name):
			return fs.SkipDir
		case d.IsDir() || path.Ext(name) != ".go":
			return nil
		}
		return t.parse(fsys, name)
	})
	return t, err
}

func skipped(fsys fs.FS, dir string) bool {
	base := path.Base(dir)
	if base[0] == '.' || base[0] == '_' || base == "testdata" || base == "vendor" {
		return true
	}
	_, err := fs.Stat(fsys, path.Join(dir, "go.mod"))
	return err == nil
}

func (t *tree) parse(fsys fs.FS, name string) error {
	src, err := fs.ReadFile(fsys, name)
	if err != nil {
		return err
	}
	syntax, err := parser.ParseFile(t.fset, name, src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	f := &file{
		name:    path.Base(name),
		test:    strings.HasSuffix(name, "_test.go"),
		syntax:  syntax,
		imports: map[string]string{},
	}
	for _, spec := range syntax.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return fmt.Errorf("%s: import %s: %w", name, spec.Path.Value, err)
		}
		f.imports[p] = localName(spec, p)
	}
	dir := path.Dir(name)
	if t.packages[dir] == nil {
		t.packages[dir] = &pkg{dir: dir}
	}
	t.packages[dir].files = append(t.packages[dir].files, f)
	return nil
}

var majorVersion = regexp.MustCompile(`^v[0-9]+$`)

// localName is the name that an import goes by: the one it is given, or the
// last element of its path that is not a major version.
func localName(spec *ast.ImportSpec, p string) string {
	if spec.Name != nil {
		return spec.Name.Name
	}
	base := path.Base(p)
	if majorVersion.MatchString(base) {
		base = path.Base(path.Dir(p))
	}
	return base
}

// sorted is the packages in the order of their paths.
func (t *tree) sorted() []*pkg {
	var all []*pkg
	for _, p := range t.packages {
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b *pkg) int { return strings.Compare(a.dir, b.dir) })
	return all
}

// ours is the path of a package below the module's, if it is one of ours.
func (t *tree) ours(importPath string) (string, bool) {
	if importPath == t.module {
		return ".", true
	}
	return strings.CutPrefix(importPath, t.module+"/")
}

// at is where a node stands, as file:line.
func (t *tree) at(n ast.Node) string {
	p := t.fset.Position(n.Pos())
	return fmt.Sprintf("%s:%d", p.Filename, p.Line)
}

// under says whether importPath is root or stands below it.
func under(importPath, root string) bool {
	return importPath == root || strings.HasPrefix(importPath, root+"/")
}
