package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/astreinte/astreinte/internal/client"
)

func newRooms() *cobra.Command {
	var daemon daemonFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "rooms",
		Short: "List the rooms of chat, and what each last took or refused",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return daemon.ask(cmd, func(ctx context.Context, c *client.Client) error {
				rooms, raw, err := c.Rooms(ctx)
				if err != nil || asJSON {
					return rawOr(cmd, raw, err)
				}
				rows := make([][]string, len(rooms))
				for i, r := range rooms {
					rows[i] = []string{r.Name, r.Product, orDash(stampOr(r.SentAt)), orDash(r.Error)}
				}
				return tableOr(cmd.OutOrStdout(), "no rooms are configured", []string{"NAME", "PRODUCT", "LAST TAKEN", "LAST REFUSED"}, rows)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the API's JSON")
	daemon.add(cmd)
	cmd.AddCommand(newRoomsTest())
	return cmd
}

// stampOr is a local time; nothing if there is none.
func stampOr(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return stamp(t, time.Local)
}

func newRoomsTest() *cobra.Command {
	var daemon daemonFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "test NAME",
		Short: "Post a test message in a room, and say what the product answered",
		Args:  arguments("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return daemon.ask(cmd, func(ctx context.Context, c *client.Client) error {
				t, raw, err := c.TestRoom(ctx, args[0])
				switch {
				case err != nil:
					return err
				case asJSON:
					err = printRaw(cmd.OutOrStdout(), raw)
				case t.State == "posted":
					_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s: posted, %s\n", t.Room, t.ID)
				}
				if err == nil && t.State != "posted" {
					err = fmt.Errorf("%s did not take it: %s", t.Room, t.Error)
				}
				return err
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the API's JSON")
	daemon.add(cmd)
	return cmd
}
