package redisstore

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/binary"
	"slices"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// lookMore is how many unwanted pages of one source a claim clears away at
// most, while it looks for wanted ones.
const lookMore = 1000

// Claim implements paging.Store. For one source it is one script. For several,
// one round trip looks at the heads of all queues; if not all are empty, a
// second claims from the right ones. Another daemon may have taken pages in
// between: then Claim looks again. If some sources cannot be asked, Claim
// works on the others, and asks to be called again at once.
func (s *Store) Claim(ctx context.Context, req paging.ClaimRequest) ([]paging.Claim, time.Time, error) {
	token, err := newToken()
	if err != nil {
		return nil, time.Time{}, failed(err, "claim pages for %s", req.Owner)
	}
	r := &claimRun{s: s, ClaimRequest: req, token: token, queues: map[string]*queue{}}
	err = r.run(ctx)
	if err != nil && len(r.claims) == 0 {
		return nil, time.Time{}, failed(err, "claim pages for %s", req.Owner)
	}
	slices.SortStableFunc(r.claims, func(a, b paging.Claim) int {
		return cmp.Or(cmp.Compare(b.Page.Urgency, a.Page.Urgency), a.Page.At.Compare(b.Page.At))
	})
	next := r.next()
	if err != nil {
		next = req.Now
	}
	return r.claims, next, nil
}

// newToken makes the token of a claim, which no other claim has. It is drawn,
// not counted: a server may have forgotten claims in a failover.
func newToken() (int64, error) {
	var b [8]byte
	if _, err := rand.Read(b[:]); err != nil {
		return 0, err
	}
	return int64(binary.BigEndian.Uint64(b[:]) >> 1), nil
}

// claimRun is one call of Claim.
type claimRun struct {
	paging.ClaimRequest
	s     *Store
	token int64

	claims []paging.Claim
	queues map[string]*queue // by source
}

// queue is what is known of one source's queue.
type queue struct {
	more bool // some pages are ready
	// later is when the next page that waits is ready. runsOut is when the first
	// claim from before this call runs out.
	later, runsOut time.Time
}

// head is one ready page of a source.
type head struct {
	source  string
	urgency int64
	at      float64 // its score in the queue
}

// share is how many pages to take from a source, and how many to look at.
type share struct {
	source     string
	take, look int
}

func (r *claimRun) run(ctx context.Context) error {
	heads, err := r.look(ctx, true)
	for len(heads) > 0 && len(r.claims) < r.Limit {
		wanted := r.Limit - len(r.claims)
		if errClaim := r.claim(ctx, r.shares(heads, wanted)); err == nil {
			err = errClaim
		}
		if err != nil || len(heads) < wanted || len(r.claims) == r.Limit {
			return err
		}
		heads, err = r.look(ctx, false)
	}
	return err
}

// look reads the heads of all queues. If there is one source, it claims from
// it at once.
func (r *claimRun) look(ctx context.Context, first bool) (heads []head, err error) {
	alone := ""
	if known := r.s.known(); first && len(known) == 1 {
		alone = sourceKey(known[0])
	}
	err = overAll(ctx, r.s, func(source string) []*call {
		key := sourceKey(source)
		if slices.Contains(r.Except, source) {
			return nil
		}
		if key == alone {
			return []*call{r.claimCall(ctx, share{source, r.Limit, r.Limit + lookMore})}
		}
		return []*call{r.s.scripts.peek.on(ctx, key, stamp(r.Now), r.Limit, int(r.AtLeast))}
	}, func(source string, cmds []*call) error {
		if len(cmds) == 0 {
			return nil
		}
		if sourceKey(source) == alone {
			return r.readClaims(ctx, source, cmds[0].reply())
		}
		found, err := r.readPeek(source, cmds[0].reply())
		heads = append(heads, found...)
		return err
	})
	return heads, err
}

func (r *claimRun) readPeek(source string, rep *reply) (heads []head, err error) {
	rep.list(func(inner *reply) {
		for inner.more() {
			heads = append(heads, head{source: source, urgency: inner.number(), at: inner.score()})
		}
	})
	r.seen(source, len(heads) > 0, rep.time(), rep.time())
	return heads, rep.err
}

// claim runs script claim on the sources that have a share.
func (r *claimRun) claim(ctx context.Context, shares []share) error {
	cmds := make([]redis.Cmder, len(shares))
	for i, sh := range shares {
		cmds[i] = r.claimCall(ctx, sh)
	}
	err := r.s.run(ctx, cmds...)
	for i, cmd := range cmds {
		if c, ok := cmd.(*call); ok && !broken(cmds[i:i+1]) {
			if errRead := r.readClaims(ctx, shares[i].source, c.reply()); err == nil {
				err = errRead
			}
		}
	}
	return err
}

func (r *claimRun) claimCall(ctx context.Context, sh share) *call {
	return r.s.scripts.claim.on(ctx, sourceKey(sh.source),
		stamp(r.Now), r.Owner, stamp(r.Until), r.token, sh.take, sh.look, int(r.AtLeast))
}

