package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/astreinte/astreinte/internal/client"
	"github.com/astreinte/astreinte/internal/qr"
)

func newInvite() *cobra.Command {
	var daemon daemonFlags
	var phone, asJSON bool
	cmd := &cobra.Command{
		Use:   "invite PERSON",
		Short: "Make a link by which a person sets a password or a passkey, or enrols a phone",
		Long: `invite prints a link, and the same as a QR code. Whoever opens it within 24 hours sets
the person's password or makes a passkey, and is signed in; with --phone, whoever opens it
within 15 minutes signs a phone in, which stays so until that is revoked. It works once. It
needs an admin's token; a phone of one's own, a token that is bound to the person.`,
		Args: arguments("PERSON"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return daemon.ask(cmd, func(ctx context.Context, c *client.Client) error {
				made, err := c.Invite(ctx, args[0], phone)
				if err != nil {
					return err
				}
				if asJSON {
					return printRaw(cmd.OutOrStdout(), made.Raw)
				}
				code, err := qr.Of(made.Link)
				if err != nil {
					return fmt.Errorf("draw a QR code: %w", err)
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s%s\nfor %s, once, until %s\n", code.Terminal(), made.Link, plain(made.Person), stamp(made.Expires, time.Local))
				return err
			})
		},
	}
	cmd.Flags().BoolVar(&phone, "phone", false, "to enrol a phone, within 15 minutes")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the API's JSON")
	daemon.add(cmd)
	return cmd
}
