package redisstore

import (
	"context"

	"github.com/redis/go-redis/v9"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Load implements escalation.Store: one round trip.
func (s *Store) Load(ctx context.Context, source string, numbers []string) ([]ticket.Record, error) {
	prefix := sourceKey(source)
	cmds := make([]redis.Cmder, len(numbers))
	found := make([]*redis.Cmd, len(numbers))
	for i, number := range numbers {
		found[i] = redis.NewCmd(ctx, "hmget", prefix+"t:"+number, "json", "revision")
		cmds[i] = found[i]
	}
	if err := s.run(ctx, cmds...); err != nil {
		return nil, failed(err, "load %d tickets of %s", len(numbers), source)
	}
	records := make([]ticket.Record, 0, len(numbers))
	for i, cmd := range found {
		fields, err := cmd.Slice()
		if err == nil && fields[0] == nil {
			continue
		}
		r := newReply(append([]any{numbers[i]}, fields...))
		r.fail(err)
		records = append(records, readTicket(r))
		if r.err != nil {
			return nil, failed(r.err, "load ticket %s", numbers[i])
		}
	}
	return records, nil
}

// Pages implements paging.Store: two round trips.
func (s *Store) Pages(ctx context.Context, source, number string) ([]ticket.Page, error) {
	prefix := sourceKey(source)
	keys := redis.NewStringSliceCmd(ctx, "lrange", prefix+"tp:"+number, 0, -1)
	if err := s.run(ctx, keys); err != nil {
		return nil, failed(err, "pages of %s", number)
	}
	hashes, err := s.hashes(ctx, prefix+"p:", keys.Val())
	if err != nil {
		return nil, failed(err, "pages of %s", number)
	}
	pages, err := pagesOf(source, hashes)
	if err != nil {
		return nil, failed(err, "pages of %s", number)
	}
	return pages, nil
}

// View reads everything of one ticket; escalation.ErrNotFound where there is
// none. Its parts are read one after the other: a page or an alert that moves
// meanwhile is shown as it was or as it is.
func (s *Store) View(ctx context.Context, number string) (ticket.View, error) {
	source, err := s.Locate(ctx, number)
	if err != nil {
		return ticket.View{}, err
	}
	view, err := s.view(ctx, source, number)
	if err != nil {
		return ticket.View{}, failed(err, "view of %s", number)
	}
	return view, nil
}

func (s *Store) view(ctx context.Context, source, number string) (view ticket.View, err error) {
	prefix := sourceKey(source)
	text := redis.NewStringCmd(ctx, "hget", prefix+"t:"+number, "json")
	fingerprints := redis.NewStringSliceCmd(ctx, "zrange", prefix+"ta:"+number, 0, ticket.ViewAlerts-1)
	keys := redis.NewStringSliceCmd(ctx, "lrange", prefix+"tp:"+number, 0, -1)
	entries := redis.NewStringSliceCmd(ctx, "lrange", prefix+"tl:"+number, 0, -1)
	if err := s.run(ctx, text, fingerprints, keys, entries); err != nil {
		return view, err
	}
	if text.Val() == "" {
		return view, escalation.ErrNotFound
	}
	if view.Ticket, err = decode[ticket.Ticket](text.Val()); err != nil {
		return view, err
	}
	if view.Alerts, err = s.alerts(ctx, prefix, fingerprints.Val()); err != nil {
		return view, err
	}
	hashes, err := s.hashes(ctx, prefix+"p:", keys.Val())
	if err != nil {
		return view, err
	}
	if view.Pages, err = pagesOf(source, hashes); err != nil {
		return view, err
	}
	for _, text := range entries.Val() {
		entry, err := decode[ticket.Entry](text)
		if err != nil {
			return view, err
		}
		view.Timeline = append(view.Timeline, entry)
	}
	return view, nil
}
