package redisstore

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/astreinte/astreinte/internal/ticket"
)

// Stats implements paging.Store: one round trip over all sources.
func (s *Store) Stats(ctx context.Context) (ticket.Stats, error) {
	stats := ticket.Stats{Tickets: map[ticket.Urgency]map[ticket.State]int{}}
	err := overAll(ctx, s, func(source string) []*redis.Cmd {
		prefix := sourceKey(source)
		return []*redis.Cmd{
			redis.NewCmd(ctx, "hgetall", prefix+"stats"),
			redis.NewCmd(ctx, "zcard", prefix+"queued"),
			redis.NewCmd(ctx, "zrange", prefix+"queued", 0, 0),
			redis.NewCmd(ctx, "smembers", prefix+"damaged"),
		}
	}, func(source string, cmds []*redis.Cmd) error {
		parts := newReply([]any{cmds[0].Val(), cmds[1].Val(), cmds[2].Val(), cmds[3].Val()})
		for name, text := range parts.fields() {
			if err := count(stats.Tickets, name, text); err != nil {
				s.Note(ticket.RecordIndex, sourceKey(source)+"stats "+name, err)
			}
		}
		if queued := parts.text(); queued != "" { // otherwise its key is of the wrong type
			n, err := strconv.Atoi(queued)
			parts.fail(err)
			stats.Queued += n
		}
		parts.list(func(oldest *reply) {
			if oldest.more() {
				at, _, _ := strings.Cut(oldest.text(), " ")
				t, err := unstamp(at)
				if err != nil {
					s.Note(ticket.RecordIndex, sourceKey(source)+"queued", err)
				}
				stats.Oldest = sooner(stats.Oldest, t)
			}
		})
		s.setAside(parts.texts())
		return parts.err
	})
	if err != nil {
		return ticket.Stats{}, failed(err, "stats")
	}
	return stats, nil
}

// count adds one field of a source's stats: "4:open" → "17".
func count(tickets map[ticket.Urgency]map[ticket.State]int, name, text string) error {
	n, err := strconv.Atoi(text)
	if err != nil {
		return err
	}
	first, state, _ := strings.Cut(name, ":")
	urgency, err := strconv.ParseInt(first, 10, 8)
	if err != nil {
		return fmt.Errorf("field %q of the stats: %w", name, err)
	}
	if n == 0 {
		return nil
	}
	u := ticket.Urgency(urgency)
	if tickets[u] == nil {
		tickets[u] = map[ticket.State]int{}
	}
	tickets[u][ticket.State(state)] += n
	return nil
}
