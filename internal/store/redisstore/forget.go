package redisstore

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/redis/go-redis/v9"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

const (
	// forgetPages is how many pages of a ticket one script removes at most.
	forgetPages = 500
	// forgetKeys is how many of a server's keys are looked at for each ticket
	// that may be forgotten.
	forgetKeys = 40
)

// forgetter remembers where the next call goes on.
type forgetter struct {
	sync.Mutex
	stay    map[string]int    // by source: how many of its oldest tickets were looked at and must stay
	first   int               // the source to ask first
	cursors map[string]uint64 // by server: the place among its keys
}

// Forget removes closed tickets. What belongs to them in other slots goes
// first, and their records last: the record leads a later call to what a crash
// left. Links and codes are found by looking through all keys, a part at a
// time (sweep.go).
func (s *Store) Forget(ctx context.Context, past ticket.Past) (done ticket.Forgotten, err error) {
	f := &s.forgets
	f.Lock()
	defer f.Unlock()
	if f.stay == nil {
		f.stay, f.cursors = map[string]int{}, map[string]uint64{}
	}
	switch {
	case past.Tickets.IsZero():
	case past.Copied != nil:
		err = s.forgetCopied(ctx, &past, &done)
	default:
		err = s.forgetTickets(ctx, &past, &done)
	}
	if err == nil {
		err = s.sweep(ctx, &past, &done)
	}
	if err != nil {
		return done, failed(err, "forget what is over")
	}
	return done, nil
}

// oldest reads each source's oldest tickets, of those that were opened early
// enough. It reads as many as may be looked at, after those that must stay.
// ended says of a source that it has no more.
func (s *Store) oldest(ctx context.Context, past *ticket.Past) (found map[string][]string, ended map[string]bool, err error) {
	found, ended = map[string][]string{}, map[string]bool{}
	err = overAll(ctx, s, func(source string) []*redis.StringSliceCmd {
		return []*redis.StringSliceCmd{redis.NewStringSliceCmd(ctx, "zrange", sourceKey(source)+"list", "-inf", "("+stamp(past.Tickets),
			"byscore", "limit", s.forgets.stay[source], past.Limit)}
	}, func(source string, cmds []*redis.StringSliceCmd) error {
		found[source] = cmds[0].Val()
		ended[source] = len(found[source]) < past.Limit
		return nil
	})
	return found, ended, err
}

func (s *Store) forgetTickets(ctx context.Context, past *ticket.Past, done *ticket.Forgotten) error {
	f := &s.forgets
	found, ended, err := s.oldest(ctx, past)
	if err != nil && len(found) == 0 {
		return err
	}
	var places []sourced
	looked := map[string]int{}
	sources := s.known()
	f.first++
	for i := range sources {
		source := sources[(i+f.first)%len(sources)]
		for _, number := range found[source] {
			if len(places) == past.Limit {
				break
			}
			places = append(places, sourced{place{number: number}, source})
			looked[source]++
		}
		if looked[source] < len(found[source]) || !ended[source] {
			ended[source], done.More = false, true
		}
	}
	gone, errForget := s.forgetThese(ctx, past, places)
	for _, source := range sources {
		if f.stay[source] += looked[source] - gone[source]; ended[source] {
			f.stay[source] = 0
		}
		done.Tickets += gone[source]
	}
	return errors.Join(err, errForget)
}

