package main

import (
	"fmt"
	"os/user"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/astreinte/astreinte/internal/courier"
	"github.com/astreinte/astreinte/internal/nagios"
)

func (o *notifyOptions) newList() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List what waits in the spool, the oldest first, and where each goes",
		Args:  arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := o.open(cmd)
			if err != nil {
				return err
			}
			waits, err := s.Waits()
			if err != nil || asJSON {
				if err == nil {
					err = printJSON(cmd.OutOrStdout(), waits)
				}
				return err
			}
			rows := make([][]string, len(waits))
			for i := range waits {
				w := &waits[i]
				f := w.Fields
				rows[i] = []string{w.Name, stamp(w.At, time.Local), f[nagios.Type], f[nagios.Host], f[nagios.Service], w.URL}
			}
			return tableOr(cmd.OutOrStdout(), "nothing waits", []string{"NAME", "SINCE", "TYPE", "HOST", "SERVICE", "TO"}, rows)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print it as JSON")
	return cmd
}

func (o *notifyOptions) newDrop() *cobra.Command {
	var to string
	cmd := &cobra.Command{
		Use:   "drop [NAME...]",
		Short: "Give up what waits in the spool: it goes to the refused ones",
		Long: `drop gives up notifications that wait, by the NAMEs that list shows, or all that go to
one address: where a source was misspelt, or is gone, they would be tried for ever. They
are kept in the folder refused of the spool, with who dropped them. Nobody is paged for
them.`,
		Example: "  astreinte notify --spool /var/spool/astreinte drop --to https://astreinte.example.net/ingest/nagois",
		Args:    cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 && to == "" {
				return usagef(cmd, "say what: NAMEs that list shows, or --to ADDRESS")
			}
			s, err := o.open(cmd)
			if err != nil {
				return err
			}
			waits, err := s.Waits()
			if err != nil {
				return err
			}
			for _, name := range args {
				if !slices.ContainsFunc(waits, func(w courier.Waiting) bool { return w.Name == name }) {
					return fmt.Errorf("nothing named %s waits: astreinte notify list has the names", name)
				}
			}
			n, err := s.Drop(args, to, "dropped by "+whoami())
			if err != nil {
				return err
			}
			if n == 0 && to != "" {
				return fmt.Errorf("nothing waits for %s: astreinte notify list has the addresses", to)
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s dropped, kept in %s\n", count(n, "notification"), s.Refused())
			return err
		},
	}
	cmd.Flags().StringVar(&to, "to", "", "all that go to this `ADDRESS`, as list shows it")
	return cmd
}

// whoami is who runs the command.
func whoami() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return "somebody"
}
