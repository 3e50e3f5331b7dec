package main

import (
	"context"
	"sync"
	"time"

	systemd "github.com/coreos/go-systemd/v22/daemon"
	"go.uber.org/zap"
)

// notify tells systemd the daemon's state. Without systemd it does nothing.
func notify(log *zap.Logger, state string) {
	if _, err := systemd.SdNotify(false, state); err != nil {
		log.Warn("systemd could not be told", zap.String("state", state), zap.Error(err))
	}
}

// notifyReloading says that a reload begins; Ready ends it. systemd wants to
// know when it began (sd_notify(3), Type=notify-reload).
func notifyReloading(log *zap.Logger) {
	notify(log, systemd.SdNotifyReloading+"\n"+systemd.SdNotifyMonotonicUsec())
}

// feedWatchdog feeds systemd's watchdog, if there is one, as long as check
// returns no error. So a daemon that cannot write is restarted. The returned
// function ends the feeding and waits for its end.
func feedWatchdog(ctx context.Context, log *zap.Logger, check func(context.Context) error) (stop func()) {
	every, err := systemd.SdWatchdogEnabled(false)
	if err != nil {
		log.Warn("systemd's watchdog is not fed: WATCHDOG_USEC or WATCHDOG_PID is wrong", zap.Error(err))
	}
	if err != nil || every <= 0 {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	var fed sync.WaitGroup
	fed.Go(func() {
		tick := time.NewTicker(every / 3)
		defer tick.Stop()
		for {
			feed(ctx, log, check, every/4)
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
		}
	})
	return func() {
		cancel()
		fed.Wait()
	}
}

func feed(ctx context.Context, log *zap.Logger, check func(context.Context) error, patience time.Duration) {
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := check(limited)
	switch {
	case err == nil:
		notify(log, systemd.SdNotifyWatchdog)
	case ctx.Err() == nil:
		log.Error("systemd's watchdog is not fed: the store does not answer", zap.Error(err))
	}
}
