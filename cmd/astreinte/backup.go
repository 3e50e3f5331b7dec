package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/spf13/cobra"

	"github.com/astreinte/astreinte/internal/client"
	"github.com/astreinte/astreinte/internal/daemon"
)

func newBackup() *cobra.Command {
	var flags daemonFlags
	var force bool
	cmd := &cobra.Command{
		Use:   "backup FILE",
		Short: "Save all that a running daemon has stored to a file",
		Long: `backup asks the daemon for a copy of its store as it is at one moment, and goes
on while the daemon works. FILE appears once the copy is on disk and whole; one
that is there is not written over without --force. With - in place of FILE the
copy goes to standard output as it comes. The token must be an admin's.

A store on Redis is backed up by Redis' own means (docs/OPERATIONS.md).`,
		Args: arguments("FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return flags.ask(cmd, func(ctx context.Context, c *client.Client) error {
				fetch := func(w io.Writer) error {
					_, err := c.Backup(ctx, w)
					return err
				}
				if args[0] == "-" {
					return fetch(cmd.OutOrStdout())
				}
				size, err := daemon.SaveBackup(args[0], force, fetch)
				switch {
				case errors.Is(err, fs.ErrExist):
					return fmt.Errorf("%s is there already: name another file, or say --force", args[0])
				case err != nil:
					return err
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s has the whole store, %d bytes\n", args[0], size)
				return err
			})
		},
	}
	cmd.Flags().BoolVar(&force, "force", false, "write over a file that is there")
	flags.add(cmd)
	return cmd
}
