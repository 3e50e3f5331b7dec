package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/astreinte/astreinte/config"
	"github.com/astreinte/astreinte/internal/daemon"
)

func newCheck() *cobra.Command {
	var path string
	var asJSON, strict bool
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Say everything that is wrong or doubtful in a configuration",
		Long: `check reads a configuration as serve does and prints every error, then every
warning, each with its file, line and path. It exits 1 where there is an error.`,
		Args: arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, report := config.Load(path, config.Options{Now: time.Now(), Store: daemon.CheckStore, Archive: daemon.CheckArchive, Thorough: true})
			if strict {
				report.Errors = append(report.Errors, report.Warnings...)
				report.Warnings = []config.Problem{}
			}
			return printReport(cmd, path, report, asJSON)
		},
	}
	configFlag(cmd, &path, defaultConfig, "the configuration `FILE`")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print errors and warnings as JSON")
	cmd.Flags().BoolVar(&strict, "strict", false, "take warnings for errors")
	return cmd
}

func printReport(cmd *cobra.Command, path string, report config.Report, asJSON bool) error {
	failed := len(report.Errors) > 0
	switch out := cmd.OutOrStdout(); {
	case asJSON:
		if err := printJSON(out, report); err != nil {
			return err
		}
	case !failed && len(report.Warnings) == 0:
		fmt.Fprintln(out, path+" is fine")
	default:
		printProblems(out, path, "", report.Errors)
		printProblems(out, path, "warning: ", report.Warnings)
	}
	switch {
	case !failed:
		return nil
	case asJSON:
		return errSaid // the JSON says it
	}
	return fmt.Errorf("%s has %s: correct what is listed and check again", path, count(len(report.Errors), "error"))
}
