package config

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/astreinte/astreinte/ingest"
	"github.com/astreinte/astreinte/internal/reftest"
)

// key is what the strict reader knows of a key of the file.
type key struct {
	types    []string
	defaults []string
	needed   bool
	list     bool
	table    bool
}

var (
	listIndex = regexp.MustCompile(`\[\d+\]`)
	zeros     = []string{"", "0", "0s", "0MiB"}
)

// sameAs are sections that have the same keys as another one, and no rows.
var sameAs = map[string]string{"sms.fallback.": "sms.", "route.routes[].": "route."}

// everyKey has the reader read the files of testdata/keys and returns the keys
// that it asked for. The files give everything that may be given; each name
// there is NAME.
func everyKey(t *testing.T) map[string]*key {
	t.Helper()
	keys := map[string]*key{}
	files, err := filepath.Glob("testdata/keys/*.yml")
	if err != nil || len(files) == 0 {
		t.Fatal("no files", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		r := newReader(file, "testdata/keys", Options{Now: saturday, Getenv: os.LookupEnv, Tools: ingest.Tools()})
		r.watch = func(path, what, detail string) { noted(keys, path, what, detail) }
		root := r.parse("", data)
		if root == nil {
			t.Fatalf("%s: %v", file, r.errors)
		}
		r.include(root)
		r.config(value{r: r, n: root, line: root.line})
		for _, p := range r.errors {
			if strings.Contains(p.Message, "unknown key") {
				t.Errorf("%s: %v", file, p)
			}
		}
	}
	return keys
}

func noted(keys map[string]*key, path, what, detail string) {
	path = listIndex.ReplaceAllString(path, "[]")
	path = strings.Replace(path, "policies.NAME[]", "policies.NAME.steps[]", 1) // messages leave the word steps out
	for section, like := range sameAs {
		for strings.HasPrefix(path, section) {
			path = like + strings.TrimPrefix(path, section)
		}
	}
	if keys[path] == nil {
		keys[path] = &key{}
	}
	k := keys[path]
	switch what {
	case noteType:
		k.types = append(k.types, detail)
	case noteDefault:
		if !slices.Contains(zeros, detail) && !slices.Contains(k.defaults, detail) {
			k.defaults = append(k.defaults, detail)
		}
	case noteNeeded:
		k.needed = true
	case noteList:
		k.list = true
	case noteTable:
		k.table = true
	}
}

// typeOf is a key's type in the words of the reference. If it is a list, items
// is what is known of its items.
func (k *key) typeOf(items *key) string {
	one := ""
	if len(k.types) > 0 {
		one = plainType(k.types[0])
	}
	many := ""
	if k.list {
		many = "list"
		if items != nil && len(items.types) > 0 {
			many += ": " + plainType(items.types[0])
		}
	}
	if one != "" && many != "" {
		return one + "; or " + many
	}
	return one + many
}

var article = regexp.MustCompile(`^an? (whole )?`)

func plainType(want string) string {
	want, _, _ = strings.Cut(article.ReplaceAllString(want, ""), " like ")
	return want
}

// TestReferenceHasEveryKey compares the reference with what the strict reader
// asks for, both ways: each key with its type, and its default or that it is
// needed.
func TestReferenceHasEveryKey(t *testing.T) {
	keys := everyKey(t)
	told := map[string][]string{}
	for _, row := range reftest.Rows(t, "## Configuration") {
		for _, path := range reftest.Code(row[0]) {
			told[path] = row
		}
	}
	known := map[string]bool{}
	for _, path := range slices.Sorted(maps.Keys(keys)) {
		k := keys[path]
		known[path] = true
		if k.list && keys[path+"[]"] == nil || !k.list && !k.table && len(k.types) == 0 {
			t.Errorf("no file of testdata/keys shows what is in %s", path)
		}
		if strings.HasSuffix(path, "[]") || k.table && !k.list && len(k.types) == 0 {
			continue // the rows describe what is in it
		}
		row := told[path]
		if row == nil {
			t.Errorf("the reference lacks a row: | `%s` | %s | %s | |", path, k.typeOf(keys[path+"[]"]), k.defaultOf())
			continue
		}
		if want := k.typeOf(keys[path+"[]"]); row[1] != want {
			t.Errorf("%s is a %q, the reference says %q", path, want, row[1])
		}
		if k.needed {
			k.defaults = nil
		}
		if given := reftest.Code(row[2]); !slices.Equal(sorting(given), sorting(k.defaults)) || k.needed != strings.Contains(row[2], "needed") {
			t.Errorf("%s has the default %q, the reference says %q", path, k.defaultOf(), row[2])
		}
		if len(row) < 4 || row[3] == "" {
			t.Errorf("the reference does not say what %s means", path)
		}
	}
	for path := range told {
		if !known[path] {
			t.Errorf("the reference has %s, which the reader does not know", path)
		}
	}
}

// defaultOf is a key's default in the words of the reference.
func (k *key) defaultOf() string {
	if k.needed {
		return "needed"
	}
	words := make([]string, len(k.defaults))
	for i, d := range k.defaults {
		words[i] = "`" + d + "`"
	}
	return strings.Join(words, ", ")
}

func sorting(words []string) []string {
	words = slices.Clone(words)
	slices.Sort(words)
	return words
}
