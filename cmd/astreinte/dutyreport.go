package main

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/astreinte/astreinte/internal/client"
)

func newDutyReport() *cobra.Command {
	var daemon daemonFlags
	var from, to, person, by, format string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "duty-report",
		Short: "Say what people did on call: hours by kind, nights, pages, interventions, rest",
		Long: `duty-report lists what each person did on call in each month, counted from the
schedule as it was: hours by kind, nights, pages, interventions, rest that was too
short, replacements, and what that gives right to where rates are configured. Without
--from it is the present month. A manager's token sees everybody, any other the person
that it is bound to.`,
		Args: arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if format != "" && asJSON {
				return usagef(cmd, "--format and --json are two forms: one of them")
			}
			query := url.Values{}
			for name, value := range map[string]string{"from": from, "to": to, "person": person, "by": by, "format": format} {
				if value != "" {
					query.Set(name, value)
				}
			}
			return daemon.ask(cmd, func(ctx context.Context, c *client.Client) error {
				if format != "" {
					text, err := c.DutyTable(ctx, query)
					if err == nil {
						_, err = cmd.OutOrStdout().Write(text)
					}
					return err
				}
				report, raw, err := c.DutyReport(ctx, query)
				if err != nil || asJSON {
					return rawOr(cmd, raw, err)
				}
				if err := dutyTable(cmd, report.Rows); err != nil {
					return err
				}
				return sayCounted(cmd, &report)
			})
		},
	}
	cmd.Flags().StringVar(&from, "from", "", "from this `MONTH` (2026-11) or day on; the present month where left out")
	cmd.Flags().StringVar(&to, "to", "", "until this `MONTH` or day, outside; the end of the month where left out")
	cmd.Flags().StringVar(&person, "person", "", "of this person alone, by `KEY`")
	cmd.Flags().StringVar(&by, "by", "", "a row for each month or year (`PERIOD`); month where left out")
	cmd.Flags().StringVar(&format, "format", "", "as a table for a spreadsheet: csv, or excel with semicolons (`FORM`)")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the API's JSON")
	daemon.add(cmd)
	return cmd
}

func dutyTable(cmd *cobra.Command, list []client.DutyRow) error {
	head := []string{"PERSON", "PERIOD", "ON CALL", "WORKING", "EVENING", "NIGHT", "WEEKEND", "HOLIDAY", "NIGHTS", "PAGES", "WOKEN", "WORKED", "RESTS", "STOOD IN", "REPLACED", "COMPENSATION"}
	rows := make([][]string, 0, len(list))
	for i := range list {
		r := &list[i]
		row := []string{r.Person, r.Period}
		for _, kind := range []string{"total", "working", "evening", "night", "weekend", "holiday"} {
			row = append(row, inHours(r.OnCall[kind]))
		}
		row = append(row, strconv.Itoa(r.Nights), strconv.Itoa(r.Pages), strconv.Itoa(r.Woken), inHours(r.Worked["total"]), strconv.Itoa(len(r.Rests)),
			strconv.Itoa(r.StoodIn.Times), strconv.Itoa(r.Replaced.Times))
		pay := "-"
		if p := r.Compensation; p != nil {
			if pay = fmt.Sprintf("%d.%02d %s", p.Total/100, p.Total%100, p.Currency); !p.Whole {
				pay += " (not all)"
			}
		}
		rows = append(rows, append(row, pay))
	}
	return tableOr(cmd.OutOrStdout(), "nobody was on call then, as far as is known", head, rows)
}

// sayCounted says since when duty is counted, if the report begins before that.
func sayCounted(cmd *cobra.Command, report *client.DutyReport) error {
	from, err := time.ParseInLocation(time.DateOnly, report.From, time.Local)
	if report.Since.IsZero() || err == nil && !report.Since.After(from) {
		return nil
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "\ncounted since %s: nothing is known of the time before\n", stamp(report.Since, time.Local))
	return err
}

// inHours are seconds as hours and minutes.
func inHours(seconds int64) string { return fmt.Sprintf("%d:%02d", seconds/3600, seconds%3600/60) }
