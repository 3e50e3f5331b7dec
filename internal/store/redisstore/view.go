package redisstore

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"

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
	records, damaged := make([]ticket.Record, 0, len(numbers)), map[string]string{}
	for i, number := range numbers {
		fields, err := found[i].Slice()
		if err != nil || fields[0] == nil && fields[1] == nil {
			continue
		}
		r := newReply(fields)
		text, revision := r.text(), r.text()
		record, err := s.recordOf(number, text, revision)
		if err != nil {
			damaged[number] = text
			continue
		}
		records = append(records, record)
	}
	if err := s.abandon(ctx, source, damaged); err != nil {
		return nil, failed(err, "load %d tickets of %s", len(numbers), source)
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
	return s.pagesOf(source, keys.Val(), hashes), nil
}

// View reads everything of one ticket. The error is escalation.ErrNotFound if
// there is no such ticket. It reads the parts one after the other: a page or
// an alert that changes meanwhile is shown as it was or as it is.
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

// Firing lists the alerts of a ticket that are not over.
func (s *Store) Firing(ctx context.Context, number string, most int) ([]ticket.AlertRecord, error) {
	source, err := s.Locate(ctx, number)
	if err != nil {
		return nil, err
	}
	prefix := sourceKey(source)
	fingerprints := redis.NewStringSliceCmd(ctx, "zrange", prefix+"ta:"+number, 0, most-1)
	if err := s.run(ctx, fingerprints); err != nil {
		return nil, failed(err, "alerts of %s", number)
	}
	list, err := s.alerts(ctx, prefix, fingerprints.Val())
	if err != nil {
		return nil, failed(err, "alerts of %s", number)
	}
	return slices.DeleteFunc(list, func(r ticket.AlertRecord) bool { return r.Status == ticket.Resolved }), nil
}

func (s *Store) view(ctx context.Context, source, number string) (view ticket.View, err error) {
	prefix := sourceKey(source)
	text := redis.NewStringCmd(ctx, "hget", prefix+"t:"+number, "json")
	fingerprints := redis.NewStringSliceCmd(ctx, "zrange", prefix+"ta:"+number, 0, ticket.ViewAlerts-1)
	keys := redis.NewStringSliceCmd(ctx, "lrange", prefix+"tp:"+number, 0, -1)
	entries := redis.NewStringSliceCmd(ctx, "lrange", prefix+"tl:"+number, 0, -1)
	aside := redis.NewIntCmd(ctx, "exists", prefix+"tl:"+number+":damaged")
	sheet := s.scripts.shelved.on(ctx, prefix, ticket.SheetRecords, 1, number, 1)
	if err := s.run(ctx, text, fingerprints, keys, entries, aside, sheet); err != nil {
		return view, err
	}
	if text.Val() == "" {
		return view, escalation.ErrNotFound
	}
	if view.Ticket, err = s.ticketOf(number, text.Val()); err != nil {
		return view, err
	}
	if view.Alerts, err = s.alerts(ctx, prefix, fingerprints.Val()); err != nil {
		return view, err
	}
	view.Damaged = len(fingerprints.Val()) - len(view.Alerts)
	hashes, err := s.hashes(ctx, prefix+"p:", keys.Val())
	if err != nil {
		return view, err
	}
	view.Pages = s.pagesOf(source, keys.Val(), hashes)
	if view.Sheet, err = s.sheetOf(source, sheet); err != nil {
		s.Note(ticket.RecordOther, source+" "+ticket.SheetRecords+" "+number, err)
		view.Damaged++
	}
	view.Damaged += len(keys.Val()) - len(view.Pages)
	if errors.Is(entries.Err(), redis.Nil) || aside.Val() == 1 { // the key is of the wrong type, or was
		view.Damaged++
	}
	for i, text := range entries.Val() {
		entry, err := decode[ticket.Entry](text)
		if err = cmp.Or(err, entry.Sound()); err != nil {
			s.Note(ticket.RecordEntry, number+" "+strconv.Itoa(i), err)
			view.Damaged++
			continue
		}
		view.Timeline = append(view.Timeline, entry)
	}
	return view, nil
}

// sheetOf is a ticket's sheet; nil if it has none. The error says that it cannot be
// read.
func (s *Store) sheetOf(source string, c *call) (*ticket.Sheet, error) {
	list, damaged, err := recordStore{s}.read(source, ticket.SheetRecords, c)
	switch {
	case err != nil:
		return nil, err
	case damaged != "":
		return nil, errRecord
	case len(list) == 0:
		return nil, nil //nolint:nilnil // there is none
	}
	return ticket.ReadSheet(list[0].Value) //nolint:wrapcheck // it says what it is
}
