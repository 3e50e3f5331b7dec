// Package reftest holds docs/REFERENCE.md against the code, for the tests of
// the packages that it describes: its tables are read by [Rows], and what a test
// writes itself stands between two marks, which [Hold] compares.
//
//	go test -p 1 ./cmd/astreinte ./internal/web -run TestReference -reference
//
// writes such parts anew.
package reftest

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

var write = flag.Bool("reference", false, "write the parts of docs/REFERENCE.md that come of code anew")

// Path is where the reference is, as a test finds it.
func Path(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return filepath.Join(dir, "docs", "REFERENCE.md")
		}
		up := filepath.Dir(dir)
		if up == dir {
			t.Fatal("no go.mod above the test")
		}
		dir = up
	}
}

// Text is the whole reference.
func Text(t testing.TB) string {
	t.Helper()
	text, err := os.ReadFile(Path(t))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Section is what stands under a heading ("### Exit codes"), to the next of its
// rank or above. One that is not there fails the test.
func Section(t testing.TB, heading string) string {
	t.Helper()
	_, rest, ok := strings.Cut(Text(t), "\n"+heading+"\n")
	if !ok {
		t.Fatalf("docs/REFERENCE.md has no %q", heading)
	}
	end := regexp.MustCompile(fmt.Sprintf(`(?m)^#{1,%d} `, strings.Count(heading, "#"))).FindStringIndex(rest)
	if end != nil {
		rest = rest[:end[0]]
	}
	return rest
}

// Rows are the rows of the tables in a section, without their heads: the text of
// each cell.
func Rows(t testing.TB, heading string) [][]string {
	t.Helper()
	var rows [][]string
	inTable := false
	for line := range strings.Lines(Section(t, heading)) {
		line = strings.TrimSpace(line)
		switch {
		case !strings.HasPrefix(line, "|"):
			inTable = false
		case strings.HasPrefix(line, "|---"):
			inTable = true
		case inTable:
			cells := strings.Split(strings.Trim(line, "|"), "|")
			for i := range cells {
				cells[i] = strings.TrimSpace(cells[i])
			}
			rows = append(rows, cells)
		}
	}
	return rows
}

var code = regexp.MustCompile("`([^`]+)`")

// Code is what stands between backquotes in a cell.
func Code(cell string) []string {
	var all []string
	for _, m := range code.FindAllStringSubmatch(cell, -1) {
		all = append(all, m[1])
	}
	return all
}

// Column is what stands between backquotes in the first cells of a section's
// rows.
func Column(t testing.TB, heading string) []string {
	t.Helper()
	var all []string
	for _, row := range Rows(t, heading) {
		all = append(all, Code(row[0])...)
	}
	return all
}

// Hold fails the test if the part of that name in the reference is not what
// it should be; with -reference it is written. A part stands between the lines
// "<!-- NAME: …-->" and "<!-- end of NAME -->", each with an empty line inside.
func Hold(t testing.TB, name, want string) {
	t.Helper()
	text := Text(t)
	begin := regexp.MustCompile(`<!-- ` + regexp.QuoteMeta(name) + `: .*-->\n\n`).FindStringIndex(text)
	end := strings.Index(text, "\n<!-- end of "+name+" -->\n")
	if len(begin) != 2 || end < begin[1]-1 {
		t.Fatalf("docs/REFERENCE.md has not the marks of %q", name)
	}
	have := text[begin[1]:max(begin[1], end)]
	switch {
	case *write:
		whole := text[:begin[1]] + want + text[end:]
		if err := os.WriteFile(Path(t), []byte(whole), 0o644); err != nil {
			t.Fatal(err)
		}
	case have != want:
		t.Errorf("the %s in docs/REFERENCE.md are not those of the code: run this test with -reference, and look at what it wrote\n%s", name, difference(have, want))
	}
}

// difference shows the first line that differs.
func difference(have, want string) string {
	given, lines := strings.Split(have, "\n"), strings.Split(want, "\n")
	for i := range max(len(given), len(lines)) {
		a, b := "", ""
		if i < len(given) {
			a = given[i]
		}
		if i < len(lines) {
			b = lines[i]
		}
		if a != b {
			return fmt.Sprintf("there: %s\nwanted: %s", a, b)
		}
	}
	return ""
}

// Count is a number of things, which is written without a unit.
type Count int

// Values holds the rows of the section "Limits" whose names begin with a
// prefix ("web.") against the values that the code has, by the rest of the name,
// both ways. A value is a number of bytes, a Count, or a time.Duration.
func Values(t testing.TB, prefix string, want map[string]any) {
	t.Helper()
	told := map[string]string{}
	for _, row := range Rows(t, "## Limits") {
		for _, name := range Code(row[0]) {
			if rest, ok := strings.CutPrefix(name, prefix); ok {
				told[rest] = row[1]
			}
		}
	}
	for name, v := range want {
		if value := Value(v); told[name] != value {
			t.Errorf("%s%s is %s, docs/REFERENCE.md says %q", prefix, name, value, told[name])
		}
		delete(told, name)
	}
	for name := range told {
		t.Errorf("docs/REFERENCE.md has a limit %s%s, which this test does not know", prefix, name)
	}
}

// Value is a value as the reference writes it: 10s, 64 KiB, 100.
func Value(v any) string {
	switch v := v.(type) {
	case time.Duration:
		text := strings.TrimSuffix(v.String(), "m0s")
		if text != v.String() {
			text += "m"
		}
		return text
	case int64:
		return Value(int(v))
	case int:
		for _, unit := range []struct {
			of   int
			name string
		}{{1 << 30, "GiB"}, {1 << 20, "MiB"}, {1 << 10, "KiB"}} {
			if v >= unit.of && v%unit.of == 0 {
				return fmt.Sprintf("%d %s", v/unit.of, unit.name)
			}
		}
	}
	return fmt.Sprint(v)
}
