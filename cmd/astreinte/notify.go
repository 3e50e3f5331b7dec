package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/astreinte/astreinte/internal/courier"
	"github.com/astreinte/astreinte/internal/nagios"
)

// notifyOptions are the command's flags.
type notifyOptions struct {
	url, tokenFile, spool string
	fields                []string
	held                  bool
}

func newNotify() *cobra.Command {
	var o notifyOptions
	cmd := &cobra.Command{
		Use:   "notify --url URL --token-file FILE --spool DIR SOURCE",
		Short: "Bring a notification of Nagios, Icinga, Centreon or Checkmk to a daemon, and lose none",
		Long: `notify is what a notification command calls. It reads the tool's macros from the
environment (NAGIOS_*, ICINGA_*, CENTREON_*, NOTIFY_*) or from --field, writes
them to the spool, and posts what waits there to SOURCE, a source of type nagios.
While the daemon does not answer it tries again, for 5 seconds at most; then a
process in the background goes on, the oldest first, until the spool is empty. What goes
to an address where no source is stays there until it is put right, or dropped (notify
list, notify drop).
The exit code is 0 if the notification was sent or is sent from the background.`,
		Example: "  astreinte notify --url https://astreinte.example.net --token-file /etc/astreinte/nagios.token \\\n    --spool /var/spool/astreinte nagios",
		Args:    arguments("SOURCE"),
		RunE:    func(cmd *cobra.Command, args []string) error { return o.notify(cmd, args[0]) },
	}
	cmd.PersistentFlags().StringVar(&o.spool, "spool", "", "the `DIR` that keeps what could not be sent; it is made where it does not exist")
	cmd.Flags().StringVar(&o.url, "url", "", "the daemon's `URL`; $"+envURL+", or "+defaultURL)
	cmd.Flags().StringVar(&o.tokenFile, "token-file", "", "the `FILE` with the source's token")
	cmd.Flags().StringArrayVar(&o.fields, "field", nil, "one of the macros, as host=srv-db01; names that nobody knows become labels (`NAME=VALUE`)")
	cmd.AddCommand(o.newFlush(), o.newStatus(), o.newList(), o.newDrop())
	return cmd
}

func (o *notifyOptions) notify(cmd *cobra.Command, source string) error {
	began := time.Now()
	m, err := o.message(cmd, source, began)
	if err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() { // a disk may hang, and the tool must not
		done <- o.keepAndSend(cmd, m)
	}()
	timer := time.NewTimer(courier.HeldUp - time.Since(began))
	defer timer.Stop()
	select {
	case err = <-done:
	case <-timer.C:
		return fmt.Errorf("the spool %s does not answer: nobody knows whether the notification is kept", o.spool)
	}
	kept := (*courier.Kept)(nil)
	if token := (*courier.TokenError)(nil); errors.As(err, &kept) && kept.Sent && !errors.As(err, &token) {
		fmt.Fprintln(cmd.ErrOrStderr(), "astreinte: "+oneLine(err.Error()))
		return nil
	}
	return err
}

func (o *notifyOptions) keepAndSend(cmd *cobra.Command, m courier.Message) error {
	s, err := courier.Open(o.spool)
	if err != nil {
		return courier.Once(cmd.Context(), m, err)
	}
	return courier.Bring(cmd.Context(), s, m, courier.Options{Background: func() *exec.Cmd { return backgroundOf(s) }})
}

// backgroundOf is this program again, as it sends from the background.
func backgroundOf(s *courier.Spool) *exec.Cmd {
	program, err := os.Executable()
	if err != nil {
		program = os.Args[0]
	}
	cmd := exec.CommandContext(context.Background(), program, "notify", "--spool", s.Dir(), "flush", "--held") //nolint:gosec // it is this program, and the folder is no option
	cmd.Args[0] = os.Args[0]
	return cmd
}

