package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	systemd "github.com/coreos/go-systemd/v22/daemon"
	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"github.com/astreinte/astreinte/config"
	"github.com/astreinte/astreinte/internal/daemon"
)

// stopWithin is how long a stop may take. With the rest of the process's end
// it stays under the 10 s that docs/REFERENCE.md#commands promises.
const stopWithin = 9 * time.Second

func newServe() *cobra.Command {
	var path string
	var logs logFlags
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the daemon",
		Long: `serve takes alerts in and pages people until it is told to stop. SIGHUP reads
the configuration again, all or nothing; SIGTERM and SIGINT stop it within 10 s,
a second one at once.`,
		Args: arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			log, err := logs.logger(cmd.ErrOrStderr())
			if err != nil {
				return usagef(cmd, "%w", err)
			}
			defer func() { _ = log.Sync() }() // a terminal cannot be synced
			cfg, report, err := load(cmd, path, time.Now())
			if err != nil {
				return err
			}
			s := server{path: path, log: log, memory: limitMemory(log)}
			s.warn(report)
			return s.run(cmd.Context(), cfg)
		},
	}
	configFlag(cmd, &path, defaultConfig, "the configuration `FILE`")
	cmd.Flags().StringVar(&logs.format, "log-format", "", "json or console; console where standard error is a terminal")
	cmd.Flags().StringVar(&logs.level, "log-level", "info", "debug, info, warn or error")
	return cmd
}

// server is a daemon that obeys the process's signals.
type server struct {
	path   string
	log    *zap.Logger
	memory int64 // what the process may use; 0: unknown
	daemon *daemon.Daemon
	doubts []string // of the configuration, as check words them
}

// run serves until a signal or a failure.
func (s *server) run(ctx context.Context, cfg *config.Config) (err error) {
	reload := make(chan os.Signal, 1)
	signal.Notify(reload, syscall.SIGHUP)
	defer signal.Stop(reload)
	stopped, release := signal.NotifyContext(ctx, syscall.SIGTERM, syscall.SIGINT)
	defer release()
	context.AfterFunc(stopped, release) // a second signal ends the process at once

	// A signal also ends a start that is under way, but Stop ends what runs.
	life, end := context.WithCancel(ctx)
	defer end()
	started := context.AfterFunc(stopped, end)

	if s.daemon, err = daemon.New(life, daemon.Options{Config: cfg, Log: s.log, Memory: s.memory, Version: thisBuild().Version}); err != nil {
		return giveUp(stopped, err)
	}
	defer func() {
		release() // a signal ends the process from here on
		err = errors.Join(err, s.stop(context.WithoutCancel(ctx)))
	}()
	s.daemon.Doubted(s.doubts)
	if err = s.daemon.Start(life); err != nil {
		return giveUp(stopped, err)
	}
	if !started() { // a signal came just now
		return nil
	}
	notify(s.log, systemd.SdNotifyReady)
	starve := feedWatchdog(life, s.log, s.daemon.Alive)
	defer starve()
	return s.wait(life, stopped.Done(), reload)
}

// giveUp is the error of a start; none if a signal ended it.
func giveUp(stopped context.Context, err error) error {
	select {
	case <-stopped.Done():
		return nil
	default:
		return err
	}
}

func (s *server) wait(ctx context.Context, stop <-chan struct{}, reload <-chan os.Signal) error {
	for {
		select {
		case <-stop:
			return nil
		case err := <-s.daemon.Failed():
			return err
		case <-reload:
			notifyReloading(s.log)
			s.reload(ctx)
			notify(s.log, systemd.SdNotifyReady)
		}
	}
}

// reload puts the file as it is now in force, or leaves everything as it is.
func (s *server) reload(ctx context.Context) {
	cfg, report := config.Load(s.path, config.Options{Now: time.Now(), Store: daemon.CheckStore, Archive: daemon.CheckArchive})
	if cfg == nil {
		for _, p := range report.Errors {
			s.log.Error("the configuration is wrong", s.place(p)...)
		}
		s.log.Error("the configuration was not reloaded: the one in force stays; correct it and send SIGHUP again",
			zap.String("file", s.path), zap.Int("errors", len(report.Errors)))
		s.daemon.Refused()
		return
	}
	s.warn(report)
	if err := s.daemon.Reload(ctx, cfg); err != nil {
		s.log.Error("the configuration was not reloaded", zap.Error(err))
		return
	}
	s.daemon.Doubted(s.doubts)
}

func (s *server) warn(report config.Report) {
	s.doubts = s.doubts[:0:0]
	for _, p := range report.Warnings {
		s.log.Warn("the configuration is doubtful", s.place(p)...)
		s.doubts = append(s.doubts, strings.TrimPrefix(p.Path+": "+p.Message, ": "))
	}
}

// place is where a problem is, as fields for the log.
func (s *server) place(p config.Problem) []zap.Field {
	return []zap.Field{
		zap.String("file", problemFile(s.path, p)), zap.Int("line", p.Line), zap.String("path", p.Path), zap.String("problem", p.Message),
	}
}

// stop ends everything, within stopWithin.
func (s *server) stop(ctx context.Context) error {
	notify(s.log, systemd.SdNotifyStopping)
	s.log.Info("stopping")
	ctx, cancel := context.WithTimeout(ctx, stopWithin)
	defer cancel()
	if err := s.daemon.Stop(ctx); err != nil {
		return fmt.Errorf("stop: %w", err)
	}
	s.log.Info("stopped")
	return nil
}
