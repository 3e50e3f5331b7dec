package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/astreinte/astreinte/internal/client"
)

func newFeeds() *cobra.Command {
	var daemon daemonFlags
	var group, revoke string
	var add, asJSON bool
	cmd := &cobra.Command{
		Use:   "feeds PERSON",
		Short: "List, make or revoke addresses at which a calendar reads who is on call",
		Long: `feeds lists the addresses at which calendars read the turns of PERSON, or of a group
for PERSON. With --new it makes one, which is printed this once: a month back and a
year ahead, replacements too. With --revoke it ends the one of an ID, or all. A
technician's token may do so for the person that it is bound to.`,
		Args: arguments("PERSON"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if add && revoke != "" || group != "" && !add {
				return usagef(cmd, "--new makes one, --revoke ends one, and --group is for --new")
			}
			return daemon.ask(cmd, func(ctx context.Context, c *client.Client) error {
				switch {
				case add:
					made, raw, err := c.MakeFeed(ctx, args[0], group)
					if err != nil || asJSON {
						return rawOr(cmd, raw, err)
					}
					_, err = fmt.Fprintln(cmd.OutOrStdout(), made.URL)
					return err
				case revoke != "":
					id := revoke
					if id == "all" {
						id = ""
					}
					n, err := c.RevokeFeeds(ctx, args[0], id)
					if err == nil {
						_, err = fmt.Fprintf(cmd.OutOrStdout(), "%d revoked\n", n)
					}
					return err
				}
				list, raw, err := c.Feeds(ctx, args[0])
				if err != nil || asJSON {
					return rawOr(cmd, raw, err)
				}
				rows := make([][]string, 0, len(list))
				for i := range list {
					of := list[i].Person
					if list[i].Group != "" {
						of = "group " + list[i].Group
					}
					rows = append(rows, []string{list[i].ID, of, list[i].By, stamp(list[i].At, time.Local)})
				}
				return tableOr(cmd.OutOrStdout(), "no calendar reads the turns of this person", []string{"ID", "OF", "MADE BY", "AT"}, rows)
			})
		},
	}
	cmd.Flags().BoolVar(&add, "new", false, "make one, and print its address")
	cmd.Flags().StringVar(&group, "group", "", "of all turns of this `GROUP`; the person's own where left out")
	cmd.Flags().StringVar(&revoke, "revoke", "", "end the feed of this `ID`, or all")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the API's JSON")
	daemon.add(cmd)
	return cmd
}

// rawOr prints the API's JSON, if there was no error.
func rawOr(cmd *cobra.Command, raw []byte, err error) error {
	if err != nil {
		return err
	}
	return printRaw(cmd.OutOrStdout(), raw)
}
