package daemon

import (
	"context"
	"fmt"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/ingest"
)

// knower tells senders what the store knows of an alert.
type knower struct{ store escalation.Store }

var _ ingest.Knower = knower{}

// Known finds an alert of a source with its ticket (ingest.Knower).
func (k knower) Known(ctx context.Context, source, fingerprint string) (ingest.Known, bool, error) {
	alerts, err := k.store.Alerts(ctx, source, []string{fingerprint})
	if err != nil || len(alerts) == 0 {
		return ingest.Known{}, false, unasked(err)
	}
	tickets, err := k.store.Load(ctx, source, []string{alerts[0].Ticket})
	if err != nil || len(tickets) == 0 {
		return ingest.Known{}, false, unasked(err)
	}
	return ingest.Known{Alert: alerts[0], Ticket: tickets[0].Ticket}, true, nil
}

func unasked(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("daemon: what is known of an alert: %w", err)
}
