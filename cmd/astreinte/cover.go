package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/spf13/cobra"

	"github.com/astreinte/astreinte/internal/client"
)

func newCover() *cobra.Command {
	var daemon daemonFlags
	var ask client.ReplacementAsk
	var besides, dryRun, asJSON bool
	cmd := &cobra.Command{
		Use:   "cover GROUP PERSON",
		Short: "Put a person on call in another's place, or besides",
		Long: `cover puts PERSON on call in GROUP from --from (now where left out) until --until,
in the place of --instead-of, or of everybody where that is left out. A technician's
token may do so for the person that it is bound to; what that one asks of a colleague
is an offer, which holds once it is accepted (astreinte replacements accept ID).
It says what is doubtful of it: hours without anybody, rest that gets too short,
somebody on call in two groups. With --dry-run it says so and saves nothing.
Local times are this machine's; 8h is so long from now.`,
		Args: arguments("GROUP", "PERSON"),
		RunE: func(cmd *cobra.Command, args []string) error {
			ask.Group, ask.Person = args[0], args[1]
			if besides {
				ask.Kind = "besides"
			}
			if err := instants(cmd, &ask.From, &ask.To); err != nil {
				return err
			}
			return replace(cmd, &daemon, ask, dryRun, asJSON)
		},
	}
	cmd.Flags().StringVar(&ask.InsteadOf, "instead-of", "", "in whose place, by `KEY`; everybody's where left out")
	cmd.Flags().StringVar(&ask.From, "from", "", "RFC 3339 or local `TIME`; now where left out")
	cmd.Flags().StringVar(&ask.To, "until", "", "RFC 3339 or local `TIME`, or so long from now: 8h")
	cmd.Flags().StringVar(&ask.Note, "note", "", "why, in a few `WORDS`")
	cmd.Flags().BoolVar(&besides, "besides", false, "as well, in nobody's place")
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "say what it would do, and save nothing")
	cmd.Flags().BoolVar(&ask.Replace, "replace", false, "win over a replacement that takes the same place")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the API's JSON")
	daemon.add(cmd)
	return cmd
}

func newSwap() *cobra.Command {
	var daemon daemonFlags
	ask := client.ReplacementAsk{Kind: "swap"}
	var dryRun, asJSON bool
	cmd := &cobra.Command{
		Use:   "swap GROUP PERSON WITH",
		Short: "Offer a person's hours on call to another, for that one's",
		Long: `swap offers PERSON's hours on call in GROUP, from --from until --until, to WITH, for
that one's from --their-from until --their-until. Nothing changes before WITH accepts
(astreinte replacements accept ID); an offer that nobody accepts ends when its first
hour begins. It says what is doubtful of it, as cover does; with --dry-run it saves
nothing. Local times are this machine's.`,
		Args: arguments("GROUP", "PERSON", "WITH"),
		RunE: func(cmd *cobra.Command, args []string) error {
			ask.Group, ask.Person, ask.With = args[0], args[1], args[2]
			if err := instants(cmd, &ask.From, &ask.To, &ask.TheirFrom, &ask.TheirTo); err != nil {
				return err
			}
			return replace(cmd, &daemon, ask, dryRun, asJSON)
		},
	}
	cmd.Flags().StringVar(&ask.From, "from", "", "RFC 3339 or local `TIME`; now where left out")
	cmd.Flags().StringVar(&ask.To, "until", "", "RFC 3339 or local `TIME`")
	cmd.Flags().StringVar(&ask.TheirFrom, "their-from", "", "RFC 3339 or local `TIME`")
	cmd.Flags().StringVar(&ask.TheirTo, "their-until", "", "RFC 3339 or local `TIME`")
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "say what it would do, and save nothing")
	cmd.Flags().StringVar(&ask.Note, "note", "", "why, in a few `WORDS`")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the API's JSON")
	daemon.add(cmd)
	return cmd
}

// instants writes local times, and spans from now such as 8h, as RFC 3339.
// What is empty stays empty.
func instants(cmd *cobra.Command, times ...*string) error {
	for _, text := range times {
		if *text == "" {
			continue
		}
		at, err := parseAt(*text, time.Local, time.Time{})
		if span, isSpan := model.ParseDuration(*text); isSpan == nil {
			at, err = time.Now().Add(time.Duration(span)), nil
		}
		if err != nil {
			return usagef(cmd, "%q is no time: write 2026-12-25T03:00, 2026-12-25T03:00:00+01:00, or 8h for so long from now", *text)
		}
		*text = at.Format(time.RFC3339)
	}
	return nil
}

