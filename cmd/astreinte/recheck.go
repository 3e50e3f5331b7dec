package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/astreinte/astreinte/internal/client"
)

// The answer to a re-check comes within a minute; what is asked meanwhile waits for so
// long each time.
const (
	recheckWaits = 15 * time.Second
	recheckLasts = 70 * time.Second
)

func newRecheck() *cobra.Command {
	var daemon daemonFlags
	var person string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "recheck NUMBER",
		Short: "Have a ticket checked again: its tool is asked, or a probe looks",
		Long: `recheck asks the monitoring tool behind a ticket what it sees now, or looks by a probe
(sources.X.recheck and recheck of the configuration), waits for the answer, a minute at
most, and prints it. It changes nothing of the ticket: what is over ends by its tool's
own word. Where nothing can be asked it prints what was last heard.`,
		Args: arguments("NUMBER"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return daemon.ask(cmd, func(ctx context.Context, c *client.Client) error {
				return recheck(ctx, cmd, c, args[0], person, asJSON)
			})
		},
	}
	cmd.Flags().StringVar(&person, "person", "", "who asks, by `KEY`; the token where left out. Another than the person that the token is bound to needs a manager's token")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the API's JSON")
	daemon.add(cmd)
	return cmd
}

func recheck(ctx context.Context, cmd *cobra.Command, c *client.Client, number, person string, asJSON bool) error {
	t, is, err := c.AskRecheck(ctx, number, person)
	if err != nil {
		return about(number, err)
	}
	if is.State == "" { // nothing can be asked
		if asJSON {
			return printRaw(cmd.OutOrStdout(), t.Raw)
		}
		_, err = fmt.Fprintln(cmd.OutOrStdout(), plain(standing(&t)+": nothing can be asked about it; "+lastChecked(&t)))
		return err
	}
	for began := time.Now(); ; {
		now, raw, err := c.AwaitRecheck(ctx, number, recheckWaits)
		switch {
		case err == nil && now.State == "answered" && asJSON:
			return printRaw(cmd.OutOrStdout(), raw)
		case err == nil && now.State == "answered":
			_, err = fmt.Fprintln(cmd.OutOrStdout(), plain(t.Number+" "+now.Text))
			return err
		case time.Since(began) > recheckLasts && err == nil:
			return errors.New("no answer within a minute: no daemon sees to it")
		case time.Since(began) > recheckLasts:
			return err
		case err != nil: // the daemon that was asked may be gone; another one answers
			if err := rest(ctx, time.Second); err != nil {
				return err
			}
		}
	}
}

// lastChecked is what the last line of a timeline says that tells of a check.
func lastChecked(t *client.Ticket) string {
	for i := len(t.Timeline) - 1; i >= 0; i-- {
		if t.Timeline[i].Kind == "recheck" {
			return t.Timeline[i].Text
		}
	}
	return "nothing was heard"
}

// rest waits, unless ctx ends.
func rest(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
