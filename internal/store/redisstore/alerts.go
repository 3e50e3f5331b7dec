package redisstore

import (
	"context"
	"slices"

	"github.com/redis/go-redis/v9"

	"github.com/astreinte/astreinte/internal/ticket"
)

// Grouped implements escalation.Store. It also lists alerts of a closed ticket
// that are not cleared away yet; Alerts leaves them out.
func (s *Store) Grouped(ctx context.Context, source, senderGroup string) ([]string, error) {
	if senderGroup == "" {
		return nil, nil
	}
	members := redis.NewStringSliceCmd(ctx, "smembers", sourceKey(source)+"s:"+senderGroup)
	if err := s.run(ctx, members); err != nil {
		return nil, failed(err, "alerts of %s in group %s", source, ticket.Logged(senderGroup))
	}
	fingerprints := members.Val()
	slices.Sort(fingerprints)
	return fingerprints, nil
}

// Alerts implements escalation.Store. The records are in the order asked for.
func (s *Store) Alerts(ctx context.Context, source string, fingerprints []string) ([]ticket.AlertRecord, error) {
	prefix := sourceKey(source)
	records, err := s.alerts(ctx, prefix, fingerprints)
	if err == nil {
		records, err = s.alive(ctx, prefix, records)
	}
	if err != nil {
		return nil, failed(err, "%d alerts of %s", len(fingerprints), source)
	}
	return records, nil
}

// alive leaves out alerts that are gone, or whose ticket is closed and that
// are not cleared away yet (script clear).
func (s *Store) alive(ctx context.Context, prefix string, records []ticket.AlertRecord) ([]ticket.AlertRecord, error) {
	states := map[string]*redis.StringCmd{}
	var cmds []redis.Cmder
	for i := range records {
		if number := records[i].Ticket; states[number] == nil {
			states[number] = redis.NewStringCmd(ctx, "hget", prefix+"t:"+number, "state")
			cmds = append(cmds, states[number])
		}
	}
	if len(cmds) == 0 {
		return records, nil
	}
	if err := s.run(ctx, cmds...); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(records, func(r ticket.AlertRecord) bool {
		state := states[r.Ticket].Val()
		return state == "" || state == string(ticket.Closed)
	}), nil
}

// alerts reads alerts in one round trip.
func (s *Store) alerts(ctx context.Context, prefix string, fingerprints []string) ([]ticket.AlertRecord, error) {
	hashes, err := s.hashes(ctx, prefix+"a:", fingerprints)
	if err != nil {
		return nil, err
	}
	records := make([]ticket.AlertRecord, 0, len(hashes))
	for i, fields := range hashes {
		if len(fields) == 0 {
			continue
		}
		if record, ok := s.alertOf(fingerprints[i], fields, nil); ok {
			records = append(records, record)
		}
	}
	return records, nil
}

// hashes reads whole hashes of one slot; nil for one that does not exist.
func (s *Store) hashes(ctx context.Context, prefix string, names []string) ([]map[string]string, error) {
	cmds := make([]redis.Cmder, len(names))
	for i, name := range names {
		cmds[i] = redis.NewMapStringStringCmd(ctx, "hgetall", prefix+name)
	}
	if err := s.run(ctx, cmds...); err != nil {
		return nil, err
	}
	found := make([]map[string]string, len(names))
	for i, cmd := range cmds {
		if c, ok := cmd.(*redis.MapStringStringCmd); ok {
			found[i] = c.Val()
		}
	}
	return found, nil
}
