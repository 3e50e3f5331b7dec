package duty

import (
	"context"
	"time"

	"github.com/astreinte/astreinte/contacts"
)

// Preview is what a replacement would come to: nothing of it is kept.
type Preview struct {
	Replacement Replacement  // Planned, or Offered to whom it asks
	Overlap     *Replacement // that takes the same place, and loses it to this one by replace
	Doubts      Doubts
}

// Preview looks at a replacement as Make would make it with replace. The errors are
// those of Make.
func (b *Book) Preview(ctx context.Context, r Replacement, by Actor, d *contacts.Directory, now time.Time) (p Preview, err error) {
	if err := r.check(d, now); err != nil {
		return p, err
	}
	offered, err := r.may(by)
	if err != nil {
		return p, err
	}
	r.By, r.At, r.Since, r.State = by.Name, now.UTC(), now.UTC(), Planned
	list, err := b.All(ctx)
	if err != nil {
		return p, err
	}
	if p.Overlap = r.overlaps(list); p.Overlap == nil && !r.touches(d) {
		return p, ErrNothing
	}
	if p.Doubts, err = r.Doubt(d, list); err != nil {
		return p, err
	}
	if offered {
		r.State = Offered
	}
	p.Replacement = r
	return p, nil
}
