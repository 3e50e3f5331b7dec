package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/spf13/cobra"

	"github.com/astreinte/astreinte/internal/client"
	"github.com/astreinte/astreinte/paging"
)

// receiptLook is how often page asks for receipts.
const receiptLook = time.Second

func newPage() *cobra.Command {
	var daemon daemonFlags
	var channel string
	var asJSON bool
	wait := 30 * time.Second
	cmd := &cobra.Command{
		Use:   "page PERSON",
		Short: "Send a person a test page by every channel, and say what became of it",
		Long: `page has the daemon send a test page to each number and each device of a
person. It is marked as a test, belongs to no ticket and asks for no answer. What
the provider answered is printed, and the receipt where one comes in time. The
exit code is 1 where a message failed or was not delivered.`,
		Args: arguments("PERSON"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return daemon.ask(cmd, func(ctx context.Context, c *client.Client) error {
				page, err := c.SendTest(ctx, args[0], channel)
				if err != nil {
					return err
				}
				if page, err = awaitReceipts(ctx, c, page, wait); err != nil {
					return err
				}
				if asJSON {
					err = printRaw(cmd.OutOrStdout(), page.Raw)
				} else {
					err = printTest(cmd.OutOrStdout(), page)
				}
				if err != nil {
					return err
				}
				return failedTest(page)
			})
		},
	}
	cmd.Flags().StringVar(&channel, "channel", "", "by this channel alone: `"+strings.Join(paging.WayNames(paging.AllWays()), " or ")+"`")
	cmd.Flags().Var((*model.Duration)(&wait), "wait", "how long to wait for receipts; 0s: not at all")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the API's JSON")
	daemon.add(cmd)
	return cmd
}

// awaitReceipts looks until each message that was sent has its receipt, but no
// longer than wait. Not every channel has receipts.
func awaitReceipts(ctx context.Context, c *client.Client, page client.TestPage, wait time.Duration) (client.TestPage, error) {
	for began := time.Now(); waits(page) && time.Since(began) < wait; {
		timer := time.NewTimer(min(receiptLook, wait))
		select {
		case <-ctx.Done():
			timer.Stop()
			return page, nil // what is known is shown
		case <-timer.C:
		}
		last, err := c.LastTest(ctx, page.Person)
		if err != nil {
			return page, err
		}
		if last.ID != page.ID {
			return page, nil // somebody else has ordered another
		}
		page = last
	}
	return page, nil
}

func waits(page client.TestPage) bool {
	ways := paging.AllWays()
	return slices.ContainsFunc(page.Pages, func(t client.TestTry) bool {
		w := paging.FindWay(ways, t.Channel)
		return (t.Receipts || (w != nil && w.Receipts)) && t.State == "sent"
	})
}

func printTest(w io.Writer, page client.TestPage) error {
	rows := make([][]string, len(page.Pages))
	for i, t := range page.Pages {
		said := t.State
		if t.Error != "" {
			said += ": " + t.Error
		}
		receipt := "no receipt"
		if !t.ReceiptAt.IsZero() {
			receipt = "receipt " + stamp(t.ReceiptAt, time.Local)
		}
		rows[i] = []string{t.Channel, t.Address, orDash(t.Provider), orDash(t.ProviderID), said, receipt}
	}
	return table(w, "", rows)
}

// failedTest is an error if a message of a test failed.
func failedTest(page client.TestPage) error {
	bad := slices.DeleteFunc(slices.Clone(page.Pages), func(t client.TestTry) bool { return t.State != "failed" && t.State != "undelivered" })
	if len(bad) == 0 {
		return nil
	}
	return fmt.Errorf("%d of %d messages did not reach %s", len(bad), len(page.Pages), page.Person)
}
