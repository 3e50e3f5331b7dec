package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/astreinte/astreinte/internal/client"
)

func newResolve() *cobra.Command {
	var daemon daemonFlags
	var etag string
	var asJSON bool
	var set []string
	said := map[string]*string{}
	cmd := &cobra.Command{
		Use:   "resolve NUMBER",
		Short: "Resolve a ticket, and write down what it was",
		Long: `resolve says that a ticket is over. --synthesis is what it was and what was done,
--restored how one knows that it works again. --set changes what is said of it in the same
go, by the fields of qualify: all of it is done, or nothing.`,
		Example: `  astreinte resolve I261121_0007 --synthesis "Toner changed" --restored "Marc Doe has printed" --set category=printer`,
		Args:    arguments("NUMBER"),
		RunE: func(cmd *cobra.Command, args []string) error {
			fields, err := fieldsOf(cmd, set)
			if err != nil {
				return err
			}
			qualifies := len(fields) > 0
			for name, text := range said {
				if *text != "" {
					fields.Set(name, *text)
				}
			}
			return daemon.ask(cmd, func(ctx context.Context, c *client.Client) error {
				tag := etag
				if tag == "" && qualifies {
					if _, tag, err = c.Tagged(ctx, args[0]); err != nil {
						return about(args[0], err)
					}
				}
				t, err := c.Resolve(ctx, args[0], tag, fields)
				switch {
				case err != nil:
					return about(args[0], err)
				case asJSON:
					return printRaw(cmd.OutOrStdout(), t.Raw)
				}
				fmt.Fprintln(cmd.OutOrStdout(), plain(standing(&t)))
				sayFiring(cmd.OutOrStdout(), &t)
				return nil
			})
		},
	}
	for _, f := range [][2]string{
		{"synthesis", "what it was and what was done, in `WORDS`"},
		{"restored", "how one knows that it works again, in `WORDS`"},
		{"person", "who does it, by `KEY`; the token where left out. Another than the person that the token is bound to needs a manager's token"},
	} {
		said[f[0]] = cmd.Flags().String(f[0], "", f[1])
	}
	cmd.Flags().StringArrayVar(&set, "set", nil, "a field of what is said of it, as `FIELD=VALUE`; several times")
	cmd.Flags().StringVar(&etag, "etag", "", "the `ETAG` with which the ticket was read, for --set; where left out as it is now")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the API's JSON")
	daemon.add(cmd)
	return cmd
}
