package daemon

import (
	"context"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/internal/archive"
	"github.com/astreinte/astreinte/internal/audit"
	"github.com/astreinte/astreinte/internal/ticket"
)

// ageAgain is how often the closed tickets are looked at from the oldest on: one that came
// late, or was in the store yet, has its turn then.
const ageAgain = 24 * time.Hour

// ageArchive has leave the archive what leaves before its ticket: pages, who is on it, and
// contacts that ended.
func (d *Daemon) ageArchive(ctx context.Context, now time.Time) {
	d.mu.Lock()
	keep := d.config.Retention
	d.mu.Unlock()
	if d.archive == nil || keep.Tickets <= 0 || d.follows.Status().Err != nil {
		return
	}
	if now.Sub(d.agedFrom) >= ageAgain || now.Before(d.agedFrom) {
		d.ageing, d.agedFrom = archive.Ageing{}, now
	}
	d.ageing.Pages, d.ageing.Personal = time.Time{}, time.Time{}
	if keep.Pages > 0 && keep.Pages < keep.Tickets {
		d.ageing.Pages = now.Add(-keep.Pages)
	}
	if keep.Personal > 0 && keep.Personal < keep.Tickets {
		d.ageing.Personal = now.Add(-keep.Personal)
	}
	if d.ageing.Pages.IsZero() && d.ageing.Personal.IsZero() {
		d.ageContacts(ctx, now.Add(-keep.Tickets))
		return
	}
	for n, all := 1, 0; ; n++ {
		done, more, err := d.archive.Age(ctx, &d.ageing, d.missing)
		if all += done; err != nil {
			d.log.Warn("what is over of closed tickets could not be removed from the archive; it will be tried again", zap.Error(err))
		}
		if err != nil || !more || n == forgetCalls || !pause(ctx, forgetPause) {
			if all > 0 {
				d.log.Info("pages and names that are over were removed from the archive", zap.Int("tickets", all))
			}
			break
		}
	}
	if keep.Personal > 0 {
		d.ageContacts(ctx, now.Add(-keep.Personal))
	}
}

// ageContacts anonymises contacts that ended before a time.
func (d *Daemon) ageContacts(ctx context.Context, before time.Time) {
	ended, err := d.archive.EndedContacts(ctx, before, forgetLimit)
	for _, id := range ended {
		if err == nil {
			_, _, err = customers{d}.Anonymise(audit.Itself(ctx), ticket.Everything(), id, "")
		}
	}
	switch {
	case err != nil:
		d.log.Warn("contacts that ended could not be anonymised; it will be tried again", zap.Error(err))
	case len(ended) > 0:
		d.log.Info("contacts that ended so long ago were anonymised", zap.Int("contacts", len(ended)))
	}
}
