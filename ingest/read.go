package ingest

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// Read reads a body as a source of that type would post it, in either of its
// forms: an Alertmanager's webhook is an object, what is posted to its API a
// list. Nothing is stored. An alert that would not be taken is an error that
// names it. timeout is the source's ResolveTimeout.
func Read(kind string, data []byte, now time.Time, timeout time.Duration) ([]ticket.Alert, error) {
	if kind != TypeAlertmanager {
		return nil, fmt.Errorf("ingest: sources of type %q are not in this version", kind)
	}
	data = plain(data)
	s := &Source{Name: "X", MaxAlerts: DefaultMaxAlerts, ResolveTimeout: timeout}
	var p parsed
	var err error
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte("[")) {
		p, err = parsePosted(context.Background(), data, s, now, nil)
	} else {
		p, err = parseWebhook(context.Background(), data, s, nil)
	}
	if err != nil {
		return nil, fmt.Errorf("ingest: read a request: %w", err)
	}
	if wrong := p.complaint(s, 0); wrong != nil {
		return nil, fmt.Errorf("ingest: read a request: %w", wrong)
	}
	return p.Alerts, nil
}
