package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/astreinte/astreinte/internal/client"
)

func newMeeting() *cobra.Command {
	var daemon daemonFlags
	var asJSON bool
	var person string
	cmd := &cobra.Command{
		Use:   "meeting NUMBER [ADDRESS]",
		Short: "Set up a meeting with the user of a ticket",
		Long: `meeting notes on a ticket where one meets its user, by phone or video, and prints the
link. Where ADDRESS is left out, desk.meeting of the daemon's configuration makes it, or it
is the one that the ticket has already.`,
		Args: arguments("NUMBER", "[ADDRESS]"),
		RunE: func(cmd *cobra.Command, args []string) error {
			address := ""
			if len(args) == 2 {
				address = args[1]
			}
			return daemon.ask(cmd, func(ctx context.Context, c *client.Client) error {
				t, err := c.Meet(ctx, args[0], address, person)
				if err != nil {
					return about(args[0], err)
				}
				if asJSON {
					return printRaw(cmd.OutOrStdout(), t.Raw)
				}
				_, err = fmt.Fprintln(cmd.OutOrStdout(), plain(t.Meeting))
				return err
			})
		},
	}
	cmd.Flags().StringVar(&person, "person", "", "who sets it up, by `KEY`; the token where left out. Another than the person that the token is bound to needs a manager's token")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the API's JSON")
	daemon.add(cmd)
	return cmd
}
