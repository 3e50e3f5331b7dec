package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/astreinte/astreinte/internal/client"
)

func newFilters() *cobra.Command {
	var daemon daemonFlags
	var save, forget string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "filters [QUERY]",
		Short: "List, save or remove the filters of one's list of tickets",
		Long: `filters lists the filters that the person of the token has saved, as the console shows
them above the list of tickets. With --save NAME it saves QUERY, parameters of the
API's list such as "state=open&urgency=critical", under a name. With --forget NAME it
removes one. The token has to be bound to a person.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if (save != "") != (len(args) == 1) || save != "" && forget != "" {
				return usagef(cmd, "--save NAME needs a QUERY, and --forget NAME none")
			}
			return daemon.ask(cmd, func(ctx context.Context, c *client.Client) error {
				switch {
				case save != "":
					saved, raw, err := c.SaveFilter(ctx, save, args[0])
					if err != nil || asJSON {
						return rawOr(cmd, raw, err)
					}
					_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s is saved: %s\n", saved.Name, saved.Query)
					return err
				case forget != "":
					return c.ForgetFilter(ctx, forget)
				}
				list, raw, err := c.Filters(ctx)
				if err != nil || asJSON {
					return rawOr(cmd, raw, err)
				}
				rows := make([][]string, 0, len(list))
				for i := range list {
					rows = append(rows, []string{list[i].Name, list[i].Query, stamp(list[i].At, time.Local)})
				}
				return tableOr(cmd.OutOrStdout(), "no filter is saved", []string{"NAME", "QUERY", "AT"}, rows)
			})
		},
	}
	cmd.Flags().StringVar(&save, "save", "", "save QUERY under this `NAME`")
	cmd.Flags().StringVar(&forget, "forget", "", "remove the filter of this `NAME`")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the API's JSON")
	daemon.add(cmd)
	return cmd
}

func newWalls() *cobra.Command {
	var daemon daemonFlags
	var revoke string
	var add, asJSON bool
	cmd := &cobra.Command{
		Use:   "walls",
		Short: "List, make or revoke addresses for a screen on a wall",
		Long: `walls lists the addresses at which a screen on a wall shows what asks for somebody and
who is on call, to whoever has the address. With --new it makes one, which is printed
this once. With --revoke it ends the one of an ID. It needs a manager's token.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if add && revoke != "" {
				return usagef(cmd, "--new makes one, --revoke ends one")
			}
			return daemon.ask(cmd, func(ctx context.Context, c *client.Client) error {
				switch {
				case add:
					made, raw, err := c.MakeWall(ctx)
					if err != nil || asJSON {
						return rawOr(cmd, raw, err)
					}
					_, err = fmt.Fprintln(cmd.OutOrStdout(), made.URL)
					return err
				case revoke != "":
					return c.RevokeWall(ctx, revoke)
				}
				list, raw, err := c.Walls(ctx)
				if err != nil || asJSON {
					return rawOr(cmd, raw, err)
				}
				rows := make([][]string, 0, len(list))
				for i := range list {
					rows = append(rows, []string{list[i].ID, list[i].By, stamp(list[i].At, time.Local)})
				}
				return tableOr(cmd.OutOrStdout(), "there is no address of a wall", []string{"ID", "MADE BY", "AT"}, rows)
			})
		},
	}
	cmd.Flags().BoolVar(&add, "new", false, "make one, and print its address")
	cmd.Flags().StringVar(&revoke, "revoke", "", "end the wall of this `ID`")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the API's JSON")
	daemon.add(cmd)
	return cmd
}
