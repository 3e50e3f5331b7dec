package archtest

import (
	"fmt"
	"go/ast"
	"go/build/constraint"
	"path"
	"regexp"
	"strings"
)

// checkTopLevel allows only the entries that were named, and dotfiles.
func checkTopLevel(t *tree) []string {
	var faults []string
	for _, name := range t.top {
		if !topLevel[name] && !strings.HasPrefix(name, ".") {
			faults = append(faults, name+": not one of the top-level entries: which of the rooms does it belong in?")
		}
	}
	return faults
}

// checkPackageComments wants one comment a package, which begins with its name.
func checkPackageComments(t *tree) []string {
	var faults []string
	for _, p := range t.sorted() {
		name, docs := p.comments()
		want := "Package " + name
		if name == "main" {
			want = "Command " + path.Base(p.dir)
		}
		if len(docs) != 1 {
			faults = append(faults, fmt.Sprintf("%s: %d package comments, want one, beginning %q", p.dir, len(docs), want))
			continue
		}
		if !regexp.MustCompile(`^` + regexp.QuoteMeta(want) + `\b`).MatchString(docs[0]) {
			faults = append(faults, fmt.Sprintf("%s: the package comment does not begin %q", p.dir, want))
		}
	}
	return faults
}

// comments gives the package's name and its comments. Tests count only if a
// package has nothing else.
func (p *pkg) comments() (name string, docs []string) {
	onlyTests := true
	for _, f := range p.files {
		onlyTests = onlyTests && f.test
	}
	for _, f := range p.files {
		if f.test && !onlyTests {
			continue
		}
		name = strings.TrimSuffix(f.syntax.Name.Name, "_test")
		if text := f.syntax.Doc.Text(); text != "" {
			docs = append(docs, text)
		}
	}
	return name, docs
}

// checkBuildTags refuses a test that neither an ordinary run on Linux nor one
// with --long (.ci/test) takes: it would be skipped without anybody being told.
func checkBuildTags(t *tree) []string {
	var faults []string
	for _, p := range t.sorted() {
		for _, f := range p.files {
			if c := buildTag(f.syntax); f.test && c != nil && !runs(c) {
				faults = append(faults, fmt.Sprintf("%s/%s: tests behind %q never run", p.dir, f.name, c))
			}
		}
	}
	return faults
}

// buildTag is the file's //go:build line, or nil.
func buildTag(f *ast.File) constraint.Expr {
	for _, group := range f.Comments {
		for _, c := range group.List {
			if c.Pos() < f.Package && constraint.IsGoBuild(c.Text) {
				if e, err := constraint.Parse(c.Text); err == nil {
					return e
				}
			}
		}
	}
	return nil
}

// runs says whether c holds on Linux, with or without the race detector, with
// or without the tag long.
func runs(c constraint.Expr) bool {
	for n := range 4 {
		race, long := n&1 > 0, n&2 > 0
		if c.Eval(func(tag string) bool {
			return tag == "linux" || tag == "unix" || tag == "race" && race || tag == "long" && long
		}) {
			return true
		}
	}
	return false
}
