package config

import (
	"fmt"
	"slices"
	"strings"
)

// value is a piece of the configuration that is about to get a type, with its
// path. If it is not given, or has the wrong type, its methods return the
// default. They report a wrong type.
type value struct {
	r     *reader
	n     *node // nil: not given
	path  string
	file  string
	line  int  // of its key, or of the table that should have it
	quiet bool // inside something that was reported already
}

func (v value) given() bool { return v.n != nil }

func (v value) problem(format string, args []any) Problem {
	message := strings.ReplaceAll(fmt.Sprintf(format, args...), "\n", "; ") // some are several errors, joined
	return Problem{Path: v.path, File: v.file, Line: v.line, Message: message}
}

// errorf reports what is wrong. The message must not hold a secret.
func (v value) errorf(format string, args ...any) {
	if !v.quiet {
		v.r.fail(v.problem(format, args))
	}
}

// warnf reports what is doubtful.
func (v value) warnf(format string, args ...any) {
	if !v.quiet {
		v.r.warnings = append(v.r.warnings, v.problem(format, args))
	}
}

// What a watcher hears. If there are several types, the first is the closest.
const (
	noteKey     = "key"
	noteType    = "type"
	noteDefault = "default"
	noteNeeded  = "needed" // it must be given, or another key instead
	noteList    = "list"
	noteTable   = "table"
)

// note tells a watcher what is read of a value: its type, its default.
func (v value) note(what, detail string) {
	if v.r.watch != nil {
		v.r.watch(v.path, what, detail)
	}
}

// child is the value of a key. If there is none, it counts as not given.
func (v value) child(key string) value {
	c := value{r: v.r, path: join(v.path, key), file: v.file, line: v.line, quiet: v.quiet}
	if v.n == nil {
		return c
	}
	if f := v.n.field(key); f != nil {
		c.n, c.file, c.line = f.value, f.file, f.line
		if f.value.kind == scalar {
			c.line = f.value.line
		}
		v.r.at[c.path] = c
	}
	return c
}

// null says that the key is given without a value.
func (v value) null() bool { return v.n != nil && v.n.kind == scalar && v.n.tag == "!!null" }

// list is the items of a list.
func (v value) list() []value {
	v.note(noteList, "")
	if v.n == nil {
		return nil
	}
	if v.n.kind != list {
		v.errorf("a list wanted, not %s", v.what())
		return nil
	}
	items := make([]value, len(v.n.items))
	for i, n := range v.n.items {
		items[i] = value{r: v.r, n: n, path: index(v.path, i), file: n.file, line: n.line, quiet: v.quiet}
		v.r.at[items[i].path] = items[i]
	}
	return items
}

// entry is one of a section's named things.
type entry struct {
	key string
	value
}

// entries are the named things of a section. Their keys become the names of
// that kind.
func (v value) entries(kind string) []entry {
	v.note(noteTable, "")
	if v.n != nil && v.n.kind != mapping && !v.null() {
		v.errorf("names with their settings wanted, not %s", v.what())
		return nil
	}
	list := []entry{}
	if v.n != nil {
		for _, f := range v.n.fields {
			e := entry{f.key, v.child(f.key)}
			if why := oddName(kind, f.key); why != "" {
				e.errorf("%s", why)
			}
			list = append(list, e)
		}
	}
	names := make([]string, len(list))
	for i, e := range list {
		names[i] = e.key
	}
	v.r.names[kind] = names
	return list
}

// oddName says what is wrong with a name. Names of sources, policies, people
// and groups are parts of URLs and of the keys of pages.
func oddName(kind, name string) string {
	switch {
	case strings.TrimSpace(name) == "":
		return "a name wanted, this one is empty"
	case len(name) > 100:
		return "a name has at most 100 bytes"
	case kind == "contract" || kind == "calendar" || kind == "customer":
		if strings.ContainsFunc(name, func(c rune) bool { return c < ' ' }) {
			return "a name has no control characters"
		}
	case !plainKey.MatchString(name) || strings.HasPrefix(name, "."):
		return fmt.Sprintf("%q cannot be a name: letters, digits, -, _ and . are allowed, no dot at its beginning", name)
	}
	return ""
}

// name reads the name of a thing of that kind.
func (v value) name(kind string) string {
	v.note(noteType, "name of a "+kind)
	name, ok := v.text()
	if !ok {
		return ""
	}
	known, readable := v.r.names[kind]
	if readable && !slices.Contains(known, name) {
		v.errorf("no %s named %q%s", kind, name, suggest(name, known))
		return ""
	}
	if v.r.used[kind] == nil {
		v.r.used[kind] = map[string]bool{}
	}
	v.r.used[kind][name] = true
	return name
}

// namesOf reads a list of such names, each at most once.
func (v value) namesOf(kind string) []string {
	var list []string
	for _, item := range v.list() {
		name := item.name(kind)
		if name == "" {
			continue
		}
		list = append(list, name)
	}
	return list
}

// oneOf reads one of a few words.
func (v value) oneOf(what string, words ...string) string {
	v.note(noteType, either(words))
	text, ok := v.text()
	if !ok {
		return ""
	}
	if !slices.Contains(words, text) {
		v.errorf("no %s %q: %s%s", what, text, either(words), suggest(text, words))
		return ""
	}
	return text
}

// either writes "a, b or c".
func either(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}

// what says of which type a value is. It never shows the value.
func (v value) what() string {
	switch v.n.kind {
	case list:
		return "a list"
	case mapping:
		return "keys with values"
	case scalar:
	}
	switch v.n.tag {
	case "!!null":
		return "nothing"
	case "!!int", "!!float":
		return "a number"
	case "!!bool":
		return "true or false"
	case "!!timestamp":
		return "a date"
	}
	return "a text"
}
