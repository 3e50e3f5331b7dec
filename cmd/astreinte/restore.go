package main

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/astreinte/astreinte/internal/daemon"
)

func newRestore() *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use:   "restore FILE",
		Short: "Put a backup in place, while no daemon runs",
		Long: `restore checks a backup and puts it in place of the configured store's and archive's
files, which stay beside it under other names; attached files are put back beside those
that are there. An archive on a PostgreSQL must be an empty database. It refuses while a
daemon has the store. A backup of the store alone leaves archive and files as they are.
What happened after the backup is gone; what was open then is paged again once the
daemon starts.`,
		Args: arguments("FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			now := time.Now()
			cfg, _, err := load(cmd, path, now)
			if err != nil {
				return err
			}
			done, err := daemon.Restore(cmd.Context(), cfg, args[0], now)
			if err != nil {
				return err
			}
			return printRestored(cmd.OutOrStdout(), args[0], &done)
		},
	}
	configFlag(cmd, &path, defaultConfig, "the configuration `FILE`")
	return cmd
}

func files(n int) string {
	if n == 1 {
		return "1 attached file is"
	}
	return fmt.Sprintf("%d attached files are", n)
}

// printRestored says what was restored, and what is lost.
func printRestored(w io.Writer, backup string, done *daemon.Restored) error {
	if whole := done.Whole; whole != nil {
		fmt.Fprintf(w, "The archive has %s, and %s put back.\n", count(whole.Rows["tickets"], "ticket"), files(whole.Sum.Files))
	}
	if done.ArchiveAside != "" {
		fmt.Fprintf(w, "The archive that was there is kept as %s.\n", done.ArchiveAside)
	}
	if done.Path == "" {
		return nil
	}
	moment := "at the backup's moment"
	if !done.At.IsZero() {
		moment = "at " + local(done.At)
	}
	fmt.Fprintf(w, "%s is %s now: all is as it was %s, and what happened since is gone.\n", done.Path, backup, moment)
	if done.Aside != "" {
		fmt.Fprintf(w, "What was there is kept as %s.\n", done.Aside)
	}
	_, err := fmt.Fprintf(w, `%s and %s waiting: paging goes on when the daemon starts.
Today's ticket numbers and the codes in SMS skip ahead, so that none is given twice.
Look at the tickets that are open, and at what is firing in your monitoring: an
alert that ended since the backup may not be told again.
`, count(done.Active, "active ticket"), count(done.Queued, "page"))
	return err
}
