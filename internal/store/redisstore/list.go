package redisstore

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// batch is how many tickets are read at a time if a query leaves some out.
const batch = 200

// place is where a ticket stands in the list: by opening, then by number.
type place struct {
	score  float64
	number string
}

// compare is negative if p comes first in the list, which is newest first.
func (p place) compare(q place) int {
	return cmp.Or(cmp.Compare(q.score, p.score), strings.Compare(q.number, p.number))
}

func (p place) String() string {
	return strconv.FormatFloat(p.score, 'f', -1, 64) + "/" + p.number
}

func parsePlace(text string) (place, error) {
	score, number, _ := strings.Cut(text, "/")
	n, err := strconv.ParseFloat(score, 64)
	if err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
		return place{}, fmt.Errorf("cursor %q: %w", text, escalation.ErrCursor)
	}
	return place{n, number}, nil
}

// Tickets lists the tickets that the query selects, newest first, and the
// cursor of the next ones. It reads each source's lists side by side. If the
// query does not ask for closed tickets, it reads only the lists of the states
// asked for.
func (s *Store) Tickets(ctx context.Context, q ticket.Query) ([]ticket.Ticket, string, error) {
	if err := q.Scope.Err(); err != nil {
		return nil, "", fmt.Errorf("redisstore: list tickets: %w", err)
	}
	l, err := s.newListing(ctx, &q)
	if err != nil {
		return nil, "", failed(err, "list tickets")
	}
	var (
		found []ticket.Ticket
		last  place
	)
	for {
		places, err := l.nextPlaces(ctx)
		if err != nil {
			return nil, "", failed(err, "list tickets")
		}
		if len(places) == 0 {
			return found, "", nil
		}
		tickets, err := s.load(ctx, places)
		if err != nil {
			return nil, "", failed(err, "list tickets")
		}
		for i := range tickets {
			if tickets[i].Number == "" || !q.Matches(&tickets[i]) {
				continue
			}
			if len(found) == q.Limit {
				return found, last.String(), nil
			}
			found, last = append(found, tickets[i]), places[i].place
		}
	}
}

// sourced is a place with the source of its ticket.
type sourced struct {
	place
	source string
}

// load reads tickets that may be of several sources, in one round trip. One
// that is gone or cannot be read is left empty.
func (s *Store) load(ctx context.Context, places []sourced) ([]ticket.Ticket, error) {
	cmds := make([]redis.Cmder, len(places))
	texts := make([]*redis.StringCmd, len(places))
	for i, p := range places {
		texts[i] = redis.NewStringCmd(ctx, "hget", sourceKey(p.source)+"t:"+p.number, "json")
		cmds[i] = texts[i]
	}
	if err := s.run(ctx, cmds...); err != nil {
		return nil, err
	}
	tickets := make([]ticket.Ticket, len(places))
	for i, text := range texts {
		if text.Val() == "" {
			continue
		}
		tickets[i], _ = s.ticketOf(places[i].number, text.Val()) // left empty if it cannot be read
	}
	return tickets, nil
}

// lists reads several lists, each newest first, as one.
type lists struct {
	s        *Store
	size     int // of a batch
	from, to string
	after    place // zero: from the beginning
	streams  []*stream
	seen     map[string]bool // a ticket that changes its state is in two lists for a moment
}

// stream is the part of one list that was read and not taken yet.
type stream struct {
	source, key string
	places      []place
	last        place // the last one that was read
	ties        int   // how many with its score were read
	done        bool
}

func (s *Store) newListing(ctx context.Context, q *ticket.Query) (*lists, error) {
	l := &lists{s: s, size: min(q.Limit+1, 1001), from: "+inf", to: "-inf", seen: map[string]bool{}}
	if !q.Scope.All() || q.Customer != "" || q.Assignee != "" || q.Text != "" || len(q.Urgencies) > 0 || slices.Contains(q.States, ticket.Closed) {
		l.size = max(l.size, batch)
	}
	if !q.Until.IsZero() {
		l.from = stamp(q.Until)
	}
	if !q.Since.IsZero() {
		l.to = stamp(q.Since)
	}
	if q.Cursor != "" {
		var err error
		if l.after, err = parsePlace(q.Cursor); err != nil {
			return nil, err
		}
		l.from = strconv.FormatFloat(l.after.score, 'f', -1, 64)
	}
	// Asking for all sources makes known to us those that others have added.
	err := overAll(ctx, s, func(string) []*redis.Cmd { return nil }, func(string, []*redis.Cmd) error { return nil })
	for _, source := range s.known() {
		for _, name := range listsOf(q.States) {
			l.streams = append(l.streams, &stream{source: source, key: sourceKey(source) + name})
		}
	}
	return l, err
}

// listsOf names the lists that hold tickets of these states.
func listsOf(states []ticket.State) []string {
	if len(states) == 0 || slices.Contains(states, ticket.Closed) {
		return []string{"list"}
	}
	names := make([]string, len(states))
	for i, state := range states {
		names[i] = "list:" + string(state)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// nextPlaces returns the next places, at most a batch; none at the end.
func (l *lists) nextPlaces(ctx context.Context) ([]sourced, error) {
	var places []sourced
	for len(places) < l.size {
		if err := l.fill(ctx); err != nil {
			return nil, err
		}
		var best *stream
		for _, st := range l.streams {
			if len(st.places) > 0 && (best == nil || st.places[0].compare(best.places[0]) < 0) {
				best = st
			}
		}
		if best == nil {
			break
		}
		if p := best.places[0]; !l.seen[p.number] {
			l.seen[p.number] = true
			places = append(places, sourced{p, best.source})
		}
		best.places = best.places[1:]
	}
	return places, nil
}

// fill reads on in every list whose stream is empty, in one round trip, until
// each has something or is at its end.
func (l *lists) fill(ctx context.Context) error {
	for {
		var (
			cmds []redis.Cmder
			dry  []*stream
		)
		for _, st := range l.streams {
			if len(st.places) > 0 || st.done {
				continue
			}
			from, skip := l.from, 0
			if st.ties > 0 {
				from, skip = strconv.FormatFloat(st.last.score, 'f', -1, 64), st.ties
			}
			dry = append(dry, st)
			cmds = append(cmds, redis.NewZSliceCmd(ctx, "zrange", st.key, from, l.to, "byscore", "rev",
				"limit", skip, l.size, "withscores"))
		}
		if len(cmds) == 0 {
			return nil
		}
		if err := l.s.run(ctx, cmds...); err != nil {
			return err
		}
		for i, st := range dry {
			if c, ok := cmds[i].(*redis.ZSliceCmd); ok {
				st.add(c.Val(), l.size, l.after)
			}
		}
	}
}

func (st *stream) add(read []redis.Z, wanted int, after place) {
	st.done = len(read) < wanted
	for _, z := range read {
		number, _ := z.Member.(string)
		p := place{z.Score, number}
		if p.score == st.last.score && st.ties > 0 {
			st.ties++
		} else {
			st.ties = 1
		}
		st.last = p
		if after.number == "" || after.compare(p) < 0 {
			st.places = append(st.places, p)
		}
	}
}
