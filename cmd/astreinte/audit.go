package main

import (
	"context"
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/astreinte/astreinte/internal/client"
)

func newAudit() *cobra.Command {
	var daemon daemonFlags
	var about, of, since string
	var most int
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "audit",
		Short: "Say who changed which duty, device, session, setting or contact, from what to what",
		Long: `audit lists changes, the newest first: of replacements and of what the configuration
says of groups and people; of devices; of sessions, passwords and passkeys; of
calendars' and walls' addresses. It is kept as long as
retention.audit says. A manager's token sees what is
about duty, an admin's everything.`,
		Args: arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := instants(cmd, &since); err != nil {
				return err
			}
			query := url.Values{"limit": {strconv.Itoa(most)}}
			for name, value := range map[string]string{"about": about, "of": of, "since": since} {
				if value != "" {
					query.Set(name, value)
				}
			}
			return daemon.ask(cmd, func(ctx context.Context, c *client.Client) error {
				lines, raw, err := c.Audit(ctx, query)
				if err != nil || asJSON {
					return rawOr(cmd, raw, err)
				}
				rows := make([][]string, 0, len(lines))
				for i := range lines {
					l := &lines[i]
					rows = append(rows, []string{stamp(l.At, time.Local), orDash(l.Who), orDash(l.Via), l.About, l.Of, l.What, changes(l.From, l.To)})
				}
				return tableOr(cmd.OutOrStdout(), "nothing was changed", []string{"AT", "WHO", "VIA", "ABOUT", "OF", "WHAT", "FROM → TO"}, rows)
			})
		},
	}
	cmd.Flags().StringVar(&about, "about", "", "`WHAT` alone: duty, device, session, setting or contact")
	cmd.Flags().StringVar(&of, "of", "", "of this person or group alone, by `KEY`")
	cmd.Flags().StringVar(&since, "since", "", "not before this RFC 3339 or local `TIME`")
	cmd.Flags().IntVar(&most, "most", 100, "`N` lines at most, up to 500")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the API's JSON")
	daemon.add(cmd)
	return cmd
}

// changes are fields before and after, in a line.
func changes(from, to map[string]json.RawMessage) string {
	both := maps.Clone(from)
	if both == nil {
		both = map[string]json.RawMessage{}
	}
	maps.Copy(both, to)
	parts := make([]string, 0, len(both))
	for _, name := range slices.Sorted(maps.Keys(both)) {
		before, had := from[name]
		after, has := to[name]
		switch {
		case had && has:
			parts = append(parts, name+": "+string(before)+" → "+string(after))
		case has:
			parts = append(parts, name+": "+string(after))
		default:
			parts = append(parts, name+": "+string(before))
		}
	}
	return strings.Join(parts, ", ")
}
