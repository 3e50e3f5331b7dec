package duty

import (
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

// tooMany says whether r is one too many.
func tooMany(all []Replacement, r *Replacement) bool {
	open, made := 0, 0
	for i := range all {
		if other := &all[i]; other.Group == r.Group && other.Open(r.At) {
			open++
		}
		if all[i].By == r.By && r.At.Sub(all[i].At) < 24*time.Hour {
			made++
		}
	}
	return open >= ticket.MaxReplacements || made >= ticket.MaxReplacementsDay
}

// leave takes away what of a group is past and was kept for long enough. It is done as
// another one is made, so that what is kept grows by what is made, and no more.
func (b *Book) leave(items []records.Item[Replacement], group string, now time.Time) (writes []records.Write) {
	slices.SortFunc(items, func(a, b records.Item[Replacement]) int { return b.Of.Since.Compare(a.Of.Since) })
	none := 0
	for i := range items {
		r := &items[i].Of
		if r.Group != group || r.Open(now) || len(writes) == mostLeave {
			continue
		}
		age, kept := now.Sub(r.ends()), HeldKeptFor
		if r.never() {
			if none++; r.State == Lapsed && now.Sub(r.Since) < 24*time.Hour {
				continue // who asked and who was asked are told that it lapsed
			}
			age, kept = now.Sub(r.Since), NoneKeptFor
		}
		if age > kept || none > ticket.MaxReplacementNone && r.never() {
			writes = append(writes, b.shelf.Remove(items[i].Key, items[i].Revision))
		}
	}
	return writes
}

// never says whether it held for no time at all, and will not.
func (r *Replacement) never() bool {
	return r.State == Declined || r.State == Lapsed || r.State == Dropped && !r.Since.After(r.begins())
}
