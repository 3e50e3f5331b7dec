package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/astreinte/astreinte/internal/records"
)

// MostKept is how many lines are kept. Beyond them the oldest leave before their time.
const MostKept = 100_000

// trimmed is how many lines are removed by one commit at most.
const trimmed = 500

// Trimmed is how many lines left.
type Trimmed struct {
	Old  int // when their time was over
	Many int // before their time
}

// Trim removes lines that are older than a time (zero: none is), and others until at most most are there, so
// many at once that no commit is large. Those are the oldest of those who have most: whoever
// makes and revokes something in a loop does not push out what others did.
func Trim(ctx context.Context, store records.Store, most int, since time.Time) (left Trimmed, err error) {
	total, old, by := 0, "~", map[string]int{} // after all keys
	if !since.IsZero() {
		old = newest(since) + "~"
	}
	err = walk(ctx, store, func(r *records.Record, who string) error {
		if total++; r.Key < old {
			by[who]++
		}
		return nil
	})
	kept := 0
	for _, n := range by {
		kept += n
	}
	if err != nil || kept == total && total <= most {
		return left, err
	}
	each, seen := share(by, most), map[string]int{}
	if kept <= most {
		each = kept
	}
	var removed int
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
		if seen[who]++; r.Key >= old {
			left.Old++
		} else if seen[who] <= each {
			return nil
		}
		writes = append(writes, records.Write{Kind: KindLine, Key: r.Key, Revision: records.Any, Remove: true})
		if len(writes) < trimmed {
			return nil
		}
		return flush()
	})
	if err == nil {
		err = flush()
	}
	left.Old = min(left.Old, removed)
	left.Many = removed - left.Old
	return left, err
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
