package config

import (
	"os"
	"path/filepath"
	"strings"
)

// include merges the files that the main file's `include` names into root.
// Sections are merged key by key; lists are appended. The order is that of the
// patterns, then that of the names that match.
func (r *reader) include(root *node) {
	v := value{r: r, n: root, line: root.line}.child("include")
	for _, item := range v.list() {
		item.note(noteType, "pattern of files")
		pattern, ok := item.text()
		if !ok {
			continue
		}
		paths, err := filepath.Glob(r.resolve(pattern))
		switch {
		case err != nil:
			item.errorf("%q is no pattern of file names", pattern)
		case len(paths) == 0 && !strings.ContainsAny(pattern, `*?[\`):
			item.errorf("no file %q", pattern)
		case len(paths) == 0:
			item.warnf("no file matches %q", pattern)
		}
		for _, path := range paths {
			r.includeFile(root, item, path)
		}
	}
}

func (r *reader) includeFile(root *node, item value, path string) {
	file := path
	if rel, err := filepath.Rel(r.resolve("."), path); err == nil {
		file = rel
	}
	data, err := os.ReadFile(filepath.Clean(path))
	if err != nil {
		item.errorf("cannot read: %v", err)
		return
	}
	tree := r.parse(file, data)
	if tree == nil {
		return
	}
	if f := tree.field("include"); f != nil {
		r.fail(Problem{Path: "include", File: file, Line: f.line, Message: "only the main file includes others"})
	}
	r.merge(root, tree, "", 0)
}

// merge moves the fields of from into to. It merges only sections. A key below
// a section that both have was defined twice, unless it is a list.
func (r *reader) merge(to, from *node, path string, depth int) {
	for _, f := range from.fields {
		at := join(path, f.key)
		if at == "include" {
			continue
		}
		have := to.field(f.key)
		switch {
		case have == nil:
			to.fields = append(to.fields, f)
		case have.value.kind == list && f.value.kind == list:
			have.value.items = append(have.value.items, f.value.items...)
		case have.value.kind == mapping && f.value.kind == mapping && depth == 0:
			r.merge(have.value, f.value, at, depth+1)
		default:
			r.fail(Problem{
				Path: at, File: f.file, Line: f.line,
				Message: "defined twice, first in " + r.place(have.file, have.line),
			})
		}
	}
}
