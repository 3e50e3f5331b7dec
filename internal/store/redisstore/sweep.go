package redisstore

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// Nothing names the links and the codes of a ticket. They are found by their
// keys: each server is asked for all its keys, a part at a time. So links and
// codes that older versions filed, or that a crash left, are found too.

const (
	linkPrefix = root + "link:"
	codeSuffix = ":json" // of the hash of a phone's codes
)

// sweep looks through the next part of each server's keys.
func (s *Store) sweep(ctx context.Context, past *ticket.Past, done *ticket.Forgotten) error {
	var mu sync.Mutex
	var links, phones []string
	err := s.overServers(ctx, func(ctx context.Context, node *redis.Client) error {
		name := node.Options().Addr
		mu.Lock()
		cursor := s.forgets.cursors[name]
		mu.Unlock()
		keys, next, err := node.Scan(ctx, cursor, root+"[lp][ih]*", int64(forgetKeys*past.Limit)).Result()
		if err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		s.forgets.cursors[name] = next
		for _, key := range keys {
			if strings.HasPrefix(key, linkPrefix) {
				links = append(links, key)
			} else if strings.HasPrefix(key, root+"phone:") && strings.HasSuffix(key, codeSuffix) {
				phones = append(phones, strings.TrimSuffix(key, codeSuffix[1:]))
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if done.Links, err = s.sweepLinks(ctx, past, links); err != nil {
		return err
	}
	done.Codes, err = s.sweepCodes(ctx, past, phones)
	return err
}

// hanging is what belongs to tickets, and may be over with them.
type hanging struct {
	refs []ticket.Ref
	at   time.Time
	drop redis.Cmder
}

func (s *Store) sweepLinks(ctx context.Context, past *ticket.Past, keys []string) (int, error) {
	texts := make([]*redis.StringCmd, len(keys))
	cmds := make([]redis.Cmder, len(keys))
	for i, key := range keys {
		texts[i] = redis.NewStringCmd(ctx, "get", key)
		cmds[i] = texts[i]
	}
	if err := s.run(ctx, cmds...); err != nil {
		return 0, err
	}
	var all []hanging
	for i, text := range texts {
		if l, err := decode[paging.Link](text.Val()); err == nil { // a link that cannot be read is left alone
			all = append(all, hanging{ticket.Refs(l.Source, l.Ticket, l.Bundle), l.At, redis.NewIntCmd(ctx, "unlink", keys[i])})
		}
	}
	return s.dropEnded(ctx, past, all, past.Links)
}

func (s *Store) sweepCodes(ctx context.Context, past *ticket.Past, prefixes []string) (int, error) {
	texts := make([]*redis.MapStringStringCmd, len(prefixes))
	cmds := make([]redis.Cmder, len(prefixes))
	for i, prefix := range prefixes {
		texts[i] = redis.NewMapStringStringCmd(ctx, "hgetall", prefix+"json")
		cmds[i] = texts[i]
	}
	if err := s.run(ctx, cmds...); err != nil {
		return 0, err
	}
	var all []hanging
	for i, codes := range texts {
		for code, text := range codes.Val() {
			if c, err := decode[paging.Code](text); err == nil {
				drop := s.scripts.uncode.on(ctx, prefixes[i], c.Ticket, code, score(c.At))
				all = append(all, hanging{ticket.Refs(c.Source, c.Ticket, c.Bundle), c.At, drop})
			}
		}
	}
	return s.dropEnded(ctx, past, all, time.Time{})
}

// dropEnded removes what is older than past.Links, if its tickets are all gone
// or were closed before past.Links. It counts what it removed.
func (s *Store) dropEnded(ctx context.Context, past *ticket.Past, all []hanging, closed time.Time) (int, error) {
	var places []sourced
	known := map[ticket.Ref]int{}
	for _, h := range all {
		for _, ref := range h.refs {
			if _, found := known[ref]; !found && h.at.Before(past.Links) {
				known[ref] = len(places)
				places = append(places, sourced{place{number: ref.Number}, ref.Source})
			}
		}
	}
	tickets, err := s.glance(ctx, places)
	if err != nil {
		return 0, err
	}
	var drops []redis.Cmder
	for _, h := range all {
		ended := h.at.Before(past.Links)
		for _, ref := range h.refs {
			if ended {
				t := tickets[known[ref]]
				ended = t == nil || t.State == ticket.Closed && t.ClosedAt.Before(closed)
			}
		}
		if ended {
			drops = append(drops, h.drop)
		}
	}
	return len(drops), s.run(ctx, drops...)
}
