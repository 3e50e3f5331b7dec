package archive

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/astreinte/astreinte/internal/ticket"
)

// ErrCursor says that no list ended there.
var ErrCursor = errors.New("no list of the archive ended there")

// ListedAtOnce is how many tickets one answer holds at most.
const ListedAtOnce = 1000

// found is a ticket of a list with its place in it.
type found struct {
	place
	ticket ticket.Ticket
}

// place is where a ticket is in a list: its tier, and a key and an id within
// that. A cursor is the place of the last ticket that was listed. So tickets
// that come meanwhile move nothing.
type place struct {
	tier    int
	key, id int64
}

// The tiers of a list for words: the ticket of that number, those with all of
// them in the title, and the others. Every other list has one tier.
const (
	tierNumber = iota
	tierTitle
	tierText
	tierAny // in any order but the best first

	// tierBoth are the tickets of the last two tiers, the newest first. No place is in it.
	tierBoth
)

func (p place) String() string { return fmt.Sprintf("%d.%d.%d", p.tier, p.key, p.id) }

func readPlace(cursor string) (p place, err error) {
	parts := strings.Split(cursor, ".")
	if len(parts) != 3 {
		return p, fmt.Errorf("%q: %w", cursor, ErrCursor)
	}
	var errs [3]error
	p.tier, errs[0] = strconv.Atoi(parts[0])
	p.key, errs[1] = strconv.ParseInt(parts[1], 10, 64)
	p.id, errs[2] = strconv.ParseInt(parts[2], 10, 64)
	if errors.Join(errs[:]...) != nil {
		return p, fmt.Errorf("%q: %w", cursor, ErrCursor)
	}
	return p, nil
}

// Search lists the tickets that a search selects and a scope covers. Recent are
// tickets as they are in the store, which the archive may have as they were, or
// not at all: each takes the place of the archive's.
func (a *Archive) Search(ctx context.Context, scope ticket.Scope, s *ticket.Search, recent []ticket.Changed) (l ticket.Listing, err error) {
	if scope.Err() != nil {
		return l, failed(ErrScope, "list tickets")
	}
	if err := a.ready(ctx); err != nil {
		return l, err
	}
	q := newQuery(scope, s, latest(recent))
	from := place{tier: -1}
	if s.Cursor != "" {
		if from, err = readPlace(s.Cursor); err != nil {
			return l, failed(err, "list tickets")
		}
	}
	limit := min(max(s.Limit, 1), ListedAtOnce)
	all, whole, err := a.few(ctx, q, from, limit)
	if err != nil {
		return l, failed(err, "list tickets")
	}
	for _, tier := range q.tiers {
		if whole {
			break
		}
		if tier < from.tier || len(all) > limit {
			continue
		}
		after := from
		if tier > from.tier {
			after = q.start(tier)
		}
		part, err := a.tier(ctx, q, after, limit+1-len(all))
		if err != nil {
			return l, failed(err, "list tickets")
		}
		all = append(all, part...)
		if tier == tierTitle && after == q.start(tier) && len(all) <= limit {
			q.titled = append([]found{}, part...)
		}
	}
	if len(all) > limit {
		all = all[:limit]
		l.Next = all[limit-1].String()
	}
	l.Tickets = make([]ticket.Ticket, len(all))
	for i := range all {
		l.Tickets[i] = all[i].ticket
	}
	return l, nil
}

// few lists tickets for several words, if there are no more of them than are wanted. It
// reads what the database has of each word once, where tier by tier it is read three times,
// and that takes nearly all of the time.
func (a *Archive) few(ctx context.Context, q *query, from place, limit int) (all []found, whole bool, err error) {
	if len(q.words) < 2 || !slices.Contains(q.tiers, tierTitle) || from.tier >= 0 {
		return nil, false, nil
	}
	for _, tier := range []int{tierNumber, tierBoth} {
		part, err := a.tier(ctx, q, q.start(tier), limit+1)
		if err != nil {
			return nil, false, err
		}
		all = append(all, part...)
	}
	if len(all) > limit {
		return nil, false, nil
	}
	for i := range all {
		if f := &all[i]; f.tier == tierBoth {
			f.tier = tierText
			if hasAll(titleOf(&f.ticket), q.words) {
				f.tier = tierTitle
			}
		}
	}
	slices.SortStableFunc(all, func(x, y found) int { return cmp.Compare(x.tier, y.tier) })
	return all, true, nil
}

// tier lists the tickets of a tier after a place.
func (a *Archive) tier(ctx context.Context, q *query, after place, most int) ([]found, error) {
	var all []found
	for i := range q.recent {
		if f, ok := q.matches(&q.recent[i], after.tier); ok && q.before(after, f.place) {
			all = append(all, f)
		}
	}
	text, args := q.statement(a.dialect, after, most)
	rows, err := a.reader.QueryContext(ctx, a.dialect.sql(text), args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		f := found{place: place{tier: after.tier}}
		var body string
		if err := rows.Scan(&f.key, &f.id, &body); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(body), &f.ticket); err != nil {
			return nil, err
		}
		all = append(all, f)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	slices.SortFunc(all, func(x, y found) int {
		if q.before(x.place, y.place) {
			return -1
		}
		return 1
	})
	return all[:min(most, len(all))], nil
}

// order is a column that lists are sorted by.
type order struct {
	column string
	rising bool
	key    func(r *row) int64
}

// byID sorts by the opening.
const byID = "t.id"

var orders = map[ticket.Sort]order{
	ticket.SortDefault: {byID, false, func(r *row) int64 { return r.id }},
	ticket.SortOpened:  {byID, false, func(r *row) int64 { return r.id }},
	ticket.SortUpdated: {"t.updated_at", false, func(r *row) int64 { return r.updated }},
	ticket.SortDue:     {"t.due_at", true, func(r *row) int64 { return r.due }},
	ticket.SortUrgency: {"t.urgency", false, func(r *row) int64 { return r.urgency }},
}

// before reports whether one place comes before another of the same tier.
func (q *query) before(x, y place) bool {
	c := cmp.Or(cmp.Compare(x.key, y.key), cmp.Compare(x.id, y.id))
	if q.order.rising {
		return c < 0
	}
	return c > 0
}

// start is before all places of a tier.
func (q *query) start(tier int) place {
	if q.order.rising {
		return place{tier, math.MinInt64, math.MinInt64}
	}
	return place{tier, math.MaxInt64, math.MaxInt64}
}
