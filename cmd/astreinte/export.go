package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/astreinte/astreinte/internal/client"
)

func newExport() *cobra.Command {
	var flags daemonFlags
	var proof, language string
	var force bool
	cmd := &cobra.Command{
		Use:   "export NUMBER",
		Short: "Write a ticket's proof: a page that checks itself",
		Long: `export writes a page with the ticket, its timeline and its clock to the file that
--proof names. The page checks in any browser, without network, whether all of it is
as it was sealed. It has all that is kept of the ticket, also names and addresses: the
token must be a manager's. With - in place of a file it goes to standard output.`,
		Args: arguments("NUMBER"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if proof == "" {
				return usagef(cmd, "--proof FILE wanted")
			}
			return flags.ask(cmd, func(ctx context.Context, c *client.Client) error {
				fetch := func(w io.Writer) error {
					page, err := c.ProofPage(ctx, args[0], language)
					if err == nil {
						_, err = w.Write(page)
					}
					return err
				}
				if proof == "-" {
					return about(args[0], fetch(cmd.OutOrStdout()))
				}
				if err := save(proof, force, fetch); err != nil {
					return about(args[0], err)
				}
				_, err := fmt.Fprintf(cmd.OutOrStdout(), "%s proves ticket %s: open it in a browser\n", proof, args[0])
				return err
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&proof, "proof", "", "write the page to this `FILE`")
	f.StringVar(&language, "language", "", "its `LANGUAGE`: fr, en or it; this machine's where left out")
	f.BoolVar(&force, "force", false, "write over a file that is there")
	flags.add(cmd)
	return cmd
}
