package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/astreinte/astreinte/internal/daemon"
)

func newCompact() *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use:   "compact",
		Short: "Give the room back that the store's file no longer needs, while no daemon runs",
		Long: `compact copies the configured store's file without what has left it, and puts the
copy in its place. It refuses while a daemon has the store, and where the disk has
no room for the copy. A daemon does so by itself at a start, where more than half of
the file is free.`,
		Args: arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			now := time.Now()
			cfg, _, err := load(cmd, path, now)
			if err != nil {
				return err
			}
			done, err := daemon.Compact(cfg, now)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s took %s and takes %s now.\n", done.Path, mebibytes(done.Before), mebibytes(done.After))
			return err
		},
	}
	configFlag(cmd, &path, defaultConfig, "the configuration `FILE`")
	return cmd
}

func mebibytes(n int64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }
