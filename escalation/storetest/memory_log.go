package storetest

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"

	"github.com/astreinte/astreinte/internal/ticket"
)

// Changes implements Logger. The only lane has no name.
func (m *Memory) Changes(ctx context.Context, since ticket.Since) (lanes []ticket.Lane, err error) {
	err = m.do(ctx, "Changes", func() error {
		lane := ticket.Lane{Last: m.d.logged, Trimmed: m.d.trimmed, Epoch: strconv.Itoa(m.epoch)}
		for number, c := range m.d.log {
			if c.version > since.After[""] {
				lane.Changes = append(lane.Changes, ticket.Changed{Source: c.source, Number: number, Version: c.version})
			}
		}
		slices.SortFunc(lane.Changes, func(a, b ticket.Changed) int { return cmp.Compare(a.Version, b.Version) })
		lane.Changes = lane.Changes[:min(since.Most, len(lane.Changes))]
		for i := range lane.Changes {
			m.fill(&lane.Changes[i])
		}
		lanes = []ticket.Lane{lane}
		return nil
	})
	return lanes, err
}

func (m *Memory) fill(c *ticket.Changed) {
	record, found := m.d.shelf(c.Source).tickets[c.Number]
	if c.Gone = !found; c.Gone {
		return
	}
	c.View, c.Revision = m.d.view(c.Source, c.Number), record.Revision
}

// LogAgain implements Logger.
func (m *Memory) LogAgain(ctx context.Context, source string, above int64, numbers ...string) error {
	return m.do(ctx, "LogAgain", func() error {
		m.d.logged = max(m.d.logged, above)
		for _, number := range numbers {
			m.d.touch(source, number)
		}
		return nil
	})
}

// Trim implements Logger.
func (m *Memory) Trim(ctx context.Context, _ string, upTo int64) error {
	return m.do(ctx, "Trim", func() error {
		m.d.trimmed = max(m.d.trimmed, min(upTo, m.d.logged))
		maps.DeleteFunc(m.d.log, func(_ string, c change) bool { return c.version <= upTo })
		return nil
	})
}
