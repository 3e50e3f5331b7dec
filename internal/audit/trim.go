package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/astreinte/astreinte/internal/records"
)

// MostKept is how many lines are kept. Beyond them the oldest leave before their time.
const MostKept = 100_000

// trimmed is how many lines are removed by one commit at most.
const trimmed = 500

// Trim removes lines until at most most are there, so many at once that no commit is
// large. It says how many left. They are the oldest of those who have most: whoever makes
// and revokes something in a loop does not push out what others did.
func Trim(ctx context.Context, store records.Store, most int) (removed int, err error) {
	total, by := 0, map[string]int{}
	err = walk(ctx, store, func(_ *records.Record, who string) error {
		by[who]++
		total++
		return nil
	})
	if err != nil || total <= most {
		return 0, err
	}
	each, seen := share(by, most), map[string]int{}
	var writes []records.Write
	flush := func() error {
		if len(writes) == 0 {
			return nil
		}
		if _, err := store.Write(ctx, records.House, writes...); err != nil {
			return fmt.Errorf("audit: %w", err)
		}
		removed, writes = removed+len(writes), writes[:0]
		return nil
	}
	err = walk(ctx, store, func(r *records.Record, who string) error {
		if seen[who]++; seen[who] <= each {
			return nil
		}
		writes = append(writes, records.Write{Kind: KindLine, Key: r.Key, Revision: records.Any, Remove: true})
		if len(writes) < trimmed {
			return nil
		}
		return flush()
	})
	if err != nil {
		return removed, err
	}
	return removed, flush()
}

// share is how many lines each may keep, if they may keep most together.
func share(by map[string]int, most int) int {
	counts := make([]int, 0, len(by))
	for _, n := range by {
		counts = append(counts, n)
	}
	slices.Sort(counts)
	for i, n := range counts {
		if each := most / (len(counts) - i); n > each { // and so have all after it
			return each
		}
		most -= n
	}
	return most
}

// walk calls for each line, the newest first, and who did what it tells.
func walk(ctx context.Context, store records.Store, do func(r *records.Record, who string) error) error {
	for after := ""; ; {
		part, err := store.List(ctx, records.House, KindLine, after, trimmed)
		if err != nil {
			return fmt.Errorf("audit: %w", err)
		}
		for i := range part {
			var line struct{ Who string }
			_ = json.Unmarshal(part[i].Value, &line) // a damaged one is nobody's
			if err := do(&part[i], line.Who); err != nil {
				return err
			}
			after = part[i].Key
		}
		if len(part) < trimmed {
			return nil
		}
	}
}
