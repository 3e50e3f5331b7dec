package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

type kind int8

const (
	scalar kind = iota
	list
	mapping
)

// node is a piece of YAML that knows where it is from. Aliases are followed.
type node struct {
	kind   kind
	tag    string // of a scalar: !!str, !!int, …
	text   string
	items  []*node
	fields []field
	file   string // empty: the main one
	line   int
}

type field struct {
	key   string
	file  string
	line  int
	value *node
}

// Bounds of a configuration. They are far above any real one, and low enough
// that aliases of aliases do not fill the memory.
const (
	maxNodes = 1_000_000
	maxDepth = 100
)

func (n *node) field(key string) *field {
	for i := range n.fields {
		if n.fields[i].key == key {
			return &n.fields[i]
		}
	}
	return nil
}

// parse makes the tree of one file; nil if the file is not YAML, or no table.
func (r *reader) parse(file string, data []byte) *node {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc, more yaml.Node
	if err := dec.Decode(&doc); err != nil {
		if errors.Is(err, io.EOF) {
			return &node{kind: mapping, file: file, line: 1}
		}
		r.fail(syntaxProblem(file, data, err))
		return nil
	}
	if err := dec.Decode(&more); err == nil {
		r.fail(Problem{File: file, Line: more.Line, Message: "a second document begins here: one is read"})
	} else if !errors.Is(err, io.EOF) {
		r.fail(syntaxProblem(file, data, err))
	}
	t := treeMaker{reader: r, file: file, open: map[*yaml.Node]bool{}}
	if len(doc.Content) == 0 {
		return &node{kind: mapping, file: file, line: 1}
	}
	root := t.make(doc.Content[0], "", 0)
	if root.kind == scalar && root.tag == "!!null" {
		return &node{kind: mapping, file: file, line: 1}
	}
	if root.kind != mapping {
		r.fail(Problem{File: file, Line: root.line, Message: "keys with values wanted, like `server:`"})
		return nil
	}
	return root
}

var errorLine = regexp.MustCompile(`^(?:yaml: )?(?:line (\d+): )?`)

// syntaxProblem words an error of the YAML library. It leaves out the name of
// an unknown alias, which may be a secret that begins with an asterisk.
func syntaxProblem(file string, data []byte, err error) Problem {
	text := err.Error()
	found := errorLine.FindStringSubmatch(text)
	p := Problem{File: file, Message: "not YAML: " + strings.TrimPrefix(text, found[0])}
	p.Line = 1 // in case the library names no line
	if n, err := strconv.Atoi(found[1]); err == nil {
		p.Line = n
	}
	if line := bareVariable(data, p.Line); line > 0 {
		p.Line = line
		p.Message += "; between { and } a ${NAME} is put in quotes"
	}
	if _, rest, ok := strings.Cut(text, "unknown anchor '"); ok {
		name, _, _ := strings.Cut(rest, "'")
		p.Message = "not YAML: an alias (*name) of no anchor (&name); a text that begins with * is put in quotes"
		if before, _, ok := bytes.Cut(data, []byte("*"+name)); ok {
			p.Line = bytes.Count(before, []byte("\n")) + 1
		}
	}
	return p
}

// treeMaker makes the tree of one file.
type treeMaker struct {
	*reader
	file string
	open map[*yaml.Node]bool // aliases that are being followed
	full bool                // the error about the size was reported
}

func (t *treeMaker) fail(path string, line int, format string, args ...any) {
	t.reader.fail(Problem{Path: path, File: t.file, Line: line, Message: fmt.Sprintf(format, args...)})
}

func (t *treeMaker) make(y *yaml.Node, path string, depth int) *node {
	n := &node{file: t.file, line: y.Line, tag: "!!null"}
	if t.nodes++; t.nodes > maxNodes || depth > maxDepth {
		if !t.full {
			t.full = true
			t.fail(path, y.Line, "too large or too deep")
		}
		return n
	}
	switch y.Kind {
	case yaml.AliasNode:
		if t.open[y.Alias] {
			t.fail(path, y.Line, "an alias inside what it stands for")
			return n
		}
		t.open[y.Alias] = true
		n = t.make(y.Alias, path, depth+1)
		delete(t.open, y.Alias)
	case yaml.SequenceNode:
		n.kind = list
		for i, item := range y.Content {
			n.items = append(n.items, t.make(item, index(path, i), depth+1))
		}
	case yaml.MappingNode:
		n.kind = mapping
		t.fields(n, y, path, depth)
	default:
		n.tag, n.text = y.ShortTag(), y.Value
		if !knownTags[n.tag] {
			t.fail(path, y.Line, "a tag (!…) means nothing here; a text that begins with ! is put in quotes")
			n.tag, n.text = "!!null", ""
		}
	}
	return n
}

var knownTags = map[string]bool{"!!str": true, "!!int": true, "!!float": true, "!!bool": true, "!!null": true, "!!timestamp": true}

func (t *treeMaker) fields(n *node, y *yaml.Node, path string, depth int) {
	for i := 0; i+1 < len(y.Content); i += 2 {
		key, v := y.Content[i], y.Content[i+1]
		if key.Kind != yaml.ScalarNode {
			t.fail(path, key.Line, "a key is a text")
			continue
		}
		if key.ShortTag() == "!!merge" {
			t.fail(path, key.Line, "<< is not read: name the keys themselves")
			continue
		}
		at := join(path, key.Value)
		if first := n.field(key.Value); first != nil {
			t.fail(at, key.Line, "given twice, first on line %d", first.line)
			continue
		}
		n.fields = append(n.fields, field{key: key.Value, file: t.file, line: key.Line, value: t.make(v, at, depth+1)})
	}
}

var plainKey = regexp.MustCompile(`^[\pL\pN_.-]+$`)

// join is the path of a key.
func join(path, key string) string {
	if !plainKey.MatchString(key) {
		key = strconv.Quote(key)
	}
	if path == "" {
		return key
	}
	return path + "." + key
}

// index is the path of an item, counted from 0. Items of a policy's steps are
// written without the word steps.
func index(path string, i int) string {
	if strings.HasPrefix(path, "policies.") {
		path = strings.TrimSuffix(path, ".steps")
	}
	return path + "[" + strconv.Itoa(i) + "]"
}