func (r *claimRun) readClaims(ctx context.Context, source string, rep *reply) error {
	tickets, damaged := map[string]ticket.Ticket{}, map[string]string{}
	rep.each(func(item *reply) {
		claim := paging.Claim{Token: r.token}
		key, fields, text := item.text(), item.fields(), item.text()
		claim.Again = item.text() == "1"
		var ok bool
		if claim.Page, ok = r.s.pageOf(source, key, fields); !ok {
			return
		}
		number := claim.Page.Ticket
		if _, found := tickets[number]; !found {
			t, err := r.s.ticketOf(number, text)
			if err != nil {
				damaged[number] = text
				t = standIn(&claim.Page)
			}
			tickets[number] = t
		}
		claim.Ticket = tickets[number]
		r.claims = append(r.claims, claim)
	})
	_ = r.s.abandon(ctx, source, damaged) // otherwise whoever reads them next does it
	r.seen(source, rep.text() == "1", rep.time(), rep.time())
	return rep.err
}

// standIn stands for a ticket that cannot be read, in the state that wants the
// page.
func standIn(p *ticket.Page) ticket.Ticket {
	state := ticket.Open
	for _, s := range []ticket.State{ticket.Open, ticket.Acknowledged, ticket.StateResolved} {
		if p.WantedFor(s, p.Episode) {
			state = s
			break
		}
	}
	return ticket.Damaged(p.Ticket, p.Source, state, p.Urgency, p.Episode)
}

// seen notes what a script said of the rest of a queue. It takes the time at
// which claims run out from the first answer alone: later answers include this
// call's own claims.
func (r *claimRun) seen(source string, more bool, later, runsOut time.Time) {
	q, found := r.queues[source]
	if !found {
		q = &queue{runsOut: runsOut}
		r.queues[source] = q
	}
	q.more, q.later = more, later
}

// next is when the next page that was not taken becomes ready. A claim runs
// out only after its end.
func (r *claimRun) next() time.Time {
	var next time.Time
	for _, q := range r.queues {
		if q.more {
			return r.Now
		}
		next = sooner(next, q.later)
		if !q.runsOut.IsZero() {
			next = sooner(next, q.runsOut.Add(time.Microsecond))
		}
	}
	return next
}

// shares says how many of n pages each source gets. The most urgent pages go
// first. Among pages of one urgency, the sources take turns. If only one
// source has pages, more of its queue may be searched.
func (r *claimRun) shares(heads []head, n int) []share {
	sources := map[string]bool{}
	for _, h := range heads {
		sources[h.source] = true
	}
	if len(sources) == 1 {
		return []share{{heads[0].source, n, n + lookMore}}
	}
	queues := map[string][]head{} // each queue in its order
	for _, h := range heads {
		queues[h.source] = append(queues[h.source], h)
	}
	var parts []share
	for range min(n, len(heads)) {
		source := r.s.turns.next(queues)
		i := slices.IndexFunc(parts, func(p share) bool { return p.source == source })
		if i < 0 {
			i = len(parts)
			parts = append(parts, share{source: source})
		}
		parts[i].take++
		parts[i].look++
	}
	return parts
}

// turns say in which order sources were served last, over all calls that this
// daemon makes to this store.
type turns struct {
	mu     sync.Mutex
	n      int64
	served map[string]int64
}

// next takes a page out of the queue of the source whose turn it is. Of the
// sources with the most urgent page, that is the one served longest ago; if
// several were never served, the one whose page has waited longest. At least
// one queue must have a page.
func (t *turns) next(queues map[string][]head) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var first *head
	for _, q := range queues {
		if len(q) > 0 && (first == nil || cmp.Or(cmp.Compare(first.urgency, q[0].urgency),
			cmp.Compare(t.served[q[0].source], t.served[first.source]), cmp.Compare(q[0].at, first.at)) < 0) {
			first = &q[0]
		}
	}
	if t.served == nil {
		t.served = map[string]int64{}
	}
	t.n++
	t.served[first.source] = t.n
	queues[first.source] = queues[first.source][1:]
	return first.source
}

// Extend implements paging.Store: one round trip, one script for each source.
func (s *Store) Extend(ctx context.Context, claims []paging.ClaimRef, until time.Time) error {
	args := map[string][]any{}
	for _, c := range claims {
		if args[c.Source] == nil {
			args[c.Source] = []any{stamp(until)}
		}
		args[c.Source] = append(args[c.Source], c.Key.String(), c.Token)
	}
	var cmds []redis.Cmder
	for source, a := range args {
		cmds = append(cmds, s.scripts.extend.on(ctx, sourceKey(source), a...))
	}
	if err := s.run(ctx, cmds...); err != nil {
		return failed(err, "extend %d claims", len(claims))
	}
	return nil
}

// Pace implements paging.Store: one script. All paces share a slot, so that
// one script can take several turns.
func (s *Store) Pace(ctx context.Context, now time.Time, turns []paging.Turn, forced bool) (time.Time, error) {
	args := make([]any, 0, 2+3*len(turns))
	args = append(args, now.UnixMicro(), flag(forced))
	for _, t := range turns {
		args = append(args, t.Pace, t.Every.Microseconds(), max(t.Burst, 1))
	}
	c := s.scripts.pace.on(ctx, paceKey, args...)
	if err := s.run(ctx, c); err != nil {
		return time.Time{}, failed(err, "take a turn")
	}
	at, err := c.Int64()
	if err != nil || at == 0 {
		return time.Time{}, err
	}
	return time.UnixMicro(at), nil
}
