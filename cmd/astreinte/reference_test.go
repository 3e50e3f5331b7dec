package main

import (
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

	"github.com/astreinte/astreinte/internal/reftest"
)

// TestReferenceHasTheCommands compares the commands and flags in the reference
// with the real ones, word by word. Each command needs a line about its exit
// code 1.
func TestReferenceHasTheCommands(t *testing.T) {
	commands := everyCommand()
	sections := make([]string, len(commands))
	for i, cmd := range commands {
		sections[i] = commandSection(cmd)
	}
	reftest.Hold(t, "commands", strings.Join(sections, "\n"))

	var names []string
	for _, cmd := range commands {
		names = append(names, cmd.Name())
	}
	var told []string
	for _, row := range reftest.Rows(t, "### Exit codes") {
		told = append(told, reftest.Code(row[0])...)
	}
	slices.Sort(names)
	slices.Sort(told)
	if !slices.Equal(names, told) {
		t.Errorf("commands %v\nwhose exit codes are told %v", names, told)
	}
	codes := fmt.Sprintf("\n| %d | it is done", exitDone)
	for _, row := range []string{codes, fmt.Sprintf("\n| %d | it failed", exitFailed), fmt.Sprintf("\n| %d | it was called wrongly", exitUsage)} {
		if !strings.Contains(reftest.Text(t), row) {
			t.Errorf("docs/REFERENCE.md has no line %q", row)
		}
	}
}

// TestReferenceHasTheEnvironment compares the table of environment variables
// with what the code asks for by name.
func TestReferenceHasTheEnvironment(t *testing.T) {
	asked := map[string]bool{}
	constants := map[string]string{"envURL": envURL, "envToken": envToken, `"GOMEMLIMIT"`: "GOMEMLIMIT", `"LC_ALL"`: "LC_ALL", `"LC_MESSAGES"`: "LC_MESSAGES", `"LANG"`: "LANG"}
	call := regexp.MustCompile(`os\.(?:Getenv|LookupEnv|Environ|ExpandEnv)\(([^)]*)\)`)
	err := fs.WalkDir(os.DirFS("../.."), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (name == ".git" || name == ".ci" || name == "internal/bench" || name == "internal/web/browsertest"):
			return fs.SkipDir
		case path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		source, err := os.ReadFile(path.Join("../..", name))
		for _, m := range call.FindAllStringSubmatch(string(source), -1) {
			if m[0] == "os.Environ()" {
				continue // a tool's macros, of which internal/nagios has the names
			}
			if constants[m[1]] == "" {
				t.Errorf("%s asks for %s: name it in this test and in docs/REFERENCE.md", name, m[1])
			}
			asked[constants[m[1]]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]bool{}
	for _, name := range reftest.Column(t, "### Of Astreinte itself") {
		told[name] = true
	}
	if !maps.Equal(asked, told) {
		t.Errorf("the code asks for %v\ndocs/REFERENCE.md has %v", asked, told)
	}
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
	fmt.Fprintf(&b, "#### %s\n\n    %s %s\n\n", cmd.CommandPath(), cmd.Parent().CommandPath(), cmd.Use)
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
		b.WriteString("| flag | default | what |\n|---|---|---|\n" + rows)
	}
	return strings.TrimSuffix(b.String(), "\n") + "\n"
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
