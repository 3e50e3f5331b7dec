package main

import (
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

var update = flag.Bool("update", false, "write the commands into docs/REFERENCE.md anew")

const (
	referenceFile  = "../../docs/REFERENCE.md"
	commandsBegin  = "<!-- The commands are written by: go test ./cmd/astreinte -run TestReference -update -->\n\n"
	commandsEnd    = "<!-- end of the commands -->\n"
	environmentRow = "(?m)^\\| `([A-Z_]+)` \\|"
)

// TestReferenceHasTheCommands holds the commands and flags in the reference
// against those that there are, word by word, and wants to know of each command
// what an exit code of 1 means.
func TestReferenceHasTheCommands(t *testing.T) {
	text := readReference(t)
	before, rest, ok := strings.Cut(text, commandsBegin)
	written, after, ended := strings.Cut(rest, commandsEnd)
	if !ok || !ended {
		t.Fatalf("%s has not the two marks of the commands", referenceFile)
	}
	commands := everyCommand()
	var want strings.Builder
	for _, cmd := range commands {
		want.WriteString(commandSection(cmd))
	}
	if *update {
		if err := os.WriteFile(referenceFile, []byte(before+commandsBegin+want.String()+commandsEnd+after), 0o644); err != nil { //nolint:gosec // a document for everybody
			t.Fatal(err)
		}
	} else if written != want.String() {
		t.Errorf("the commands in %s are not those that there are: run this test with -update, and look at what it wrote", referenceFile)
	}

	var names []string
	for _, cmd := range commands {
		names = append(names, cmd.Name())
	}
	var told []string
	for _, row := range regexp.MustCompile("(?m)^\\| ((?:`[a-z]+`,? ?)+) \\| .* \\|$").FindAllStringSubmatch(section(text, "### Exit codes"), -1) {
		for name := range strings.SplitSeq(row[1], ", ") {
			told = append(told, strings.Trim(name, "`"))
		}
	}
	slices.Sort(names)
	slices.Sort(told)
	if !slices.Equal(names, told) {
		t.Errorf("commands %v\nwhose exit codes are told %v", names, told)
	}
	codes := fmt.Sprintf("\n| %d | it is done", exitDone)
	for _, row := range []string{codes, fmt.Sprintf("\n| %d | it failed", exitFailed), fmt.Sprintf("\n| %d | it was called wrongly", exitUsage)} {
		if !strings.Contains(text, row) {
			t.Errorf("%s has no line %q", referenceFile, row)
		}
	}
}

// TestReferenceHasTheEnvironment holds the table of environment variables
// against what the code asks for by name.
func TestReferenceHasTheEnvironment(t *testing.T) {
	asked := map[string]bool{}
	constants := map[string]string{"envURL": envURL, "envToken": envToken, `"GOMEMLIMIT"`: "GOMEMLIMIT"}
	call := regexp.MustCompile(`os\.(?:Getenv|LookupEnv|Environ|ExpandEnv)\(([^)]*)\)`)
	err := fs.WalkDir(os.DirFS("../.."), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (name == ".git" || name == ".ci" || name == "internal/bench"):
			return fs.SkipDir
		case path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		source, err := os.ReadFile(path.Join("../..", name))
		for _, m := range call.FindAllStringSubmatch(string(source), -1) {
			if constants[m[1]] == "" {
				t.Errorf("%s asks for %s: name it in this test and in %s", name, m[1], referenceFile)
			}
			asked[constants[m[1]]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	ours, _, _ := strings.Cut(section(readReference(t), "## Environment"), "libraries")
	told := map[string]bool{}
	for _, m := range regexp.MustCompile(environmentRow).FindAllStringSubmatch(ours, -1) {
		told[m[1]] = true
	}
	if !maps.Equal(asked, told) {
		t.Errorf("the code asks for %v\n%s has %v", asked, referenceFile, told)
	}
}

func readReference(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(referenceFile)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// section is what stands under a heading, to the next of its rank or above.
func section(text, heading string) string {
	_, rest, _ := strings.Cut(text, "\n"+heading+"\n")
	rank := strings.Count(heading, "#")
	if end := regexp.MustCompile(fmt.Sprintf(`(?m)^#{1,%d} `, rank)).FindStringIndex(rest); end != nil {
		rest = rest[:end[0]]
	}
	return rest
}

// everyCommand is all commands, in the order in which the help lists them.
func everyCommand() []*cobra.Command {
	root := newRoot()
	root.InitDefaultHelpCmd()
	var all []*cobra.Command
	var walk func(*cobra.Command)
	walk = func(cmd *cobra.Command) {
		for _, c := range cmd.Commands() {
			all = append(all, c)
			walk(c)
		}
	}
	walk(root)
	return all
}

// commandSection is one command as the reference has it.
func commandSection(cmd *cobra.Command) string {
	var b strings.Builder
	fmt.Fprintf(&b, "#### %s\n\n    astreinte %s\n\n", cmd.CommandPath(), cmd.Use)
	if cmd.Long == "" {
		fmt.Fprintf(&b, "%s.\n\n", cmd.Short)
	} else {
		fmt.Fprintf(&b, "%s.\n\n%s\n\n", cmd.Short, cmd.Long)
	}
	rows := ""
	cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
		rows += flagRow(f)
	})
	if rows != "" {
		b.WriteString("| flag | default | what |\n|---|---|---|\n" + rows + "\n")
	}
	return b.String()
}

func flagRow(f *pflag.Flag) string {
	name, usage := pflag.UnquoteUsage(f)
	names := "--" + f.Name
	if name != "" {
		names += " " + name
	}
	names = "`" + names + "`"
	if f.Shorthand != "" {
		names = "`-" + f.Shorthand + "`, " + names
	}
	otherwise := ""
	if !slices.Contains([]string{"", "false", "0", "0s", "[]"}, f.DefValue) {
		otherwise = "`" + f.DefValue + "`"
	}
	return fmt.Sprintf("| %s | %s | %s |\n", names, otherwise, usage)
}