func newReplacements() *cobra.Command {
	var daemon daemonFlags
	var group, person, from, to string
	var asJSON, asYAML bool
	cmd := &cobra.Command{
		Use:   "replacements",
		Short: "List who stands in for whom; accept, decline or drop one",
		Args:  arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if asJSON && asYAML {
				return usagef(cmd, "--json or --yaml: one of them")
			}
			begin, end := from, to
			if err := instants(cmd, &begin, &end); err != nil {
				return err
			}
			since, until := instant(begin), instant(end)
			if from == "" {
				since = time.Now()
			}
			return daemon.ask(cmd, func(ctx context.Context, c *client.Client) error {
				if asYAML {
					text, err := c.ReplacementsYAML(ctx, group, person, since, until)
					if err == nil {
						_, err = cmd.OutOrStdout().Write(text)
					}
					return err
				}
				list, raw, err := c.Replacements(ctx, group, person, since, until)
				switch {
				case err != nil:
					return err
				case asJSON:
					return printRaw(cmd.OutOrStdout(), raw)
				}
				return printReplacements(cmd.OutOrStdout(), list)
			})
		},
	}
	cmd.Flags().StringVar(&group, "group", "", "of this group, by `KEY`")
	cmd.Flags().StringVar(&person, "person", "", "of this person, by `KEY`")
	cmd.Flags().StringVar(&from, "from", "", "RFC 3339 or local `TIME`; now where left out")
	cmd.Flags().StringVar(&to, "to", "", "RFC 3339 or local `TIME`; without end where left out")
	cmd.Flags().BoolVar(&asYAML, "yaml", false, "print them as YAML, to keep")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the API's JSON")
	daemon.add(cmd)
	cmd.AddCommand(
		newReplacement("accept ID", "Accept a replacement that was offered", func(ctx context.Context, c *client.Client, id string) (client.Replacement, error) {
			return c.AnswerReplacement(ctx, id, "accept")
		}),
		newReplacement("decline ID", "Decline a replacement that was offered", func(ctx context.Context, c *client.Client, id string) (client.Replacement, error) {
			return c.AnswerReplacement(ctx, id, "decline")
		}),
		newReplacement("drop ID", "Take a replacement back: at once, where it has begun", func(ctx context.Context, c *client.Client, id string) (client.Replacement, error) {
			return c.DropReplacement(ctx, id)
		}),
	)
	return cmd
}

