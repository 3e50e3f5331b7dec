package daemon

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/config"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/archive"
	"github.com/astreinte/astreinte/internal/ticket"
)

// CheckArchive says what is wrong with an archive's address. It does not ask the
// archive, and does not quote the address, which may hold a password.
func CheckArchive(url string) error {
	return archive.CheckURL(url) //nolint:wrapcheck // it is said of the configuration
}

// archived says whether an archive follows the store.
func archived(c *config.Config) bool { return c.Archive != config.ArchiveNone && c.Archive != "" }

// openArchive opens the configured archive. One that is away is no error: it
// catches up once it is there.
func (d *Daemon) openArchive(c *config.Config) error {
	d.archive = d.opts.Archive
	if d.archive == nil && (d.opts.Store != nil || !archived(c)) {
		return nil
	}
	if d.archive == nil {
		a, err := archive.Open(archive.Options{URL: c.Archive, MinFree: c.Server.MinFree})
		if err != nil {
			return fmt.Errorf("daemon: %w", err)
		}
		d.archive = a
	}
	d.later("archive's connections", func(context.Context) error { return d.archive.Close() })
	return nil
}

// buildArchive makes what copies the store's changes.
func (d *Daemon) buildArchive() {
	if d.archive == nil {
		return
	}
	d.follows = archive.NewFollower(archive.FollowerOptions{
		Archive: d.archive, Store: d.store, Missing: d.missing, Now: d.clock.Now, Heads: d.mailHeads, Log: d.log.Named("archive"), Registerer: d.metrics.registry,
	})
}

// missing says which tickets the store has no more.
func (d *Daemon) missing(ctx context.Context, numbers []string) (gone []string, err error) {
	for _, number := range numbers {
		_, err := d.store.View(ctx, number)
		switch {
		case errors.Is(err, escalation.ErrDamaged):
		case errors.Is(err, escalation.ErrNotFound):
			gone = append(gone, number)
		case err != nil:
			return nil, err //nolint:wrapcheck // it names itself
		}
	}
	return gone, nil
}

// archiveLate is how long the archive may be away before /readyz says it: a
// restart of a database is no trouble.
const archiveLate = 10 * time.Second

// archiveWarnings are what /readyz says of the archive.
func (d *Daemon) archiveWarnings() []string {
	if d.follows == nil {
		return nil
	}
	s := d.follows.Status()
	if s.Err == nil || d.clock.Now().Sub(s.Since) < archiveLate {
		return nil
	}
	return []string{fmt.Sprintf("the archive is away since %s; pages go out, and it catches up: %v", s.Since.UTC().Format(time.RFC3339), s.Err)}
}

// archiveStays is how long a closed ticket stays in the store, once it is copied.
const archiveStays = 7 * 24 * time.Hour

// onlyCopied has only those tickets leave the store that the archive has as they
// are. It looks at a part of the closed ones. More says that there are others.
// Without an archive, all leave when their time is over.
func (d *Daemon) onlyCopied(ctx context.Context, past *ticket.Past) (more bool) {
	if d.archive == nil || past.Tickets.IsZero() {
		return false
	}
	past.Copied = map[string]int64{}
	if d.backing.Load() > 0 { // what a backup's archive has not is in its store
		return false
	}
	if d.follows.Status().Err != nil {
		return false
	}
	list, next, err := d.store.Tickets(ctx, ticket.Query{
		Scope:  ticket.Everything(),
		States: []ticket.State{ticket.Closed}, Until: past.Tickets, Cursor: d.leaving, Limit: past.Limit,
	})
	if err == nil {
		err = d.copied(ctx, list, past.Copied)
	}
	if err != nil {
		d.log.Warn("which closed tickets are copied is not known; it will be tried again", zap.Error(err))
		return false
	}
	d.leaving = next
	return next != ""
}

// forgetArchive has tickets leave the archive whose retention is over. The store has
// them no more: it keeps them for less (archiveStays).
func (d *Daemon) forgetArchive(ctx context.Context, now time.Time) {
	d.mu.Lock()
	keep := d.config.Retention.Tickets
	d.mu.Unlock()
	if d.archive == nil || keep <= 0 || d.follows.Status().Err != nil {
		return
	}
	for n, all := 1, 0; ; n++ {
		done, err := d.archive.Forget(ctx, now.Add(-keep), forgetLimit)
		if all += done; err != nil {
			d.log.Warn("what is over could not be removed from the archive; it will be tried again", zap.Error(err))
		}
		if err != nil || done < forgetLimit || n == forgetCalls || !pause(ctx, forgetPause) {
			if all > 0 {
				d.log.Info("what is over was removed from the archive", zap.Int("tickets", all))
			}
			return
		}
	}
}

// copied fills in which of the tickets the archive has. Those that it has not
// are to be copied again.
func (d *Daemon) copied(ctx context.Context, list []ticket.Ticket, into map[string]int64) error {
	bySource := map[string][]string{}
	for i := range list {
		bySource[list[i].Source] = append(bySource[list[i].Source], list[i].Number)
	}
	for source, numbers := range bySource {
		found, err := d.store.Load(ctx, source, numbers)
		if err != nil {
			return err //nolint:wrapcheck // it names itself
		}
		has, err := d.archive.Copied(ctx, found)
		if err != nil {
			return err //nolint:wrapcheck // likewise
		}
		var lacks []string
		for i := range found {
			number := found[i].Ticket.Number
			if revision, copied := has[number]; copied {
				into[number] = revision
			} else {
				lacks = append(lacks, number)
			}
		}
		if len(lacks) == 0 {
			continue
		}
		if err := d.store.LogAgain(ctx, source, 0, lacks...); err != nil {
			return err //nolint:wrapcheck // likewise
		}
	}
	return nil
}

// View implements web.Finder.
func (f finder) View(ctx context.Context, scope ticket.Scope, number string) (ticket.View, error) {
	w, err := f.d.archive.View(ctx, scope, number)
	if errors.Is(err, archive.ErrNotFound) {
		err = errors.Join(escalation.ErrNotFound, err)
	}
	if err != nil {
		return ticket.View{}, fmt.Errorf("daemon: %w", err)
	}
	return w.View, nil
}

// Note implements web.Finder.
func (f finder) Note(ctx context.Context, number string, a escalation.Acted) (ticket.Ticket, error) {
	world := escalation.World{Now: f.d.clock.Now(), Rules: f.d.pager.Rules()}
	t, err := f.d.archive.Late(ctx, number, func(v *ticket.View) error {
		world.Sheet = v.Sheet
		done, err := escalation.Step(v.Ticket, a, world)
		if err != nil {
			return err //nolint:wrapcheck // below
		}
		v.Ticket, v.Timeline = done.Ticket, append(v.Timeline, done.Timeline...)
		return nil
	})
	if errors.Is(err, archive.ErrNotFound) {
		err = errors.Join(escalation.ErrNotFound, err)
	}
	if err != nil {
		return ticket.Ticket{}, fmt.Errorf("daemon: %w", err)
	}
	return t, nil
}

// Before implements web.Finder.
func (f finder) Before(ctx context.Context, scope ticket.Scope, t *ticket.Ticket, s *ticket.Sheet) (ticket.SeenBefore, error) {
	seen, err := f.d.archive.Before(ctx, scope, t, s)
	if err != nil {
		return seen, fmt.Errorf("daemon: %w", err)
	}
	return seen, nil
}
