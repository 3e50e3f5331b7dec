package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/astreinte/astreinte/internal/client"
)

func newAttach() *cobra.Command {
	var daemon daemonFlags
	var public, asJSON bool
	cmd := &cobra.Command{
		Use:   "attach NUMBER FILE...",
		Short: "Attach files to a ticket",
		Long: `attach sends files to a ticket, all of them or none: a photo of a rack, a log. With
--public the customer may see them. With - in place of a FILE it sends what standard
input brings, as "input". How large files may be: docs/REFERENCE.md, "Limits".`,
		Args: arguments("NUMBER", "FILE..."),
		RunE: func(cmd *cobra.Command, args []string) error {
			return daemon.ask(cmd, func(ctx context.Context, c *client.Client) error {
				files, done, err := uploads(cmd.InOrStdin(), args[1:])
				defer done()
				if err != nil {
					return err
				}
				list, raw, err := c.Attach(ctx, args[0], public, files...)
				if err != nil {
					return about(args[0], err)
				}
				if asJSON {
					return printRaw(cmd.OutOrStdout(), raw)
				}
				return printAttachments(cmd.OutOrStdout(), list)
			})
		},
	}
	cmd.Flags().BoolVar(&public, "public", false, "the customer may see them")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the API's JSON")
	daemon.add(cmd)
	return cmd
}

// uploads opens files; done closes them.
func uploads(input io.Reader, paths []string) (files []client.Upload, done func(), err error) {
	var opened []*os.File
	done = func() {
		for _, f := range opened {
			_ = f.Close() // it was read
		}
	}
	for _, path := range paths {
		if path == "-" {
			files = append(files, client.Upload{Name: "input", From: input})
			continue
		}
		f, err := os.Open(path)
		if err != nil {
			return nil, done, err
		}
		opened = append(opened, f)
		files = append(files, client.Upload{Name: filepath.Base(path), From: f})
	}
	return files, done, nil
}

func newAttachments() *cobra.Command {
	var daemon daemonFlags
	var get, to, remove string
	var force, asJSON bool
	cmd := &cobra.Command{
		Use:   "attachments NUMBER",
		Short: "List the files of a ticket, save one, or remove one",
		Long: `attachments lists the files of a ticket. With --get it writes one, by its ID, to
the file that --to names, or to standard output without it. With --remove it removes
one: whoever attached it may, and a manager. Its name stays in the timeline.`,
		Args: arguments("NUMBER"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if get != "" && remove != "" || to != "" && get == "" {
				return usagef(cmd, "either --get ID, with --to FILE if need be, or --remove ID")
			}
			return daemon.ask(cmd, func(ctx context.Context, c *client.Client) error {
				switch {
				case get != "" && to != "":
					return about(args[0], save(to, force, func(w io.Writer) error { return c.Download(ctx, args[0], get, w) }))
				case get != "":
					return about(args[0], c.Download(ctx, args[0], get, cmd.OutOrStdout()))
				case remove != "":
					if err := c.Detach(ctx, args[0], remove); err != nil {
						return about(args[0], err)
					}
					_, err := fmt.Fprintln(cmd.OutOrStdout(), "removed")
					return err
				}
				list, raw, err := c.Attachments(ctx, args[0])
				if err != nil {
					return about(args[0], err)
				}
				if asJSON {
					return printRaw(cmd.OutOrStdout(), raw)
				}
				return printAttachments(cmd.OutOrStdout(), list)
			})
		},
	}
	cmd.Flags().StringVar(&get, "get", "", "write the file of that `ID`")
	cmd.Flags().StringVar(&to, "to", "", "… to this `FILE`, which is not there yet")
	cmd.Flags().BoolVar(&force, "force", false, "… or is written over")
	cmd.Flags().StringVar(&remove, "remove", "", "remove the file of that `ID`")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the API's JSON")
	daemon.add(cmd)
	return cmd
}

// save writes what fetch brings to a file. What did not come whole is removed.
func save(path string, force bool, fetch func(w io.Writer) error) error {
	how := os.O_WRONLY | os.O_CREATE | os.O_EXCL
	if force {
		how = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	}
	f, err := os.OpenFile(path, how, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already: name another file, or say --force", path)
	}
	if err != nil {
		return err
	}
	if err = errors.Join(fetch(f), f.Close()); err != nil {
		_ = os.Remove(path) // what is there of it is of no use
	}
	return err
}

func printAttachments(w io.Writer, list []client.Attachment) error {
	rows := make([][]string, len(list))
	for i, a := range list {
		public := ""
		if a.Public {
			public = "customer"
		}
		rows[i] = []string{a.ID, a.Name, a.Type, strconv.FormatInt(a.Size, 10), a.By, stamp(a.At, time.Local), public}
	}
	return tableOr(w, "No file is attached.", []string{"ID", "NAME", "TYPE", "BYTES", "BY", "AT", "FOR"}, rows)
}
