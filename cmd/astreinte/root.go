package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// Exit codes (docs/REFERENCE.md#commands).
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

// newRoot is the command `astreinte` with all its commands.
func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:                   "astreinte",
		Short:                 "Pages the people on call, and escalates until somebody answers",
		Args:                  cobra.ArbitraryArgs,
		RunE:                  unknownCommand,
		DisableFlagsInUseLine: true,
		SilenceErrors:         true,
		SilenceUsage:          true,
		CompletionOptions:     cobra.CompletionOptions{DisableDefaultCmd: true},
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		if !cmd.HasParent() && cmd.Flags().NArg() > 0 { // the command is misspelt, not its flag
			return unknownCommand(cmd, cmd.Flags().Args())
		}
		return usagef(cmd, "%w", err)
	})
	root.SetHelpCommand(newHelp())
	root.AddCommand(
		newDemo(),
		newServe(),
		newCheck(),
		newSimulate(),
		newOncall(),
		newCover(),
		newSwap(),
		newReplacements(),
		newTickets(),
		newSearch(),
		newContacts(),
		newTicket(),
		newOpen(),
		newQualify(),
		newClock(),
		newPage(),
		newNotify(),
		newProofs(),
		newFeeds(),
		newFilters(),
		newWalls(),
		newAudit(),
		newDutyReport(),
		newDoubts(),
		newDrill(),
		newRooms(),
		newSilence(),
		newSilences(),
		newSources(),
		newHeartbeats(),
		newRecheck(),
		newAttach(),
		newAttachments(),
		newTask(),
		newChecklist(),
		newMeeting(),
		newInvite(),
		newSessions(),
		newExport(),
		newVerify(),
		newArchive(),
		newBackup(),
		newCompact(),
		newRestore(),
		newVersion(),
	)
	root.AddCommand(newActs()...)
	return root
}

// run runs the command that args name and returns the exit code.
func run(ctx context.Context, root *cobra.Command, args []string) int {
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	var usage *usageError
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errSaid):
		return exitFailed
	}
	fmt.Fprintln(root.ErrOrStderr(), "astreinte: "+oneLine(err.Error()))
	if errors.As(err, &usage) {
		return exitUsage
	}
	return exitFailed
}

// errSaid ends a command that failed and has already said why.
var errSaid = errors.New("said")

// usageError says that the command was used wrongly.
type usageError struct{ err error }

// Error says what was wrong, and where to look.
func (e *usageError) Error() string { return e.err.Error() }

// Unwrap is the error without its kind.
func (e *usageError) Unwrap() error { return e.err }

// usagef is a usageError of a command. It names the command's help.
func usagef(cmd *cobra.Command, format string, args ...any) error {
	return &usageError{fmt.Errorf("%w (see %s --help)", fmt.Errorf(format, args...), cmd.CommandPath())}
}

// unknownCommand names the commands that were perhaps meant.
func unknownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return usagef(cmd, "a command is missing")
	}
	meant := ""
	cmd.SuggestionsMinimumDistance = 2
	if like := cmd.SuggestionsFor(args[0]); len(like) > 0 {
		meant = "; did you mean " + strings.Join(like, " or ") + "?"
	}
	return usagef(cmd, "no command named %q%s", args[0], meant)
}

// arguments wants as many arguments as there are names. Those in brackets, at
// the end, may be left out. "TEXT..." and "[TEXT...]" take all that follow.
func arguments(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		for i, name := range names {
			if i >= len(args) && !strings.HasPrefix(name, "[") {
				return usagef(cmd, "%s is missing", strings.TrimSuffix(name, "..."))
			}
		}
		if len(args) > len(names) && (len(names) == 0 || !strings.HasSuffix(strings.TrimSuffix(names[len(names)-1], "]"), "...")) {
			return usagef(cmd, "%q is one argument too many", args[len(names)])
		}
		return nil
	}
}

func newHelp() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Explain a command",
		RunE: func(cmd *cobra.Command, args []string) error {
			about, rest, err := cmd.Root().Find(args)
			if err != nil || (!about.HasParent() && len(rest) > 0) {
				return unknownCommand(cmd.Root(), args)
			}
			about.InitDefaultHelpFlag()
			return about.Help()
		},
	}
}

// oneLine puts an error of several lines on one line.
func oneLine(text string) string {
	return plain(strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' }), "; "))
}
