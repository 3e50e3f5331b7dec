package daemon

import (
	"context"

	"github.com/astreinte/astreinte/internal/records"
)

// simRecords are the store's records as one daemon sees them.
type simRecords struct{ s *simStore }

func (s *simStore) Records() records.Store { return simRecords{s} }

func (r simRecords) store() records.Store { return r.s.memory().Records() }

// Get implements records.Store.
func (r simRecords) Get(ctx context.Context, home, kind, key string) (records.Record, error) {
	return call(r.s, ctx, "RecordGet", func() (records.Record, error) { return r.store().Get(past(ctx), home, kind, key) })
}

// List implements records.Store.
func (r simRecords) List(ctx context.Context, home, kind, after string, most int) ([]records.Record, error) {
	return call(r.s, ctx, "RecordList", func() ([]records.Record, error) { return r.store().List(past(ctx), home, kind, after, most) })
}

// Write implements records.Store.
func (r simRecords) Write(ctx context.Context, home string, writes ...records.Write) ([]int64, error) {
	return call(r.s, ctx, "RecordWrite", func() ([]int64, error) { return r.store().Write(past(ctx), home, writes...) })
}

// Claim implements records.Store.
func (r simRecords) Claim(ctx context.Context, c records.Claim) ([]records.Record, error) {
	return call(r.s, ctx, "RecordClaim", func() ([]records.Record, error) { return r.store().Claim(past(ctx), c) })
}
