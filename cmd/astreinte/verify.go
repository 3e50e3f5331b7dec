package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/astreinte/astreinte/internal/daemon"
)

func newVerify() *cobra.Command {
	var path string
	var asJSON, files bool
	var heads []string
	cmd := &cobra.Command{
		Use:   "verify [NUMBER]",
		Short: "Look whether the archive is as it was sealed",
		Long: `verify looks whether each line of each ticket's timeline, each ticket and each
day's head is as the daemon sealed it, or all of one ticket, and names what is not.
It reads the configured archive itself; a daemon may run meanwhile. With --head it
looks whether a head that somebody kept, in a mail or a log, is still that of its day.
What the daemon itself did to what was sealed is listed, and no flaw: timelines that
were written anew because the store lost a part, changes after a ticket was closed,
values that were anonymised. It is marked, and the heads are made of the marks too:
docs/OPERATIONS.md, "Evidence".`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, _, err := load(cmd, path, time.Now())
			if err != nil {
				return err
			}
			number := ""
			if len(args) > 0 {
				number = args[0]
			}
			for i, h := range heads {
				if heads[i] = strings.ToLower(strings.TrimSpace(h)); number != "" || !isHead(heads[i]) {
					return usagef(cmd, "--head wants a head of 64 digits and letters from a to f, and no ticket's number")
				}
			}
			v, err := daemon.Verify(cmd.Context(), cfg, number, heads, files, time.Now)
			if errors.Is(err, daemon.ErrNoTicket) {
				return fmt.Errorf("the archive has no ticket numbered %s", number)
			}
			if err != nil {
				return err
			}
			if asJSON {
				err = printJSON(cmd.OutOrStdout(), v)
			} else {
				err = printVerified(cmd.OutOrStdout(), &v)
			}
			if err == nil && len(v.Flaws) > 0 {
				err = errSaid
			}
			return err
		},
	}
	cmd.Flags().StringSliceVar(&heads, "head", nil, "a `HEAD` of a day that somebody kept; may be repeated")
	cmd.Flags().BoolVar(&files, "files", false, "also whether each attached file is there, and is the one that was attached")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	configFlag(cmd, &path, defaultConfig, "the configuration `FILE`")
	return cmd
}

// isHead reports whether a text may be the head of a day.
func isHead(text string) bool {
	sum, err := hex.DecodeString(text)
	return err == nil && len(sum) == sha256.Size
}

func printVerified(w io.Writer, v *daemon.Verified) error {
	for _, f := range v.Flaws {
		fmt.Fprintln(w, plain(f.String()))
	}
	for _, r := range v.Rewritten {
		fmt.Fprintln(w, plain(r.String()))
	}
	all := "All is as it was sealed:"
	if n := len(v.Flaws); n > 0 {
		all = fmt.Sprintf("Flaws: %d, in", n)
	}
	text := fmt.Sprintf("%s tickets %d, lines %d, days %d.", all, v.Tickets, v.Lines, v.Days)
	if v.Unsealed > 0 {
		text += fmt.Sprintf(" Of the tickets, %d were copied before there were seals.", v.Unsealed)
	}
	if v.Files > 0 {
		text += fmt.Sprintf(" Files: %d.", v.Files)
	}
	if v.Left > 0 {
		text += fmt.Sprintf(" Tickets that left when their retention was over: %d.", v.Left)
	}
	if v.Aged > 0 {
		text += fmt.Sprintf(" Tickets of which pages or names left when their retention was over: %d.", v.Aged)
	}
	if v.Hidden > 0 {
		text += fmt.Sprintf(" Values that were anonymised: %d.", v.Hidden)
	}
	if v.Since != "" {
		text += fmt.Sprintf("\nBefore %s an older version did not mark what it did.", v.Since)
	}
	if v.Head.Day != "" {
		text += fmt.Sprintf("\nThe head of %s is %s.", v.Head.Day, v.Head.Head)
	}
	for _, h := range v.Compared {
		text += fmt.Sprintf("\nThe head %s is that of %s.", h.Head, h.Day)
	}
	_, err := fmt.Fprintln(w, text)
	return err
}
