package main

import (
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/astreinte/astreinte/config"
	"github.com/astreinte/astreinte/internal/daemon"
)

const defaultConfig = "astreinte.yml"

// configFlag adds --config to a command.
func configFlag(cmd *cobra.Command, path *string, value, usage string) {
	cmd.Flags().StringVarP(path, "config", "c", value, usage)
}

// load reads the configuration for a command that needs it. It prints errors,
// one a line.
func load(cmd *cobra.Command, path string, now time.Time) (*config.Config, config.Report, error) {
	cfg, report := config.Load(path, config.Options{Now: now, Store: daemon.CheckStore, Archive: daemon.CheckArchive})
	if cfg == nil {
		printProblems(cmd.ErrOrStderr(), path, "", report.Errors)
		return nil, report, errSaid
	}
	return cfg, report, nil
}

// printProblems writes each problem on a line: file:line: path: message.
func printProblems(w io.Writer, main, kind string, problems []config.Problem) {
	for _, p := range problems {
		fmt.Fprintln(w, problemLine(main, kind, p))
	}
}

// problemLine is file:line: path: message. kind comes before the message.
func problemLine(main, kind string, p config.Problem) string {
	where := problemFile(main, p)
	if p.Line > 0 {
		where = fmt.Sprintf("%s:%d", where, p.Line)
	}
	if p.Path != "" {
		where += ": " + p.Path
	}
	return oneLine(where + ": " + kind + p.Message)
}

// problemFile is the file as it can be opened from here. An included file is
// beside the main one.
func problemFile(main string, p config.Problem) string {
	switch {
	case p.File == "":
		return main
	case filepath.IsAbs(p.File):
		return p.File
	}
	return filepath.Join(filepath.Dir(main), p.File)
}