// forgetCopied removes those of the given tickets that may leave.
func (s *Store) forgetCopied(ctx context.Context, past *ticket.Past, done *ticket.Forgotten) error {
	var places []sourced
	for number := range past.Copied {
		source, err := s.Locate(ctx, number)
		if errors.Is(err, escalation.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		places = append(places, sourced{place{number: number}, source})
	}
	gone, err := s.forgetThese(ctx, past, places)
	for _, n := range gone {
		done.Tickets += n
	}
	return err
}

// forgetThese removes the tickets that may leave, and counts them by source.
func (s *Store) forgetThese(ctx context.Context, past *ticket.Past, places []sourced) (gone map[string]int, err error) {
	gone = map[string]int{}
	found, err := s.glance(ctx, places)
	if err != nil {
		return gone, err
	}
	var leave []sourced
	for i, t := range found {
		if t != nil && past.Leaves(t) {
			leave = append(leave, places[i])
		}
	}
	if leave, err = s.forgetElsewhere(ctx, leave); err != nil {
		return gone, err
	}
	for len(leave) > 0 {
		calls := make([]*call, len(leave))
		cmds := make([]redis.Cmder, len(leave))
		for i, p := range leave {
			at := ""
			if past.Copied != nil {
				at = strconv.FormatInt(past.Copied[p.number], 10)
			}
			args := []any{p.number, forgetPages, at}
			for _, kind := range ticket.LeaveWith() {
				args = append(args, kind)
			}
			calls[i] = s.scripts.forget.on(ctx, sourceKey(p.source), args...)
			cmds[i] = calls[i]
		}
		if err := s.run(ctx, cmds...); err != nil {
			return gone, err
		}
		var rest []sourced
		for i, p := range leave {
			switch n, err := calls[i].Int(); {
			case err != nil:
				return gone, err
			case n > 0:
				gone[p.source]++
			case n < 0:
				rest = append(rest, p)
			}
		}
		leave = rest
	}
	return gone, nil
}

// glance reads as much of tickets as tells whether they are over; nil for one
// that is gone. One that cannot be read counts as not over.
func (s *Store) glance(ctx context.Context, places []sourced) ([]*ticket.Ticket, error) {
	cmds := make([]redis.Cmder, len(places))
	texts := make([]*redis.StringCmd, len(places))
	for i, p := range places {
		texts[i] = redis.NewStringCmd(ctx, "hget", sourceKey(p.source)+"t:"+p.number, "json")
		cmds[i] = texts[i]
	}
	if err := s.run(ctx, cmds...); err != nil {
		return nil, err
	}
	tickets := make([]*ticket.Ticket, len(places))
	for i, text := range texts {
		if errors.Is(text.Err(), redis.Nil) {
			continue
		}
		t, err := decode[ticket.Ticket](text.Val())
		if err != nil {
			t = ticket.Ticket{State: ticket.Open}
		}
		tickets[i] = &t
	}
	return tickets, nil
}

// forgetElsewhere removes what belongs to tickets in other slots: their pages'
// providers' ids, and the sources of their numbers. It leaves out tickets that
// have a page that waits.
func (s *Store) forgetElsewhere(ctx context.Context, places []sourced) ([]sourced, error) {
	keys := make([]*redis.StringSliceCmd, len(places))
	cmds := make([]redis.Cmder, len(places))
	for i, p := range places {
		keys[i] = redis.NewStringSliceCmd(ctx, "lrange", sourceKey(p.source)+"tp:"+p.number, 0, -1)
		cmds[i] = keys[i]
	}
	if err := s.run(ctx, cmds...); err != nil {
		return nil, err
	}
	pages := make([][]*redis.SliceCmd, len(places))
	cmds = nil
	for i, p := range places {
		for _, key := range keys[i].Val() {
			page := redis.NewSliceCmd(ctx, "hmget", sourceKey(p.source)+"p:"+key, "state", "provider", "owner")
			pages[i], cmds = append(pages[i], page), append(cmds, page)
		}
	}
	if err := s.run(ctx, cmds...); err != nil {
		return nil, err
	}
	var leave []sourced
	cmds = nil
	for i, p := range places {
		ids, waits := providersOf(pages[i])
		if waits {
			continue
		}
		leave = append(leave, p)
		for _, id := range ids {
			cmds = append(cmds, redis.NewIntCmd(ctx, "unlink", providerKey(id)))
		}
		if digits := p.number[len(strings.TrimRight(p.number, "0123456789")):]; digits != "" {
			cmds = append(cmds, s.scripts.unnumber.on(ctx, numbersKey(p.number), p.number, digits))
		} else {
			cmds = append(cmds, redis.NewIntCmd(ctx, "hdel", numbersKey(p.number), p.number))
		}
	}
	return leave, s.run(ctx, cmds...)
}

// providersOf are the providers' ids of a ticket's pages. waits says whether
// one of the pages has yet to go out.
func providersOf(pages []*redis.SliceCmd) (ids []string, waits bool) {
	for _, page := range pages {
		fields := page.Val()
		text := func(i int) string {
			if i >= len(fields) {
				return ""
			}
			t, _ := fields[i].(string)
			return t
		}
		state := ticket.PageState(text(0))
		waits = waits || slices.Contains([]ticket.PageState{ticket.PageQueued, ticket.PageSending}, state) || text(2) != ""
		if id := text(1); id != "" {
			ids = append(ids, id)
		}
	}
	return ids, waits
}
