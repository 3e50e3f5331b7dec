package redisstore

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/paging"
)

const (
	// linkDays is how long a link is kept after the last page that carried it.
	linkDays = 90
	// rest is how long a released code is not given to another ticket.
	rest = 72 * time.Hour
)

// Reserve implements paging.Directory: one round trip. The link and the code
// are filed in slots of their own.
func (s *Store) Reserve(ctx context.Context, r paging.Reservation) (int, error) {
	cmds, code, err := s.reservation(ctx, &r)
	if err == nil {
		err = s.save(ctx, cmds...)
	}
	if err != nil && asShortfall(err) == nil { // a page does not wait for replicas that are away
		return 0, failed(err, "reserve a code for %s", r.Ticket)
	}
	given, err := code()
	if err != nil {
		return 0, failed(err, "reserve a code for %s", r.Ticket)
	}
	return given, nil
}

// reservation is the commands of one reservation, and what reads the code that
// they gave.
func (s *Store) reservation(ctx context.Context, r *paging.Reservation) (cmds []redis.Cmder, code func() (int, error), err error) {
	if r.Hash != "" {
		text, err := encode(&r.Link)
		if err != nil {
			return nil, nil, err
		}
		cmds = append(cmds, s.scripts.put.on(ctx, linkKey(r.Hash), text, linkDays*24*60*60))
	}
	if r.Phone == "" {
		return cmds, func() (int, error) { return 0, nil }, nil
	}
	text, err := encode(&paging.Code{Source: r.Source, Ticket: r.Ticket, Person: r.Person, At: r.At, Bundle: r.Bundle})
	if err != nil {
		return nil, nil, err
	}
	c := s.scripts.code.on(ctx, phoneKey(r.Phone), r.Ticket, text, stamp(r.At.Add(-rest)))
	return append(cmds, c), func() (int, error) { return c.Int() }, nil
}

// Release implements paging.Directory.
func (s *Store) Release(ctx context.Context, phone, number string, at time.Time) error {
	if err := s.run(ctx, s.scripts.release.on(ctx, phoneKey(phone), number, score(at))); err != nil {
		return failed(err, "release the code of %s", number)
	}
	return nil
}

// Codes implements paging.Directory.
func (s *Store) Codes(ctx context.Context, phone string) ([]paging.Code, error) {
	texts := redis.NewMapStringStringCmd(ctx, "hgetall", phoneKey(phone)+"json")
	released := redis.NewMapStringStringCmd(ctx, "hgetall", phoneKey(phone)+"at")
	if err := s.run(ctx, texts, released); err != nil {
		return nil, failed(err, "codes of a phone")
	}
	codes := make([]paging.Code, 0, len(texts.Val()))
	for number, text := range texts.Val() {
		code, err := decode[paging.Code](text)
		if err != nil {
			return nil, failed(err, "codes of a phone")
		}
		var errCode, errAt error
		code.Code, errCode = strconv.Atoi(number)
		code.ReleasedAt, errAt = unstamp(released.Val()[number])
		if err := errors.Join(errCode, errAt); err != nil {
			return nil, failed(err, "codes of a phone")
		}
		codes = append(codes, code)
	}
	slices.SortFunc(codes, func(a, b paging.Code) int { return a.Code - b.Code })
	return codes, nil
}

// Link implements paging.Directory.
func (s *Store) Link(ctx context.Context, hash string) (paging.Link, error) {
	get := redis.NewStringCmd(ctx, "get", linkKey(hash))
	if err := s.run(ctx, get); err != nil {
		return paging.Link{}, failed(err, "look a link up")
	}
	if get.Val() == "" {
		return paging.Link{}, failed(escalation.ErrNotFound, "look a link up")
	}
	link, err := decode[paging.Link](get.Val())
	if err != nil {
		return paging.Link{}, failed(err, "look a link up")
	}
	return link, nil
}
