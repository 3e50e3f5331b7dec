// Command bench measures the daemon from outside, on both stores, beside the
// real Alertmanager in the same run, and prints a table for README:
//
//	go run ./internal/bench                       every row, five runs
//	go run ./internal/bench -only idle,storm      some of them
//	go run ./internal/bench -quick -runs 1        a smoke test
//	go run ./internal/bench -readme README.md     the table goes into README
//
// It builds the daemon (build.go), starts it, Redis and Alertmanager on
// loopback and in temporary folders (process.go, subject.go, ours.go,
// alertmanager.go), posts the same requests to each (shot.go, conn.go), and is
// the provider that pages are handed to (provider.go). An experiment
// (experiments.go) starts a fresh subject, and measures one or more figures of
// it. The subjects take turns, and a ratio is taken within one run, so that a
// busy machine is busy for all of them (figure.go, report.go, readme.go). What
// alerts cause is part of the work: a load ends with the last page (intake.go).
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// options are the command line.
type options struct {
	runs      int
	quick     bool
	keepGoing bool
	only      []string // names of experiments; none: all
	subjects  []string
	program   string // the daemon; empty: built
	json      string // where the samples go; empty: nowhere
	readme    string // the file whose table is replaced; empty: none
}

func parseFlags(args []string, stderr io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.IntVar(&o.runs, "runs", 5, "how often each experiment is run; the median counts")
	flags.BoolVar(&o.quick, "quick", false, "small numbers: whether it works, not how fast")
	only := flags.String("only", "", "experiments, separated by commas: "+strings.Join(experimentNames(), ", "))
	who := flags.String("subjects", strings.Join(subjectNames(), ","), "whom to measure, separated by commas")
	flags.StringVar(&o.program, "astreinte", "", "the daemon's program; built where it is left out")
	flags.StringVar(&o.json, "json", "", "write every sample to this `FILE`")
	flags.StringVar(&o.readme, "readme", "", "put the table into this `FILE` between its marks; every row wanted")
	flags.BoolVar(&o.keepGoing, "keep-going", false, "go on after an experiment that failed; its cell stays empty")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if flags.NArg() > 0 || o.runs < 1 {
		return o, fmt.Errorf("usage: bench [flags], -runs 1 at least; see -help")
	}
	if o.readme != "" && (*only != "" || o.quick || *who != strings.Join(subjectNames(), ",")) {
		return o, errors.New("-readme goes with every row and everybody, in full")
	}
	var err error
	if o.only, err = names(*only, experimentNames()); err != nil {
		return o, err
	}
	o.subjects, err = names(*who, subjectNames())
	return o, err
}

// names splits a list and refuses what is not known.
func names(list string, known []string) ([]string, error) {
	var all []string
	for name := range strings.SplitSeq(list, ",") {
		if name == "" {
			continue
		}
		if !contains(known, name) {
			return nil, fmt.Errorf("%q is none of %s", name, strings.Join(known, ", "))
		}
		all = append(all, name)
	}
	return all, nil
}

// run measures what the arguments ask for. It ends everything that it started,
// even if ctx is done first.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := parseFlags(args, stderr)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "astreinte-bench-")
	if err != nil {
		return fmt.Errorf("a folder to work in: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	b := &bench{options: o, dir: dir, log: stderr, size: full}
	if o.quick {
		b.size = quick
	}
	if b.machine, err = describe(ctx); err != nil {
		return err
	}
	if b.program == "" {
		if b.program, err = build(ctx, dir, stderr); err != nil {
			return err
		}
	}
	r := newReport(b.machine, o)
	if err := b.measure(ctx, r); err != nil {
		return err
	}
	r.markdown(stdout)
	if o.readme != "" {
		if err := r.intoReadme(o.readme); err != nil {
			return err
		}
	}
	if o.json == "" {
		return nil
	}
	return r.write(o.json)
}
