package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/astreinte/astreinte/internal/client"
)

func newTask() *cobra.Command {
	var daemon daemonFlags
	var t client.Task
	var minutes int
	var at, until, change string
	var public, asJSON bool
	cmd := &cobra.Command{
		Use:   "task NUMBER [TEXT...]",
		Short: "Write down what was done for a ticket",
		Long: `task writes down what was done for a ticket: a call, a call that nobody took
(no_answer), remote work, work on site, or something else, with a text of TEXT. With
--public the customer may read it. With --change it changes a task that is written down,
by its ID: what is not said stays.`,
		Args: arguments("NUMBER", "[TEXT...]"),
		RunE: func(cmd *cobra.Command, args []string) error {
			ask := client.TaskEdit{}
			given := func(flag string, into **string, value string) {
				if cmd.Flags().Changed(flag) {
					*into = &value
				}
			}
			given("kind", &ask.Kind, t.Kind)
			given("at", &ask.At, at)
			given("until", &ask.Until, until)
			ask.Person = t.By
			if text := strings.Join(args[1:], " "); text != "" {
				ask.Text = &text
			}
			if cmd.Flags().Changed("minutes") {
				ask.Minutes = &minutes
			}
			if cmd.Flags().Changed("public") {
				ask.Public = &public
			}
			if change == "" && ask.Kind == nil {
				kind := "other"
				ask.Kind = &kind
			}
			return daemon.ask(cmd, func(ctx context.Context, c *client.Client) error {
				is, err := c.WriteTask(ctx, args[0], change, &ask)
				if err != nil {
					return about(args[0], err)
				}
				if asJSON {
					return printRaw(cmd.OutOrStdout(), is.Raw)
				}
				_, err = fmt.Fprintln(cmd.OutOrStdout(), plain(standing(&is)+fmt.Sprintf(": %d tasks, %s of treatment", len(is.Tasks), time.Duration(is.Treatment())*time.Minute)))
				return err
			})
		},
	}
	cmd.Flags().StringVar(&t.Kind, "kind", "other", "`KIND`: call, no_answer, remote, on_site or other")
	cmd.Flags().IntVar(&minutes, "minutes", 0, "how many `MINUTES` it took, where --at and --until do not say it")
	cmd.Flags().StringVar(&at, "at", "", "when it began, a `TIME` as 2026-11-21T03:12:00+01:00; now where left out")
	cmd.Flags().StringVar(&until, "until", "", "when it ended, a `TIME`")
	cmd.Flags().BoolVar(&public, "public", false, "the customer may read it")
	cmd.Flags().StringVar(&change, "change", "", "change the task of that `ID`")
	cmd.Flags().StringVar(&t.By, "person", "", "who did it, by `KEY`; the token where left out. Another than the person that the token is bound to needs a manager's token")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the API's JSON")
	daemon.add(cmd)
	return cmd
}
