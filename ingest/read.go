package ingest

import (
	"context"
	"fmt"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// Read reads a body as if a source of that type had posted it, to the path of
// its tool that the body fits. Nothing is stored. For an alert that would not
// be taken, the error names it. timeout is the source's ResolveTimeout.
func (t Table) Read(kind string, data []byte, now time.Time, timeout time.Duration) ([]ticket.Alert, error) {
	tool := t.tool(kind)
	if tool == nil {
		return nil, fmt.Errorf("ingest: sources of type %q are not in this version", kind)
	}
	data = plain(data)
	s := &Source{Name: "X", Type: kind, MaxAlerts: DefaultMaxAlerts, ResolveTimeout: timeout}
	p, err := tool.fitting(data).parse(context.Background(), data, s, now, nil)
	if err != nil {
		return nil, fmt.Errorf("ingest: read a request: %w", err)
	}
	if wrong := p.complaint(s, 0); wrong != nil {
		return nil, fmt.Errorf("ingest: read a request: %w", wrong)
	}
	return p.Alerts, nil
}

// fitting is the first path that a body fits. If it fits none, it is the last
// path.
func (t *Tool) fitting(body []byte) *path {
	for i := range t.paths {
		if p := &t.paths[i]; p.fits == nil || p.fits(body) {
			return p
		}
	}
	return &t.paths[len(t.paths)-1]
}
