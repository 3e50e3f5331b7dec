package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/astreinte/astreinte/internal/client"
)

func newSessions() *cobra.Command {
	var daemon daemonFlags
	var revoke string
	var asJSON, passkeys bool
	cmd := &cobra.Command{
		Use:   "sessions [PERSON]",
		Short: "List who is signed in, or end that",
		Long: `sessions lists what is signed in, with the device, the address and the last use,
which is written every 10 minutes at most. With --revoke it ends one session by its
ID, or all of a person, at once and on all daemons. Passkeys stay, and sign in anew; with
--passkeys those of the person are removed too. It needs an admin's token.`,
		Args: arguments("[PERSON]"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return daemon.ask(cmd, func(ctx context.Context, c *client.Client) error {
				if passkeys && revoke == "" {
					return usagef(cmd, "--passkeys goes with --revoke PERSON")
				}
				if revoke != "" {
					if len(args) > 0 {
						return usagef(cmd, "--revoke says whose: %q is one argument too many", args[0])
					}
					n, err := endSessions(ctx, c, revoke, passkeys)
					if err != nil {
						return err
					}
					if passkeys {
						_, err = fmt.Fprintf(cmd.OutOrStdout(), "%d ended, and %d passkeys removed\n", n.Sessions, n.Passkeys)
						return err
					}
					_, err = fmt.Fprintf(cmd.OutOrStdout(), "%d ended\n", n.Sessions)
					return err
				}
				person := ""
				if len(args) > 0 {
					person = args[0]
				}
				list, err := c.Sessions(ctx, person)
				if err != nil {
					return err
				}
				if asJSON {
					return printRaw(cmd.OutOrStdout(), list.Raw)
				}
				return printSessions(cmd.OutOrStdout(), list.Sessions)
			})
		},
	}
	cmd.Flags().StringVar(&revoke, "revoke", "", "end all sessions of a `PERSON`, or the one of an ID")
	cmd.Flags().BoolVar(&passkeys, "passkeys", false, "remove the person's passkeys too")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the API's JSON")
	daemon.add(cmd)
	return cmd
}

// endSessions ends the session with that ID. If there is none, it ends all
// sessions of the person with that name. Passkeys are a person's.
func endSessions(ctx context.Context, c *client.Client, what string, passkeys bool) (client.Ended, error) {
	if passkeys {
		return c.EndSessions(ctx, what, true)
	}
	n, err := c.EndSession(ctx, what)
	if other := (*client.Error)(nil); errors.As(err, &other) && other.Status == http.StatusNotFound {
		return c.EndSessions(ctx, what, false)
	}
	return n, err
}

func printSessions(w io.Writer, list []client.Session) error {
	rows := make([][]string, len(list))
	for i, s := range list {
		how := s.How
		if s.Phone {
			how = "phone"
		}
		rows[i] = []string{s.ID, s.Person, how, orDash(s.Address), stamp(s.Used, time.Local), orDash(s.Device)}
	}
	return tableOr(w, "nobody is signed in", nil, rows)
}
