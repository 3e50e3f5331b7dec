// Command astreinte pages the people on call. It is the daemon, and the
// commands around it.
//
// Each command has a file of its own: serve.go runs the daemon until a signal
// ends it (systemd.go talks to systemd, log.go makes its log); demo.go runs the
// whole product with nothing installed; check.go and simulate.go look at
// a configuration without a daemon (timeline.go shows what came of it); and
// oncall.go, tickets.go, ticket.go, act.go and backup.go are clients of a
// daemon's API. restore.go puts a backup in place while there is no daemon.
//
// A command returns an error; root.go turns it into one line on standard error
// and the exit code: 0 done, 1 it failed, 2 wrong usage.
package main

import (
	"context"
	"os"
)

func main() {
	os.Exit(run(context.Background(), newRoot(), os.Args[1:]))
}
