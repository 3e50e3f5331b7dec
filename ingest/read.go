package ingest

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// Read reads a body as if that source had posted it, to the path of
// its tool that the body fits. Nothing is stored. For an alert that would not
// be taken, the error names it, and the others are returned besides. For a test
// message it is ErrTest.
func (t Table) Read(s Source, data []byte, now time.Time) ([]ticket.Alert, error) {
	tool := t.tool(s.Type)
	if tool == nil {
		return nil, fmt.Errorf("ingest: sources of type %q are not in this version", s.Type)
	}
	data = plain(data)
	parse := tool.reads
	if parse == nil {
		parse = tool.fitting(data).parse
	}
	return read(context.Background(), parse, s, data, now)
}

// read reads a body by a parser, and stores nothing.
func read(ctx context.Context, parse parser, s Source, data []byte, now time.Time) ([]ticket.Alert, error) {
	s.MaxAlerts = cmp.Or(s.MaxAlerts, DefaultMaxAlerts)
	s.out = nil // nobody posts
	p, err := parse(ctx, data, &s, now, nil)
	if err != nil {
		return nil, fmt.Errorf("ingest: read a request: %w", err)
	}
	if p.test {
		return nil, fmt.Errorf("ingest: read a request: %w", ErrTest)
	}
	if wrong := p.complaint(&s, 0); wrong != nil {
		return p.Alerts, fmt.Errorf("ingest: read a request: %w", wrong)
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