// message is what the flags and the environment say.
func (o *notifyOptions) message(cmd *cobra.Command, source string, now time.Time) (m courier.Message, err error) {
	base := firstOf(o.url, os.Getenv(envURL), defaultURL)
	u, err := url.Parse(base)
	switch {
	case o.spool == "":
		return m, usagef(cmd, "--spool is missing: a folder that keeps what could not be sent")
	case o.tokenFile == "":
		return m, usagef(cmd, "--token-file is missing: a file with the source's token")
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return m, usagef(cmd, "--url is no absolute address: write it as https://astreinte.example.net")
	}
	if m.TokenFile, err = filepath.Abs(o.tokenFile); err != nil {
		return m, fmt.Errorf("the token file: %w", err)
	}
	given := nagios.FromEnvironment(os.Environ())
	named := map[string]string{}
	for _, field := range o.fields {
		name, value, found := strings.Cut(field, "=")
		if !found || name == "" {
			return m, usagef(cmd, "--field %q is not NAME=VALUE", field)
		}
		named[name] = value
	}
	for name, value := range nagios.Fields(named) {
		given[name] = value
	}
	if given[nagios.Host] == "" {
		return m, usagef(cmd, "the tool named no host: set enable_environment_macros=1 in Nagios, or give --field host=…")
	}
	if given[nagios.Type]+given[nagios.State]+given[nagios.HostState]+given[nagios.ServiceState] == "" {
		return m, usagef(cmd, "the tool named neither a type nor a state: give --field type=… and --field state=…")
	}
	if given[nagios.At] == "" {
		given[nagios.At] = fmt.Sprint(now.Unix())
	}
	m.At, m.Fields, m.URL = now.UTC(), shortened(given), u.JoinPath("ingest", source).String()
	return m, nil
}

// longestField is how long one field may be: the daemon keeps no more of it.
const longestField = 16 << 10

func shortened(fields map[string]string) map[string]string {
	for name, value := range fields {
		if len(value) > longestField {
			fields[name] = strings.ToValidUTF8(value[:longestField], "") + "…"
		}
	}
	return fields
}

func (o *notifyOptions) open(cmd *cobra.Command) (*courier.Spool, error) {
	if o.spool == "" {
		return nil, usagef(cmd, "--spool is missing")
	}
	return courier.Open(o.spool)
}

func (o *notifyOptions) newFlush() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "flush",
		Short: "Send what waits in the spool, once",
		Long: `flush sends what waits in the spool, the oldest first, unless another process is
doing so. It is for the time after a reboot: a timer may call it every minute.`,
		Args: arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := o.open(cmd)
			if err != nil {
				return err
			}
			if o.held {
				held, err := s.Inherited()
				if err != nil {
					return err
				}
				return courier.Stay(cmd.Context(), s, held)
			}
			left, refused, other, err := courier.Flush(cmd.Context(), s)
			for name, reason := range refused {
				fmt.Fprintln(cmd.ErrOrStderr(), "astreinte: refused: "+oneLine(name+": "+reason))
			}
			switch {
			case other:
				fmt.Fprintln(cmd.OutOrStdout(), "another process sends")
				return nil
			case left > 0:
				return fmt.Errorf("%s: %w", count(left, "notification")+" left", err)
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&o.held, "held", false, "go on until nothing waits: what notify itself starts, with its lock as file 3")
	return cmd
}

func (o *notifyOptions) newStatus() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Say what waits in the spool, and what was refused",
		Args:  arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := o.open(cmd)
			if err != nil {
				return err
			}
			stats, err := s.Stats()
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), stats)
			}
			out := cmd.OutOrStdout()
			fmt.Fprintf(out, "waiting  %d", stats.Waiting)
			if stats.Waiting > 0 {
				fmt.Fprintf(out, ", the oldest since %s", stamp(stats.Oldest, time.Local))
			}
			fmt.Fprintf(out, "\nrefused  %d\n", stats.Refused)
			if stats.Sending {
				fmt.Fprintln(out, "a process is sending")
			}
			if stats.LastError != "" {
				fmt.Fprintln(out, plain("last error: "+stats.LastError))
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print it as JSON")
	return cmd
}
