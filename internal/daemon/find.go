package daemon

import (
	"context"
	"errors"
	"fmt"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/archive"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web"
)

// finder lists tickets: those of the archive, and in their place those of the
// store that it has not copied yet. While the archive is away it lists those of
// the store that are not closed.
type finder struct{ d *Daemon }

var _ web.Finder = finder{}

// overlaid is how many tickets that are not copied yet are laid over a list.
const overlaid = 500

// Lists of the archive and of the store end at different places.
const (
	cursorArchive = "a"
	cursorStore   = "s"
)

// finder is what lists; nil: the store alone does.
func (d *Daemon) finder() web.Finder {
	if d.archive == nil {
		return nil
	}
	return finder{d}
}

// Search implements web.Finder.
func (f finder) Search(ctx context.Context, scope ticket.Scope, s *ticket.Search) (ticket.Listing, error) {
	kind, cursor := "", ""
	if s.Cursor != "" {
		kind, cursor = s.Cursor[:1], s.Cursor[1:]
	}
	asked := *s
	asked.Cursor = cursor
	if kind != cursorStore {
		l, err := f.inArchive(ctx, scope, &asked)
		switch {
		case errors.Is(err, archive.ErrCursor), kind != "" && kind != cursorArchive:
			return ticket.Listing{}, fmt.Errorf("daemon: %w", errors.Join(escalation.ErrCursor, err))
		case err == nil:
			return led(l, cursorArchive), nil
		case ctx.Err() != nil, kind != "": // the rest of its list is nowhere else
			return ticket.Listing{}, err
		}
	}
	l, err := f.inStore(ctx, scope, &asked)
	return led(l, cursorStore), err
}

// led is a list whose cursor says where it ended.
func led(l ticket.Listing, by string) ticket.Listing {
	if l.Next != "" {
		l.Next = by + l.Next
	}
	return l
}

// inArchive lists the archive's tickets, with the store's laid over them.
func (f finder) inArchive(ctx context.Context, scope ticket.Scope, s *ticket.Search) (l ticket.Listing, err error) {
	recent, behind, err := f.recent(ctx)
	if err != nil {
		return l, err
	}
	if l, err = f.d.archive.Search(ctx, scope, s, recent); err != nil {
		return l, fmt.Errorf("daemon: %w", err)
	}
	if behind || len(recent) > overlaid {
		l.Missing = ticket.MissingRecent
	}
	return l, nil
}

// recent are the tickets that are not copied yet; behind says that there are more.
func (f finder) recent(ctx context.Context) (recent []ticket.Changed, behind bool, err error) {
	if f.d.follows.Status().Err != nil && f.d.archive.Check(ctx) != nil {
		return nil, false, errArchiveAway
	}
	at, err := f.d.archive.Positions(ctx)
	if err != nil {
		return nil, false, fmt.Errorf("daemon: %w", err)
	}
	lanes, err := f.d.store.Changes(ctx, ticket.Since{After: at, Most: overlaid, Fresh: true})
	if err != nil {
		return nil, false, fmt.Errorf("daemon: list what is not copied yet: %w", err)
	}
	for i := range lanes {
		recent = append(recent, lanes[i].Changes...)
		behind = behind || len(lanes[i].Changes) >= overlaid
	}
	return recent, behind, nil
}

var errArchiveAway = errors.New("daemon: the archive is away")

// inStore lists the store's tickets that are not closed, if no states are asked
// for.
func (f finder) inStore(ctx context.Context, scope ticket.Scope, s *ticket.Search) (ticket.Listing, error) {
	q := s.Query
	q.Scope = scope
	if len(q.States) == 0 {
		q.States = []ticket.State{ticket.Open, ticket.Acknowledged, ticket.InProgress, ticket.StateResolved}
	}
	q.Text = "" // Selects looks for its words one by one
	l := ticket.Listing{Missing: ticket.MissingClosed}
	for {
		list, next, err := f.d.store.Tickets(ctx, q)
		if err != nil {
			return l, err //nolint:wrapcheck // it names itself
		}
		for i := range list {
			if archive.Selects(scope, s, &list[i]) {
				l.Tickets = append(l.Tickets, list[i])
			}
		}
		l.Next = next
		if q.Cursor = next; next == "" || len(l.Tickets) > 0 {
			return l, nil
		}
	}
}
