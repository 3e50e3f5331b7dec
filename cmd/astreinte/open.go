package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/spf13/cobra"

	"github.com/astreinte/astreinte/internal/client"
)

func newOpen() *cobra.Command {
	var daemon daemonFlags
	var asJSON bool
	var set []string
	short := map[string]*string{}
	cmd := &cobra.Command{
		Use:   "open TITLE...",
		Short: "Open a ticket that no alert stands behind",
		Long: `open opens a ticket for what a person says. Its policy pages as for an alert of that
customer, site and urgency; without --urgency the table desk.urgency decides by what
is said (impact, workaround …), else the rules. --set gives any other field: contact.name,
contact.phone, description, impact, category …, and custom.NAME of desk.fields.`,
		Example: `  astreinte open "Printer A is stuck" --customer acme --set contact.name="Marc Doe" --set impact=several --set workaround=yes`,
		Args:    arguments("TITLE..."),
		RunE: func(cmd *cobra.Command, args []string) error {
			fields, err := fieldsOf(cmd, set)
			if err != nil {
				return err
			}
			fields.Set("title", strings.Join(args, " "))
			for name, text := range short {
				if *text != "" {
					fields.Set(name, *text)
				}
			}
			return daemon.ask(cmd, func(ctx context.Context, c *client.Client) error {
				t, err := c.Open(ctx, fields)
				switch {
				case err != nil:
					return err
				case asJSON:
					return printRaw(cmd.OutOrStdout(), t.Raw)
				}
				_, err = fmt.Fprintln(cmd.OutOrStdout(), plain(standing(&t)))
				return err
			})
		},
	}
	for _, f := range [][2]string{
		{"customer", "of this customer, by `KEY`"},
		{"site", "at this `SITE` of the customer's"},
		{"urgency", "`URGENCY`: critical, major, minor or low"},
		{"kind", "`KIND`: incident or request"},
		{"policy", "pages as this `POLICY` says; where left out as the routing tree says"},
		{"text", "the first note, in a few `WORDS`"},
		{"person", "who opens it, by `KEY`; the token where left out. Another than the person that the token is bound to needs a manager's token"},
	} {
		short[f[0]] = cmd.Flags().String(f[0], "", f[1])
	}
	cmd.Flags().StringArrayVar(&set, "set", nil, "another field, as `FIELD=VALUE`; several times")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the API's JSON")
	daemon.add(cmd)
	return cmd
}

func newQualify() *cobra.Command {
	var daemon daemonFlags
	var etag, person string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "qualify NUMBER FIELD=VALUE...",
		Short: "Change what is said of a ticket: customer, contact, category, impact, urgency …",
		Long: `qualify changes fields of a ticket, all of them or none; FIELD= empties one. The fields
are those of open, and title, kind, customer, site and urgency. --etag gives the state in
which the ticket was read (ticket NUMBER --json shows it as etag): if somebody else was first,
nothing is changed, and the fields are named with who changed them.`,
		Args: arguments("NUMBER", "FIELD=VALUE..."),
		RunE: func(cmd *cobra.Command, args []string) error {
			fields, err := fieldsOf(cmd, args[1:])
			if err != nil {
				return err
			}
			if person != "" {
				fields.Set("person", person)
			}
			return daemon.ask(cmd, func(ctx context.Context, c *client.Client) error {
				tag := etag
				if tag == "" {
					if _, tag, err = c.Tagged(ctx, args[0]); err != nil {
						return about(args[0], err)
					}
				}
				t, err := c.Qualify(ctx, args[0], tag, fields)
				var refused *client.Error
				switch {
				case errors.As(err, &refused) && refused.Status == http.StatusPreconditionFailed:
					return fmt.Errorf("nothing was changed: %w", err)
				case err != nil:
					return about(args[0], err)
				case asJSON:
					return printRaw(cmd.OutOrStdout(), t.Raw)
				}
				return printTicket(cmd.OutOrStdout(), &t)
			})
		},
	}
	cmd.Flags().StringVar(&etag, "etag", "", "the `ETAG` with which the ticket was read, or * to change it whatever it is now; where left out as it is now")
	cmd.Flags().StringVar(&person, "person", "", "who does it, by `KEY`; the token where left out. Another than the person that the token is bound to needs a manager's token")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the API's JSON")
	daemon.add(cmd)
	return cmd
}

// fieldsOf reads FIELD=VALUE.
func fieldsOf(cmd *cobra.Command, given []string) (client.Fields, error) {
	fields := client.Fields{}
	for _, one := range given {
		name, text, ok := strings.Cut(one, "=")
		if !ok || name == "" {
			return nil, usagef(cmd, "%q is no FIELD=VALUE", one)
		}
		fields.Set(name, text)
	}
	return fields, nil
}
