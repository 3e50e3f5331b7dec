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
)

func newOncall() *cobra.Command {
	var daemon daemonFlags
	var path, when string
	var stretch stretchFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "oncall [GROUP]",
		Short: "Say who is on call, until when, and who is next",
		Long: `oncall asks a daemon who is on call, or a configuration file where --config
names one. A local --at is in the file's time_zone; for a daemon it is in this
machine's, so write the offset where the two differ.

With --from or --to it prints the schedule: who is on call from when until when,
and by which layer.`,
		Args: arguments("[GROUP]"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if stretch.given() {
				if when != "" {
					return usagef(cmd, "--at is one moment: leave it out, or --from and --to")
				}
				return stretch.print(cmd, strings.Join(args, ""), path, &daemon, asJSON)
			}
			place, duties, err := dutiesAt(cmd, path, &daemon, when)
			if err != nil {
				return err
			}
			if len(args) > 0 {
				if duties, err = onlyGroup(duties, args[0]); err != nil {
					return err
				}
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), duties)
			}
			return printDuties(cmd.OutOrStdout(), duties, place)
		},
	}
	configFlag(cmd, &path, "", "ask this configuration `FILE`, not a daemon")
	cmd.Flags().StringVar(&when, "at", "", "RFC 3339 or local `TIME`; now where left out")
	stretch.add(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print it as JSON")
	daemon.add(cmd)
	return cmd
}

// dutiesAt says who is on call, by the file at path. If path is empty, the
// daemon says it. It also returns the place in whose time to show that.
func dutiesAt(cmd *cobra.Command, path string, daemon *daemonFlags, when string) (*time.Location, []client.Duty, error) {
	if path != "" {
		return dutiesOfFile(cmd, path, when)
	}
	duties, err := dutiesOfDaemon(cmd, daemon, when)
	return time.Local, duties, err
}

// dutiesOfFile says who is on call by the file, and in whose time to show
// that.
func dutiesOfFile(cmd *cobra.Command, path, when string) (*time.Location, []client.Duty, error) {
	now := time.Now()
	cfg, _, err := load(cmd, path, now)
	if err != nil {
		return nil, nil, err
	}
	at, err := parseAt(when, cfg.Rules.Location, now)
	if err != nil {
		return nil, nil, usagef(cmd, "%w", err)
	}
	return cfg.Rules.Location, dutiesIn(cfg.Rules.Directory, at), nil
}

func dutiesIn(directory *contacts.Directory, at time.Time) []client.Duty {
	duties := []client.Duty{}
	for _, group := range directory.Groups() {
		d, _ := directory.Duty(group, at) // the group exists
		duties = append(duties, client.Duty{
			Group: d.Group, People: append([]string{}, d.People...), Since: d.Since.UTC(), Until: d.Until.UTC(),
			Next: append([]string{}, d.Next...), Tier: tierOf(directory, group),
		})
	}
	return duties
}

// tierOf is a group's tier; empty if it has none.
func tierOf(directory *contacts.Directory, group string) string {
	g, _ := directory.Group(group)
	return g.Tier
}

func dutiesOfDaemon(cmd *cobra.Command, daemon *daemonFlags, when string) ([]client.Duty, error) {
	var at time.Time
	if when != "" {
		var err error
		if at, err = parseAt(when, time.Local, time.Time{}); err != nil {
			return nil, usagef(cmd, "%w", err)
		}
	}
	var duties []client.Duty
	err := daemon.ask(cmd, func(ctx context.Context, c *client.Client) (err error) {
		duties, err = c.OnCall(ctx, at)
		return err
	})
	return duties, err
}

func onlyGroup(duties []client.Duty, group string) ([]client.Duty, error) {
	names := make([]string, len(duties))
	for i := range duties {
		names[i] = duties[i].Group
	}
	i := slices.Index(names, group)
	if i < 0 {
		return nil, fmt.Errorf("no group named %q: choose one of %s", group, strings.Join(names, ", "))
	}
	return duties[i : i+1], nil
}

// onCallNow names who is on call. Of who stays on beside somebody who has not confirmed it
// says for whom, and until when at most.
func onCallNow(d *client.Duty, place *time.Location) string {
	if len(d.People) == 0 {
		return "nobody"
	}
	names := slices.Clone(d.People)
	for i, key := range names {
		for _, a := range d.Why {
			if a.Person == key && !a.Until.IsZero() {
				names[i] += fmt.Sprintf(" (%s, %s at most)", a.Why, stamp(a.Until, place))
			}
		}
	}
	return strings.Join(names, ", ")
}

func printDuties(w io.Writer, duties []client.Duty, place *time.Location) error {
	rows := [][]string{{"GROUP", "ON CALL", "SINCE", "UNTIL", "NEXT"}}
	for i := range duties {
		d := &duties[i]
		next := strings.Join(d.Next, ", ")
		if next == "" && !d.Until.IsZero() {
			next = "nobody"
		}
		people := onCallNow(d, place)
		rows = append(rows, []string{strings.TrimSpace(d.Group + " " + d.Tier), people, orDash(stamp(d.Since, place)), orDash(stamp(d.Until, place)), orDash(next)})
	}
	if err := table(w, "", rows); err != nil {
		return err
	}
	return printCalendars(w, duties, place)
}

// printCalendars says of each group whose rotation is kept elsewhere when it was read.
func printCalendars(w io.Writer, duties []client.Duty, place *time.Location) error {
	for i := range duties {
		c := duties[i].Calendar
		if c == nil {
			continue
		}
		line := fmt.Sprintf("%s: the calendar at %s was never read", duties[i].Group, c.Host)
		if !c.ReadAt.IsZero() {
			line = fmt.Sprintf("%s: the calendar at %s was read %s", duties[i].Group, c.Host, stamp(c.ReadAt, place))
		}
		if c.Old {
			line += ", which is long ago"
		}
		if c.Error != "" {
			line += "; the last try did not do: " + c.Error
		}
		if len(c.Unknown) > 0 {
			line += "; events that name nobody who is configured: " + strings.Join(c.Unknown, ", ")
		}
		if len(c.Odd) > 0 {
			line += "; events that cannot be understood: " + strings.Join(c.Odd, ", ")
		}
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	return nil
}
