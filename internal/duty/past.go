package duty

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
)

const (
	// HeldKeptFor is how long a replacement that held is kept after its last hour: wages
	// can be asked for three years back (report.RostersKeptFor).
	HeldKeptFor = (3*366 + 31) * 24 * time.Hour
	// NoneKeptFor is how long one is kept that was declined, lapsed or dropped before its
	// first hour. The audit log has it for longer.
	NoneKeptFor = 30 * 24 * time.Hour
	// mostLeave is how many leave at once: what holds its write up stays small.
	mostLeave = 100
)

// tooMany says whether r is one too many of whoever makes it. What begins at once counts
// for the day alone: somebody who gets on call tonight does, whatever is planned.
func tooMany(all []Replacement, r *Replacement) bool {
	open, made := 0, 0
	for i := range all {
		if all[i].By != r.By {
			continue
		}
		if all[i].Open(r.At) {
			open++
		}
		if r.At.Sub(all[i].At) < 24*time.Hour {
			made++
		}
	}
	return open >= ticket.MaxReplacements && r.From.After(r.At) || made >= ticket.MaxReplacementsDay
}

// Leave takes away what is past and was kept for long enough, mostLeave at most. Whoever
// changed one meanwhile keeps it: it is looked at again the next time.
func (b *Book) Leave(ctx context.Context, now time.Time) error {
	items, err := b.shelf.List(ctx)
	if err != nil {
		return fmt.Errorf("duty: read replacements: %w", err)
	}
	slices.SortFunc(items, func(a, b records.Item[Replacement]) int { return b.Of.Since.Compare(a.Of.Since) })
	none := map[string]int{} // by group
	var writes []records.Write
	for i := range items {
		r := &items[i].Of
		if r.Open(now) || len(writes) == mostLeave {
			continue
		}
		age, kept, most := now.Sub(r.ends()), HeldKeptFor, false
		if r.never() {
			if none[r.Group]++; r.State == Lapsed && now.Sub(r.Since) < 24*time.Hour {
				continue // who asked and who was asked are told that it lapsed
			}
			age, kept, most = now.Sub(r.Since), NoneKeptFor, none[r.Group] > ticket.MaxReplacementNone
		}
		if age > kept || most {
			writes = append(writes, b.shelf.Remove(items[i].Key, items[i].Revision))
		}
	}
	if len(writes) == 0 {
		return nil
	}
	if _, err := b.store.Write(ctx, records.House, writes...); err != nil && !errors.Is(err, records.ErrConflict) {
		return fmt.Errorf("duty: take away what is past: %w", err)
	}
	return nil
}

// never says whether it held for no time at all, and will not.
func (r *Replacement) never() bool {
	return r.State == Declined || r.State == Lapsed || r.State == Dropped && !r.Since.After(r.begins())
}
