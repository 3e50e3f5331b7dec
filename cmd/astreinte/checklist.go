package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/spf13/cobra"

	"github.com/astreinte/astreinte/internal/client"
)

func newChecklist() *cobra.Command {
	var daemon daemonFlags
	var undo, asJSON bool
	var person string
	cmd := &cobra.Command{
		Use:   "checklist NUMBER [POINT...]",
		Short: "Show the checklist of a ticket, or tick points of it",
		Long: `checklist shows what the category of a ticket has one ask and do, with when each point is
due. POINT is the number of one: it is done, or with --undo it is not after all.`,
		Args: arguments("NUMBER", "[POINT...]"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return daemon.ask(cmd, func(ctx context.Context, c *client.Client) error {
				var t client.Ticket
				var err error
				for _, point := range args[1:] {
					if t, err = c.Tick(ctx, args[0], point, !undo, person); err != nil {
						return noPoint(args[0], point, err)
					}
				}
				if len(args) == 1 {
					if t, err = c.Ticket(ctx, args[0]); err != nil {
						return about(args[0], err)
					}
				}
				if asJSON {
					return printRaw(cmd.OutOrStdout(), t.Raw)
				}
				return printChecklist(cmd.OutOrStdout(), &t)
			})
		},
	}
	cmd.Flags().BoolVar(&undo, "undo", false, "the points are not done after all")
	cmd.Flags().StringVar(&person, "person", "", "who did it, by `KEY`; the token where left out. Another than the person that the token is bound to needs a manager's token")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the API's JSON")
	daemon.add(cmd)
	return cmd
}

// noPoint says in the person's words that a ticket has no such point, or that there is none.
func noPoint(number, point string, err error) error {
	var refused *client.Error
	if errors.As(err, &refused) && refused.Status == http.StatusNotFound && refused.Code == "not_found" {
		return fmt.Errorf("no ticket numbered %s with a point %s: `astreinte checklist %s` lists its points", number, point, number)
	}
	return err
}

func printChecklist(w io.Writer, t *client.Ticket) error {
	fmt.Fprintln(w, plain(t.Number+" "+t.Title))
	for _, question := range t.Questions {
		fmt.Fprintln(w, plain("  ? "+question))
	}
	return table(w, "  ", pointRows(t))
}

// pointRows are the points of a ticket's checklist.
func pointRows(t *client.Ticket) [][]string {
	rows := make([][]string, len(t.Checklist))
	for i, p := range t.Checklist {
		mark, when := "[ ]", ""
		switch {
		case !p.DoneAt.IsZero():
			mark, when = "[x]", by(p.DoneAt, p.DoneBy)
		case !p.DueAt.IsZero():
			when = "due " + local(p.DueAt)
		}
		need := ""
		if p.Required {
			need = "required"
		}
		rows[i] = []string{p.ID, mark, p.Text, need, when}
	}
	return rows
}
