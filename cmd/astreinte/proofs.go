package main

import (
	"context"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/astreinte/astreinte/internal/client"
)

func newProofs() *cobra.Command {
	var daemon daemonFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "proofs PERSON",
		Short: "Say what last proved that a person can be reached, and how long ago",
		Long: `proofs lists, of each channel and address of a person, what last proved that it
works: an answer, a receipt, a push that was shown, a link that was opened and its
button pressed, a drill. Addresses are shown in part to who may not see them.`,
		Args: arguments("PERSON"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return daemon.ask(cmd, func(ctx context.Context, c *client.Client) error {
				list, raw, err := c.Proofs(ctx, args[0])
				switch {
				case err != nil:
					return err
				case asJSON:
					return printRaw(cmd.OutOrStdout(), raw)
				}
				return printProofs(cmd.OutOrStdout(), list, time.Now())
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the API's JSON")
	daemon.add(cmd)
	return cmd
}

func printProofs(w io.Writer, list []client.Proof, now time.Time) error {
	rows := make([][]string, 0, len(list))
	for i := range list {
		p := &list[i]
		rows = append(rows, []string{p.Channel, orDash(p.Address), p.How, stamp(p.At, time.Local), now.Sub(p.At).Round(time.Minute).String()})
	}
	return tableOr(w, "nothing has ever reached this person, as far as is known", []string{"CHANNEL", "ADDRESS", "HOW", "AT", "AGE"}, rows)
}
