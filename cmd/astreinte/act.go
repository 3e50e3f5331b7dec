package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/spf13/cobra"

	"github.com/astreinte/astreinte/internal/client"
)

// newActs are the commands that do something to a ticket.
func newActs() []*cobra.Command {
	return []*cobra.Command{
		newAct("ack NUMBER", client.Acknowledge, "Acknowledge a ticket: paging stops"),
		newSnooze(),
		newAct("pickup NUMBER", client.PickUp, "Pick a ticket up: work starts, the GTI stops"),
		newResolve(),
		newAct("reopen NUMBER", client.Reopen, "Open a resolved ticket again: paging starts"),
		newAct("escalate NUMBER", client.Escalate, "Start a ticket's next step now"),
		newAct("note NUMBER TEXT...", client.Note, "Write a note on a ticket"),
		newPause(),
		newAct("resume NUMBER", client.Resume, "Have a ticket's clock go on"),
		newAct("take NUMBER", client.Take, "Take a ticket that nobody has: of one that is open, paging stops"),
		newAct("release NUMBER", client.Release, "Put a ticket back into its pool: if it was taken, paging starts again"),
		newAssign(),
		newTier(),
	}
}

func newSnooze() *cobra.Command {
	deed := &client.Deed{Action: client.Snooze}
	cmd := newDeed("snooze NUMBER", "Acknowledge a ticket, and be woken again unless it is picked up by then", deed)
	cmd.Flags().StringVar(&deed.For, "for", "30m", "how `LONG`, from 1m to 4h; never longer than what is left of the GTI")
	return cmd
}

func newPause() *cobra.Command {
	deed := &client.Deed{Action: client.Pause}
	cmd := newDeed("pause NUMBER", "Have a ticket's clock rest, for a reason that its contract names", deed)
	cmd.Flags().StringVar(&deed.Reason, "reason", "waiting_for_customer", "`WHY`: waiting_for_customer or agreed_date")
	return cmd
}

func newAssign() *cobra.Command {
	deed := &client.Deed{Action: client.Assign}
	cmd := newDeed("assign NUMBER", "Give a ticket to somebody, or into a group's pool", deed)
	cmd.Long = "assign gives a ticket to --person, or puts it into the pool of --group. With --as owner, that\n" +
		"person answers for it from end to end; with --as with, that person or group helps, and with\n" +
		"--as without helps no more. It pages nobody, and silences nothing."
	cmd.Flags().StringVar(&deed.Group, "group", "", "into whose pool, by `KEY`, or which group helps")
	cmd.Flags().StringVar(&deed.As, "as", "", "`owner`, with or without")
	cmd.Flags().Lookup("person").Usage = "who gets it, answers for it or helps, by `KEY`. Another than the person that the token is bound to needs the token of a manager, of a deputy or of whoever has the ticket"
	return cmd
}

func newTier() *cobra.Command {
	deed := &client.Deed{Action: client.TierUp}
	cmd := newDeed("tier NUMBER", "Move a ticket to the tier above, or below", deed)
	var down bool
	cmd.Flags().BoolVar(&down, "down", false, "to the tier below")
	cmd.Flags().StringVar(&deed.Group, "group", "", "into whose pool, by `KEY`, if several groups have that tier")
	cmd.PreRun = func(*cobra.Command, []string) {
		if down {
			deed.Action = client.TierDown
		}
	}
	return cmd
}

func newAct(use, action, short string) *cobra.Command {
	return newDeed(use, short, &client.Deed{Action: action})
}

func newDeed(use, short string, deed *client.Deed) *cobra.Command {
	var daemon daemonFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   use,
		Short: short,
		Args:  arguments(strings.Fields(use)[1:]...),
		RunE: func(cmd *cobra.Command, args []string) error {
			deed.Text = strings.Join(args[1:], " ")
			return daemon.ask(cmd, func(ctx context.Context, c *client.Client) error {
				t, err := c.Act(ctx, args[0], *deed)
				switch {
				case err != nil:
					return about(args[0], err)
				case asJSON:
					return printRaw(cmd.OutOrStdout(), t.Raw)
				}
				fmt.Fprintln(cmd.OutOrStdout(), plain(standing(&t)))
				return nil
			})
		},
	}
	cmd.Flags().StringVar(&deed.Person, "person", "", "who does it, by `KEY`; the token where left out. Another than the person that the token is bound to needs a manager's token")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the API's JSON")
	daemon.add(cmd)
	return cmd
}

// standing says in one line what state a ticket is in.
func standing(t *client.Ticket) string {
	line := t.Number + " " + t.State
	switch t.State {
	case "acknowledged":
		line += " " + by(t.AcknowledgedAt, t.AcknowledgedBy)
		if !t.SnoozedUntil.IsZero() {
			line += ", to be woken again " + local(t.SnoozedUntil)
		}
	case "in_progress":
		line += ", picked up " + by(t.PickedUpAt, t.PickedUpBy)
	case "resolved":
		line += " " + by(t.ResolvedAt, t.ResolvedBy)
	case "open":
		if !t.NextPageAt.IsZero() {
			line += ", next page " + local(t.NextPageAt)
		}
	}
	switch t.GTI.State {
	case "running":
		line += ", GTI due " + local(t.GTI.DueAt)
	case "paused":
		line += ", GTI paused"
	}
	return line + ": " + t.Title
}

// sayFiring says what still fires of a ticket that somebody resolved: it opens again at
// the first repeat after its policy's reopen_within.
func sayFiring(w io.Writer, t *client.Ticket) {
	if t.Alerts.Firing == 0 {
		return
	}
	fmt.Fprintln(w, "  still firing, so it may open again:")
	shown := 0
	for _, a := range t.Alerts.Sample {
		if a.Status == "firing" {
			fmt.Fprintln(w, plain("    "+a.Title))
			shown++
		}
	}
	if more := t.Alerts.Firing - shown; more > 0 {
		fmt.Fprintf(w, "    and %d more\n", more)
	}
}

// about names the ticket, if the API's words do not.
func about(number string, err error) error {
	var refused *client.Error
	if errors.As(err, &refused) && refused.Status == http.StatusNotFound && refused.Code == "not_found" {
		return fmt.Errorf("no ticket numbered %s: `astreinte tickets` lists them", number)
	}
	return err
}
