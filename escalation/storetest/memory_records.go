package storetest

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/astreinte/astreinte/internal/records"
)

// recordID names a record of a kind.
type recordID struct{ home, key string }

// recordsOf are records by kind. Few calls look at more than one kind, and daemons
// look at each every few seconds.
type recordsOf map[string]map[recordID]records.Record

func (of recordsOf) put(r records.Record) {
	if of[r.Kind] == nil {
		of[r.Kind] = map[recordID]records.Record{}
	}
	of[r.Kind][recordID{r.Home, r.Key}] = r
}

func (of recordsOf) clone() recordsOf {
	c := make(recordsOf, len(of))
	for kind, list := range of {
		c[kind] = maps.Clone(list)
	}
	return c
}

// memoryRecords are a Memory's records. Fail calls its methods RecordGet,
// RecordList, RecordWrite and RecordClaim.
type memoryRecords struct{ m *Memory }

// Records implements Store.
func (m *Memory) Records() records.Store { return memoryRecords{m} }

// Get implements records.Store.
func (r memoryRecords) Get(ctx context.Context, home, kind, key string) (found records.Record, err error) {
	err = r.m.do(ctx, "RecordGet", func() error {
		record, ok := r.m.d.records[kind][recordID{home, key}]
		if !ok {
			return records.ErrNotFound
		}
		found = record
		found.Value = bytes.Clone(record.Value)
		return nil
	})
	return found, err
}

// List implements records.Store.
func (r memoryRecords) List(ctx context.Context, home, kind, after string, most int) (list []records.Record, err error) {
	err = r.m.do(ctx, "RecordList", func() error {
		list = nil
		for id, record := range r.m.d.records[kind] {
			if id.home == home && id.key > after {
				record.Value = bytes.Clone(record.Value)
				list = append(list, record)
			}
		}
		slices.SortFunc(list, func(a, b records.Record) int { return cmp.Compare(a.Key, b.Key) })
		list = list[:min(most, len(list))]
		return nil
	})
	return list, err
}

// Write implements records.Store.
func (r memoryRecords) Write(ctx context.Context, home string, writes ...records.Write) (revisions []int64, err error) {
	if err := records.Check(home, writes); err != nil {
		return nil, err
	}
	err = r.m.do(ctx, "RecordWrite", func() error {
		if err := r.m.d.checkRecords(home, writes); err != nil {
			return err
		}
		revisions = r.m.writeRecords(home, writes)
		return nil
	})
	return revisions, err
}

// writeRecords does writes that checkRecords allowed.
func (m *Memory) writeRecords(home string, writes []records.Write) []int64 {
	revisions := make([]int64, len(writes))
	for i := range writes {
		w := &writes[i]
		if w.Remove {
			delete(m.d.records[w.Kind], recordID{home, w.Key})
			continue
		}
		m.records++
		revisions[i] = m.records
		m.d.records.put(records.Record{
			Home: home, Kind: w.Kind, Key: w.Key,
			Value: bytes.Clone(w.Value), Revision: m.records, Due: records.Instant(w.Due),
		})
	}
	m.hints.TellAll(writes)
	return revisions
}

// checkRecords says which write does not find the revision that it expects.
func (d *data) checkRecords(home string, writes []records.Write) error {
	for i := range writes {
		w := &writes[i]
		was, known := d.records[w.Kind][recordID{home, w.Key}]
		gone := !known && w.Remove && w.Revision != 0
		if w.Revision != records.Any && was.Revision != w.Revision && !gone {
			return fmt.Errorf("%s %q: %w", w.Kind, w.Key, records.ErrConflict)
		}
	}
	return nil
}

// Claim implements records.Store.
func (r memoryRecords) Claim(ctx context.Context, c records.Claim) (claimed []records.Record, err error) {
	err = r.m.do(ctx, "RecordClaim", func() error {
		claimed = nil
		for _, record := range r.m.d.records[c.Kind] {
			ready := record.Due
			if record.Owner != "" {
				ready = record.Until
			}
			if !record.Due.IsZero() && !ready.After(c.Now) {
				record.Value = bytes.Clone(record.Value)
				claimed = append(claimed, record)
			}
		}
		slices.SortFunc(claimed, func(a, b records.Record) int {
			return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.Home, b.Home), cmp.Compare(a.Key, b.Key))
		})
		claimed = claimed[:min(c.Most, len(claimed))]
		for i := range claimed {
			r.m.records++
			record := &claimed[i]
			record.Revision, record.Owner, record.Until = r.m.records, c.Owner, records.Instant(c.Until)
			r.m.d.records.put(*record)
		}
		return nil
	})
	return claimed, err
}

// Watch implements records.Store.
func (r memoryRecords) Watch(ctx context.Context, kind string) <-chan struct{} {
	return r.m.hints.Watch(ctx, kind)
}
