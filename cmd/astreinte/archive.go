package main

import (
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/spf13/cobra"

	"github.com/astreinte/astreinte/internal/daemon"
)

func newArchive() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "archive",
		Short: "Fill an archive from a backup, or write all of it as lines of JSON",
		RunE:  func(cmd *cobra.Command, _ []string) error { return usagef(cmd, "rebuild or export wanted") },
	}
	cmd.AddCommand(newArchiveRebuild(), newArchiveExport())
	return cmd
}

func newArchiveRebuild() *cobra.Command {
	var path, from string
	cmd := &cobra.Command{
		Use:   "rebuild",
		Short: "Fill an archive from a backup plus the store",
		Long: `rebuild makes the configured archive anew: from a backup that astreinte backup
wrote, and from the store, which has what changed since. A file that is there is put
aside; a database of a PostgreSQL must be empty. No daemon may run on a store that is a
file. Tickets that left the store after the backup was made are in no backup: the
archive that was put aside may have them.`,
		Args: arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			now := time.Now()
			cfg, _, err := load(cmd, path, now)
			if err != nil {
				return err
			}
			done, err := daemon.Rebuild(cmd.Context(), cfg, from, now)
			if err != nil {
				return err
			}
			with := "what the store has"
			if done.Backup != nil {
				with = "what " + from + " has of " + local(done.Backup.At) + ", and what the store has"
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s has %s now: %s.\n", done.Archive, count(done.Tickets, "ticket"), with)
			if done.Aside != "" {
				fmt.Fprintf(cmd.OutOrStdout(), "What was there is kept as %s.\n", done.Aside)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&from, "from", "", "a `BACKUP`; without it there is the store alone")
	configFlag(cmd, &path, defaultConfig, "the configuration `FILE`")
	return cmd
}

func newArchiveExport() *cobra.Command {
	var path, to string
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Write all of the archive as lines of JSON, and all attached files",
		Long: `export writes all that the configured archive has at one moment to a new folder: a
file of lines of JSON for each kind of thing, the attached files in
attachments/NUMBER/ID, and export.json, which says what there is. It reads the archive
itself; a daemon may run meanwhile.`,
		Args: arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if to == "" {
				return usagef(cmd, "--to FOLDER wanted")
			}
			now := time.Now()
			cfg, _, err := load(cmd, path, now)
			if err != nil {
				return err
			}
			done, err := daemon.Export(cmd.Context(), cfg, to, now)
			if errors.Is(err, fs.ErrExist) {
				return fmt.Errorf("%s is there already: name a folder that is not", to)
			}
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s has %s and %s, %d bytes\n", to, count(done.Rows["tickets"], "ticket"), count(done.Files, "attached file"), done.Bytes)
			return err
		},
	}
	cmd.Flags().StringVar(&to, "to", "", "the `FOLDER`, which is not there yet")
	configFlag(cmd, &path, defaultConfig, "the configuration `FILE`")
	return cmd
}
