package config

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// noEnv is an environment without variables.
func noEnv(string) (string, bool) { return "", false }

// TestMistakes compares every error of one file full of them with
// testdata/mistakes.golden. Each line there has the line, the path and the
// message.
func TestMistakes(t *testing.T) {
	data, err := os.ReadFile("testdata/mistakes.yml")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "secrets/empty"), " \n")
	cfg, report := Parse("mistakes.yml", data, dir, Options{Now: saturday, Getenv: noEnv})
	if cfg != nil {
		t.Error("a Config beside errors")
	}
	var b strings.Builder
	for _, p := range report.Errors {
		fmt.Fprintf(&b, "%d\t%s\t%s\n", p.Line, p.Path, p.Message)
	}
	for _, p := range report.Warnings {
		fmt.Fprintf(&b, "%d\t%s\twarning: %s\n", p.Line, p.Path, p.Message)
	}
	got := b.String()
	if strings.Contains(got, "hush") {
		t.Error("a secret in the messages")
	}
	golden(t, "testdata/mistakes.golden", got)
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		write(t, path, got)
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got == string(want) {
		return
	}
	has := map[string]bool{}
	for line := range strings.Lines(string(want)) {
		has[line] = true
	}
	for line := range strings.Lines(got) {
		if !has[line] {
			t.Errorf("more: %s", line)
		}
		delete(has, line)
	}
	for line := range has {
		t.Errorf("missing: %s", line)
	}
	t.Errorf("not as in %s", path)
}
