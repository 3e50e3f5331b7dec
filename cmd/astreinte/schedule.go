package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/client"
	"github.com/astreinte/astreinte/internal/ticket"
)

// stretchFlags say for which stretch of time a schedule is wanted.
type stretchFlags struct{ from, to string }

func (f *stretchFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.from, "from", "", "the schedule from this RFC 3339 or local `TIME` on; now where left out")
	cmd.Flags().StringVar(&f.to, "to", "", fmt.Sprintf("… until this `TIME`; %d days later where left out, %d at most", ticket.ScheduleDays, ticket.MaxScheduleDays))
}

func (f *stretchFlags) given() bool { return f.from != "" || f.to != "" }

// times are from and to; zero if they are not given.
func (f *stretchFlags) times(place *time.Location) (from, to time.Time, err error) {
	if f.from != "" {
		from, err = parseWhen("--from", f.from, place)
	}
	if f.to != "" && err == nil {
		to, err = parseWhen("--to", f.to, place)
	}
	return from, to, err
}

// print prints the schedule of a group, or of all groups if group is empty. It
// comes from the file at path or, if path is empty, from the daemon.
func (f *stretchFlags) print(cmd *cobra.Command, group, path string, daemon *daemonFlags, asJSON bool) error {
	place := time.Local
	var list []client.Schedule
	var err error
	if path != "" {
		place, list, err = f.ofFile(cmd, group, path)
	} else {
		list, err = f.ofDaemon(cmd, group, daemon)
	}
	switch {
	case err != nil:
		return err
	case asJSON:
		return printJSON(cmd.OutOrStdout(), list)
	}
	return printSchedules(cmd.OutOrStdout(), list, place)
}

func (f *stretchFlags) ofDaemon(cmd *cobra.Command, group string, daemon *daemonFlags) ([]client.Schedule, error) {
	from, to, err := f.times(time.Local)
	if err != nil {
		return nil, usagef(cmd, "%w", err)
	}
	var list []client.Schedule
	err = daemon.ask(cmd, func(ctx context.Context, c *client.Client) (err error) {
		list, err = c.Schedules(ctx, group, from, to)
		return err
	})
	return list, err
}

func (f *stretchFlags) ofFile(cmd *cobra.Command, group, path string) (*time.Location, []client.Schedule, error) {
	now := time.Now()
	cfg, _, err := load(cmd, path, now)
	if err != nil {
		return nil, nil, err
	}
	place, directory := cfg.Rules.Location, cfg.Rules.Directory
	from, to, err := f.times(place)
	if err != nil {
		return nil, nil, usagef(cmd, "%w", err)
	}
	if from.IsZero() {
		from = now.In(place).Truncate(time.Second)
	}
	if to.IsZero() {
		to = from.AddDate(0, 0, ticket.ScheduleDays)
	}
	switch {
	case !from.Before(to):
		return nil, nil, usagef(cmd, "--to is not after --from")
	case to.After(from.AddDate(0, 0, ticket.MaxScheduleDays)):
		return nil, nil, usagef(cmd, "--to is more than %d days after --from", ticket.MaxScheduleDays)
	}
	groups := directory.Groups()
	if group != "" {
		if !slices.Contains(groups, group) {
			return nil, nil, fmt.Errorf("no group named %q: choose one of %s", group, strings.Join(groups, ", "))
		}
		groups = []string{group}
	}
	return place, schedulesIn(directory, groups, from, to), nil
}

func schedulesIn(directory *contacts.Directory, groups []string, from, to time.Time) []client.Schedule {
	list := make([]client.Schedule, len(groups))
	for i, group := range groups {
		list[i] = client.Schedule{Group: group, From: from.UTC(), To: to.UTC()}
		for _, s := range directory.Schedule(group, from, to) {
			span := client.Span{From: s.From.UTC(), To: s.To.UTC(), People: []client.Assignment{}}
			for _, a := range s.People {
				span.People = append(span.People, client.Assignment{Person: a.Person, Why: a.Why})
			}
			list[i].Spans = append(list[i].Spans, span)
		}
	}
	return list
}

func printSchedules(w io.Writer, list []client.Schedule, place *time.Location) error {
	rows := [][]string{{"GROUP", "FROM", "TO", "ON CALL"}}
	for _, s := range list {
		for _, span := range s.Spans {
			people := make([]string, len(span.People))
			for i, a := range span.People {
				people[i] = fmt.Sprintf("%s (%s)", a.Person, a.Why)
			}
			if len(people) == 0 {
				people = []string{"nobody"}
			}
			rows = append(rows, []string{s.Group, stamp(span.From, place), stamp(span.To, place), strings.Join(people, ", ")})
		}
	}
	return table(w, "", rows)
}
