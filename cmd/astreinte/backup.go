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
	var force, store bool
	cmd := &cobra.Command{
		Use:   "backup FILE",
		Short: "Save all that a running daemon has stored to a file",
		Long: `backup asks the daemon for its archive, its store and the attached files as of one
moment, and goes on while the daemon works; with --store for the store alone. FILE
appears once it is on disk and whole; one that is there is not written over without
--force. With - in place of FILE it goes to standard output as it comes, unchecked.
The token must be an admin's.

A store on Redis is backed up by Redis' own means, before this (docs/OPERATIONS.md).`,
		Args: arguments("FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return flags.ask(cmd, func(ctx context.Context, c *client.Client) error {
				fetch := func(w io.Writer) error {
					if store {
						_, err := c.Backup(ctx, w)
						return err
					}
					_, err := c.WholeBackup(ctx, w)
					return err
				}
				if args[0] == "-" {
					return fetch(cmd.OutOrStdout())
				}
				said, err := saveBackup(args[0], store, force, fetch)
				switch {
				case errors.Is(err, fs.ErrExist):
					return fmt.Errorf("%s is there already: name another file, or say --force", args[0])
				case err != nil:
					return err
				}
				_, err = fmt.Fprintln(cmd.OutOrStdout(), said)
				return err
			})
		},
	}
	cmd.Flags().BoolVar(&force, "force", false, "write over a file that is there")
	cmd.Flags().BoolVar(&store, "store", false, "the store alone")
	flags.add(cmd)
	return cmd
}

// saveBackup saves a backup, and says what it has.
func saveBackup(path string, store, force bool, fetch func(w io.Writer) error) (said string, err error) {
	if store {
		size, err := daemon.SaveBackup(path, force, fetch)
		return fmt.Sprintf("%s has the whole store, %d bytes", path, size), err //nolint:wrapcheck // it names itself
	}
	done, err := daemon.SaveWhole(path, force, fetch)
	if err != nil {
		return "", err //nolint:wrapcheck // it names itself
	}
	if !done.Store {
		said = ". The store is none of it: it is on Redis"
	}
	return fmt.Sprintf("%s has all of %s: %s and %s, %d bytes%s", path, local(done.At), count(done.Rows["tickets"], "archived ticket"), count(done.Sum.Files, "attached file"), done.Size, said), nil
}
