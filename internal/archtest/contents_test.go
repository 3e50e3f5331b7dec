package archtest

import (
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"
	"unicode"
)

var writeContents = flag.Bool("contents", false, "write the contents of docs/OPERATIONS.md anew")

// TestContents: docs/OPERATIONS.md begins with a list of its sections, each of which
// leads to one.
func TestContents(t *testing.T) {
	const path = "../../docs/OPERATIONS.md"
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	mark := regexp.MustCompile(`<!-- contents: .*-->\n\n`).FindStringIndex(text)
	end := strings.Index(text, "\n<!-- end of contents -->\n")
	if len(mark) == 0 || end < mark[1]-1 {
		t.Fatal("docs/OPERATIONS.md has no part for its contents")
	}
	want := contents(text)
	if text[mark[1]:max(end, mark[1])] == want {
		return
	}
	if !*writeContents {
		t.Fatal("the contents of docs/OPERATIONS.md are not its sections: go test -p 1 ./internal/archtest -run TestContents -contents writes them")
	}
	if err := os.WriteFile(path, []byte(text[:mark[1]]+want+text[end:]), 0o644); err != nil {
		t.Fatal(err)
	}
}

// contents are links to the sections of a document, those of the second and the third
// rank.
func contents(text string) string {
	var b strings.Builder
	code, seen := false, map[string]bool{}
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		if strings.HasPrefix(line, "```") {
			code = !code
		}
		depth := strings.IndexFunc(line, func(c rune) bool { return c != '#' })
		if code || depth < 2 || depth > 3 || line[depth] != ' ' {
			continue
		}
		title := line[depth+1:]
		at := anchor(title)
		entry := "[" + title + "](#" + at + ")"
		if seen[at] { // the link would lead to the first of that name
			entry = title
		}
		seen[at] = true
		b.WriteString(strings.Repeat("  ", depth-2) + "- " + entry + "\n")
	}
	return b.String()
}

// anchor is where a heading's link leads, as GitHub makes it.
func anchor(title string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c == ' ':
			return '-'
		case c == '-', c == '_', unicode.IsLetter(c), unicode.IsDigit(c):
			return unicode.ToLower(c)
		}
		return -1
	}, title)
}