func newReplacement(use, short string, do func(ctx context.Context, c *client.Client, id string) (client.Replacement, error)) *cobra.Command {
	var daemon daemonFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use: use, Short: short, Args: arguments("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return sayReplacement(cmd, &daemon, asJSON, func(ctx context.Context, c *client.Client) (client.Replacement, error) {
				return do(ctx, c, args[0])
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the API's JSON")
	daemon.add(cmd)
	return cmd
}

// instant reads a time that instants wrote; zero if the text is empty.
func instant(text string) time.Time {
	at, _ := time.Parse(time.RFC3339, text)
	return at
}

// replace makes a replacement, or says what it would do, and what is doubtful of it.
func replace(cmd *cobra.Command, daemon *daemonFlags, ask client.ReplacementAsk, dryRun, asJSON bool) error {
	if !dryRun {
		return sayReplacement(cmd, daemon, asJSON, func(ctx context.Context, c *client.Client) (client.Replacement, error) {
			r, err := c.Replace(ctx, ask)
			return r, byFlag(err)
		})
	}
	return daemon.ask(cmd, func(ctx context.Context, c *client.Client) error {
		p, err := c.PreviewReplacement(ctx, ask)
		switch {
		case err != nil:
			return byFlag(err)
		case asJSON:
			return printRaw(cmd.OutOrStdout(), p.Raw)
		}
		out := cmd.OutOrStdout()
		if _, err := fmt.Fprintf(out, "would be %s: %s\n", plain(standsNow(&p.Replacement)), plain(whoStandsIn(&p.Replacement))); err != nil {
			return err
		}
		if o := p.Overlaps; o != nil {
			said := "  it takes the place of %s (%s): --replace lets it win\n"
			if ask.Replace {
				said = "  it takes the place of %s (%s), and wins\n"
			}
			if _, err := fmt.Fprintf(out, said, o.ID, plain(whoStandsIn(o))); err != nil {
				return err
			}
		}
		return printDoubts(out, &p.Doubts)
	})
}

// fieldFlags are the flags that fill the API's fields.
var fieldFlags = map[string]string{
	"from": "--from", "to": "--until", "their_from": "--their-from", "their_to": "--their-until", "instead_of": "--instead-of", "note": "--note",
}

// byFlag is an error that names the flag, where the API names its own field.
func byFlag(err error) error {
	var refused *client.Error
	if !errors.As(err, &refused) {
		return err
	}
	field, why, _ := strings.Cut(refused.Message, ": ")
	if flag := fieldFlags[field]; flag != "" && why != "" {
		named := *refused
		named.Message = flag + ": " + why
		return &named
	}
	return err
}

// printDoubts says what is doubtful of a replacement, a line each.
func printDoubts(w io.Writer, d *client.Doubts) error {
	var lines []string
	hours := func(from, to time.Time) string { return stamp(from, time.Local) + " to " + stamp(to, time.Local) }
	for _, g := range d.Gaps {
		lines = append(lines, "nobody on call in "+g.Group+", "+hours(g.From, g.To))
	}
	for _, r := range d.Rests {
		if r.Of == "week" {
			lines = append(lines, fmt.Sprintf("%s has no rest of %d h, %s", r.Person, r.Due, hours(r.From, r.To)))
			continue
		}
		lines = append(lines, fmt.Sprintf("%s rests %.3g h where %d h are due, %s", r.Person, float64(r.Minutes)/60, r.Due, hours(r.From, r.To)))
	}
	for _, t := range d.Twice {
		lines = append(lines, t.Person+" is on call in "+strings.Join(t.Groups, " and in ")+", "+hours(t.From, t.To))
	}
	for _, line := range lines {
		if _, err := fmt.Fprintln(w, "  "+plain(line)); err != nil {
			return err
		}
	}
	return nil
}

func sayReplacement(cmd *cobra.Command, daemon *daemonFlags, asJSON bool, do func(context.Context, *client.Client) (client.Replacement, error)) error {
	return daemon.ask(cmd, func(ctx context.Context, c *client.Client) error {
		r, err := do(ctx, c)
		switch {
		case err != nil:
			return err
		case asJSON:
			return printRaw(cmd.OutOrStdout(), r.Raw)
		}
		_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s %s: %s\n", r.ID, plain(standsNow(&r)), plain(whoStandsIn(&r)))
		if err == nil && r.Doubts != nil {
			err = printDoubts(cmd.OutOrStdout(), r.Doubts)
		}
		return err
	})
}

func printReplacements(w io.Writer, list []client.Replacement) error {
	if len(list) == 0 {
		_, err := fmt.Fprintln(w, "no replacements")
		return err
	}
	rows := [][]string{{"ID", "STATE", "GROUP", "WHO", "BY", "NOTE"}}
	for i := range list {
		r := &list[i]
		rows = append(rows, []string{r.ID, standsNow(r), r.Group, whoStandsIn(r), r.By, orDash(r.Note)})
	}
	return table(w, "", rows)
}

func standsNow(r *client.Replacement) string {
	switch {
	case r.Void:
		return "void"
	case r.Asks != "":
		return "offered to " + r.Asks
	}
	return r.State
}

// whoStandsIn says "bruno for alice, from … to …".
func whoStandsIn(r *client.Replacement) string {
	hours := func(from, to time.Time) string { return stamp(from, time.Local) + " to " + stamp(to, time.Local) }
	switch {
	case r.Kind == "swap":
		return strings.Join([]string{
			r.With + " for " + r.Person + ", " + hours(r.From, r.To), r.Person + " for " + r.With + ", " + hours(r.TheirFrom, r.TheirTo),
		}, "; ")
	case r.Kind == "besides":
		return r.Person + " as well, " + hours(r.From, r.To)
	case r.InsteadOf == "":
		return r.Person + " for everybody, " + hours(r.From, r.To)
	}
	return r.Person + " for " + r.InsteadOf + ", " + hours(r.From, r.To)
}
