package archtest

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
)

var (
	// citation is the path of a document, with the heading that it names: as an
	// anchor, or in quotes after a comma.
	citation = regexp.MustCompile(`([A-Za-z0-9_./-]*[A-Za-z0-9_-]\.md)(#[A-Za-z0-9_-]+)?(?:, "([^"]+)")?`)
	// sourceName is the name of a source file, of one of this package or by its
	// path from the top; a * stands for more of them.
	sourceName = regexp.MustCompile(`(?:^|[\s(,;"])([A-Za-z0-9*][A-Za-z0-9_*./-]*\.(?:go|lua))\b`)
	// docLink is where a link of a document leads.
	docLink = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	fenced  = regexp.MustCompile("(?ms)^ *```.*?\n *```")
	heading = regexp.MustCompile(`(?m)^#{1,6} +(.+?)\s*$`)
)

// checkCited wants every document that a comment in Go, Lua or a shell script
// cites to be in the tree, by its path from the top, and the heading that is
// cited to be in it. The same holds for the links of the
// documents. A source file that a comment in Go names is to be in its package, or
// in the tree.
func checkCited(t *tree) []string {
	var faults []string
	for _, p := range t.sorted() {
		for _, f := range p.files {
			for _, c := range f.syntax.Comments {
				faults = append(faults, t.cited(t.at(c), c.Text())...)
				faults = append(faults, t.named(p.dir, t.at(c), c.Text())...)
			}
		}
	}
	err := fs.WalkDir(t.fsys, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == ".git" || d.Name() == "testdata"):
			return fs.SkipDir
		case d.IsDir():
			return nil
		}
		switch text := t.script(name); {
		case text != "":
			faults = append(faults, t.cited(name, text)...)
		case path.Ext(name) == ".md":
			faults = append(faults, t.links(name)...)
		}
		return nil
	})
	if err != nil {
		faults = append(faults, err.Error())
	}
	return faults
}

// script is the comments of a Lua or shell file, empty for any other.
func (t *tree) script(name string) string {
	begins, ends := "", path.Ext(name)
	switch {
	case ends == ".lua":
		begins = "--"
	case ends == ".sh", strings.HasPrefix(name, ".ci/") && ends == "":
		begins = "#"
	default:
		return ""
	}
	var comments strings.Builder
	data, _ := fs.ReadFile(t.fsys, name) // it was found a moment ago
	for line := range strings.Lines(string(data)) {
		if _, said, ok := strings.Cut(line, begins); ok {
			comments.WriteString(said)
		}
	}
	return comments.String()
}

// cited says what is wrong with the citations of a text.
func (t *tree) cited(at, text string) []string {
	var faults []string
	for _, m := range citation.FindAllStringSubmatch(strings.Join(strings.Fields(text), " "), -1) {
		anchor := strings.TrimPrefix(m[2], "#")
		if anchor == "" {
			anchor = slug(m[3])
		}
		if why := t.lacks(m[1], anchor); why != "" {
			faults = append(faults, fmt.Sprintf("%s cites %s", at, why))
		}
	}
	return faults
}

// named says which source files a comment in a package names that are not there.
func (t *tree) named(dir, at, text string) []string {
	var faults []string
	for _, m := range sourceName.FindAllStringSubmatch(text, -1) {
		beside, err := fs.Glob(t.fsys, path.Join(dir, m[1]))
		above, _ := fs.Glob(t.fsys, m[1]) // the same pattern
		if err != nil || len(beside)+len(above) == 0 {
			faults = append(faults, fmt.Sprintf("%s names %s, which is not in the package, and not in the tree", at, m[1]))
		}
	}
	return faults
}

// links says what is wrong with the links of a document.
func (t *tree) links(name string) []string {
	var faults []string
	data, _ := fs.ReadFile(t.fsys, name) // it was found a moment ago
	for _, m := range docLink.FindAllStringSubmatch(fenced.ReplaceAllString(string(data), ""), -1) {
		target, anchor, _ := strings.Cut(m[1], "#")
		if strings.Contains(target, ":") { // of another site
			continue
		}
		if target == "" {
			target = path.Base(name)
		}
		if why := t.lacks(path.Join(path.Dir(name), target), anchor); why != "" {
			faults = append(faults, fmt.Sprintf("%s links to %s", name, why))
		}
	}
	return faults
}

// lacks names the file that is not there, or the heading that it does not have.
func (t *tree) lacks(name, anchor string) string {
	if _, err := fs.Stat(t.fsys, name); err != nil {
		return name + ", which is not in the tree"
	}
	if anchor == "" || path.Ext(name) != ".md" {
		return ""
	}
	data, _ := fs.ReadFile(t.fsys, name) // it was found a moment ago
	var headings []string
	for _, m := range heading.FindAllStringSubmatch(fenced.ReplaceAllString(string(data), ""), -1) {
		headings = append(headings, slug(m[1]))
	}
	if !slices.Contains(headings, anchor) {
		return fmt.Sprintf("%s#%s, which has no such heading", name, anchor)
	}
	return ""
}

var unspoken = regexp.MustCompile(`[^a-z0-9 _-]`)

// slug is the anchor of a heading.
func slug(heading string) string {
	return strings.ReplaceAll(unspoken.ReplaceAllString(strings.ToLower(heading), ""), " ", "-")
}
