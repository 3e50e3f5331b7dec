package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/astreinte/astreinte/internal/client"
)

// drillLook is how often drill asks who has answered.
const drillLook = time.Second

func newDrill() *cobra.Command {
	var daemon daemonFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "drill GROUP",
		Short: "Ask everybody of a group whether they can be woken, and say who answered",
		Long: `drill sends everybody of a group a message by every channel, waits until all have
answered or the minute is over, and prints who answered by what. It opens no ticket. It
wakes people: a manager's token is needed, of the group where it names its managers. The
exit code is 1 where somebody did not answer in time.`,
		Args: arguments("GROUP"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return daemon.ask(cmd, func(ctx context.Context, c *client.Client) error {
				d, err := c.StartDrill(ctx, args[0])
				if err == nil {
					d, err = awaitDrill(ctx, c, d)
				}
				if err != nil {
					return err
				}
				if asJSON {
					err = printRaw(cmd.OutOrStdout(), d.Raw)
				} else {
					err = printDrill(cmd.OutOrStdout(), &d)
				}
				if err != nil {
					return err
				}
				return failedDrill(&d)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the API's JSON")
	daemon.add(cmd)
	return cmd
}

// awaitDrill asks until nobody may answer any more.
func awaitDrill(ctx context.Context, c *client.Client, d client.Drill) (client.Drill, error) {
	for d.Running {
		timer := time.NewTimer(drillLook)
		select {
		case <-ctx.Done():
			timer.Stop()
			return d, nil // what is known is told
		case <-timer.C:
		}
		var err error
		if d, err = c.Drill(ctx, d.ID); err != nil {
			return d, err
		}
	}
	return d, nil
}

func printDrill(w io.Writer, d *client.Drill) error {
	rows := [][]string{{"PERSON", "ANSWERED", "BY", "ADDRESS", "SENT"}}
	for i := range d.People {
		p := &d.People[i]
		answered, sent := "no", ""
		if !p.AnsweredAt.IsZero() {
			answered = "after " + p.AnsweredAt.Sub(d.At).Round(time.Second).String()
		}
		for k := range p.Messages {
			m := &p.Messages[k]
			if sent != "" {
				sent += ", "
			}
			if sent += m.Channel + " " + m.State; m.Error != "" {
				sent += ": " + m.Error
			}
		}
		rows = append(rows, []string{p.Person, answered, orDash(p.How), orDash(p.Address), orDash(sent)})
	}
	return table(w, "", rows)
}

// failedDrill is an error where somebody did not answer in time.
func failedDrill(d *client.Drill) error {
	missing := slices.DeleteFunc(slices.Clone(d.People), func(p client.Drilled) bool { return !p.AnsweredAt.IsZero() && !p.Late })
	if len(missing) == 0 {
		return nil
	}
	return fmt.Errorf("%d of %d did not answer within a minute", len(missing), len(d.People))
}
