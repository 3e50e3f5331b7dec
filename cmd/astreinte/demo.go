package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"github.com/astreinte/astreinte/config"
	"github.com/astreinte/astreinte/internal/daemon/demo"
)

func newDemo() *cobra.Command {
	var options demo.Options
	var write, logLevel string
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Try the whole product: nothing to install, nothing to configure",
		Long: `demo runs the daemon on the embedded store, with stand-ins for the SMS and push
providers, and draws the phones of four people on a web page. Raise an alert
there, or with the curl line that it prints, and see who is woken. A button
signs in as each of them, to the console or to the app.

With --write it only writes a configuration file to start one's own from.`,
		Args: arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if write != "" {
				return writeStarter(cmd, write)
			}
			if options.Speed < 1 || options.Speed > demo.Fastest {
				return usagef(cmd, "--speed is from 1 to %d", demo.Fastest)
			}
			options.Version = thisBuild().Version
			return runDemo(cmd, options, logLevel)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&options.DataDir, "data", "", "keep what happens in this `DIR`; a temporary one where left out")
	flags.Float64Var(&options.Speed, "speed", 1, "how fast time runs: 60 makes an hour a minute")
	flags.StringVar(&options.Listen, "listen", "", "`ADDRESS` of the page; 127.0.0.1:8080, or another port where that is taken")
	flags.StringVar(&options.Language, "language", "fr", "the sample company's: en, fr or it")
	flags.StringVar(&write, "write", "", "write a configuration `FILE` to start from, and end")
	flags.StringVar(&logLevel, "log-level", "warn", "debug, info, warn or error")
	return cmd
}

func runDemo(cmd *cobra.Command, o demo.Options, logLevel string) error {
	logs := logFlags{level: logLevel}
	log, err := logs.logger(cmd.ErrOrStderr())
	if err != nil {
		return usagef(cmd, "%w", err)
	}
	defer func() { _ = log.Sync() }() // a terminal cannot be synced
	o.Log = log
	ctx, release := signal.NotifyContext(cmd.Context(), syscall.SIGTERM, syscall.SIGINT)
	defer release()
	context.AfterFunc(ctx, release) // the second signal ends the process at once
	d, err := demo.Start(cmd.Context(), o)
	if err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	_, _ = fmt.Fprintf(out, "%s/\n\nOpen it in a browser: the phones are there, and the console is a button away. Or raise an alert from here:\n\n%s\n\nCtrl-C ends the demo.\n", d.URL(), d.Curl())
	select {
	case <-ctx.Done():
	case err = <-d.Failed():
	}
	until, cancel := context.WithTimeout(context.WithoutCancel(cmd.Context()), stopWithin)
	defer cancel()
	if stopped := d.Stop(until); stopped != nil {
		log.Error("the demo did not stop cleanly", zap.Error(stopped))
	}
	return err
}

// writeStarter writes the reference example for one's own; it never writes
// over a file.
func writeStarter(cmd *cobra.Command, path string) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("%s is there already: name another file, or move it away", path)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if _, err := file.Write(config.Example()); err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", path, err), file.Close())
	}
	if err := file.Close(); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s is written. Put your customers, people and numbers into it and its secrets into %s, then: astreinte check --config %s\n",
		path, filepath.Join(filepath.Dir(path), "secrets"), path)
	return err
}
