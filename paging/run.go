package paging

import (
	"context"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/internal/ticket"
)

const (
	longestNap = time.Second // another daemon may have died with claimed pages
	storeNap   = 250 * time.Millisecond
	// staleAfter is how long a claimed page may wait for a sender. After that it
	// is claimed again, so that its ticket is asked again whether it is wanted.
	staleAfter = time.Second
	// gatherMost is how many pages are claimed together at most, to be bundled.
	gatherMost = 1000
)

// Run claims and sends until ctx ends. Then it waits for what is being sent;
// providers get at most Patience.
func (o *Outbox) Run(ctx context.Context) error {
	var beside sync.WaitGroup
	extending, done := context.WithCancel(context.WithoutCancel(ctx))
	defer done()
	beside.Go(func() { o.extend(extending) })
	beside.Go(func() { o.release(ctx) })
	beside.Go(func() { o.watchReceipts(ctx) })
	beside.Go(func() { o.gatherOutcomes(extending) })
	o.shortcut.begin(context.WithoutCancel(ctx), ctx.Done())
	for ctx.Err() == nil {
		nap := o.claim(ctx)
		wait, stop := o.clock.NewTimer(nap)
		select {
		case <-wait:
		case <-o.wake:
		case <-ctx.Done():
		}
		stop()
	}
	o.shortcut.end()
	o.sending.Wait()
	done()
	beside.Wait()
	return nil
}

// claim hands out pages until none is ready. It says how long to sleep.
func (o *Outbox) claim(ctx context.Context) time.Duration {
	for ctx.Err() == nil {
		free := o.slots.free()
		now := o.clock.Now()
		if free.urgent == 0 {
			select {
			case <-free.freed:
				continue
			case <-ctx.Done():
				return 0
			}
		}
		claims, next, err := o.gatherFor(ctx, now, free)
		if err != nil {
			if ctx.Err() == nil {
				o.metrics.storeErrors.Inc()
				o.log.Error("pages cannot be claimed: the store does not answer", zap.Error(err))
			}
			return storeNap
		}
		o.dispatch(context.WithoutCancel(ctx), ctx.Done(), claims)
		switch {
		case len(claims) > 0 && !next.After(now) && !next.IsZero():
		case free.normal == 0 || len(free.sated) > 0: // the other pages wait for a sender
			if !o.await(ctx, free.freed) {
				return 0
			}
		case next.IsZero():
			return longestNap
		case next.After(now):
			return min(next.Sub(now), longestNap)
		default:
			return storeNap // some cannot be claimed now
		}
	}
	return 0
}

// await waits until a sender is free again, or until there is something new.
func (o *Outbox) await(ctx context.Context, freed <-chan struct{}) bool {
	wait, stop := o.clock.NewTimer(longestNap)
	defer stop()
	select {
	case <-freed:
	case <-o.wake:
	case <-wait:
	case <-ctx.Done():
		return false
	}
	return true
}

// gatherFor claims as many pages as there are senders for. The last senders
// are kept for critical pages. A source that uses its share gets no more.
func (o *Outbox) gatherFor(ctx context.Context, now time.Time, free room) (claims []Claim, next time.Time, err error) {
	r := ClaimRequest{Owner: o.set.Owner, Now: now, Until: now.Add(o.set.Lease)}
	if free.normal == 0 || len(free.sated) > 0 {
		critical := r
		critical.Limit, critical.AtLeast, critical.Except = free.urgent, ticket.Critical, free.full
		claims, next, err = o.gather(ctx, critical)
	}
	left := max(free.normal-len(claims), 0)
	if err != nil || left == 0 {
		return claims, next, err
	}
	r.Limit, r.Except = left, free.sated
	more, next, err := o.gather(ctx, r)
	if len(claims) > 0 && err != nil { // what is claimed must be sent
		o.log.Warn("no more pages can be claimed: the store does not answer", zap.Error(err))
		next, err = now, nil
	}
	return append(claims, more...), next, err
}

// gather claims pages. If a person has so many SMS that they become one, it
// claims on: the one SMS has to count them all.
func (o *Outbox) gather(ctx context.Context, r ClaimRequest) ([]Claim, time.Time, error) {
	claims, next, err := o.store.Claim(ctx, r)
	o.held.add(claims)
	for err == nil && !next.IsZero() && !next.After(r.Now) && len(claims) < gatherMost && o.crowded(claims) {
		r.Limit = gatherMost - len(claims)
		more, later, errMore := o.store.Claim(ctx, r)
		if errMore != nil { // what is claimed must be sent
			o.log.Warn("no more pages can be claimed: the store does not answer", zap.Error(errMore))
			break
		}
		o.held.add(more)
		claims, next = append(claims, more...), later
		if len(more) == 0 {
			break
		}
	}
	return claims, next, err
}

// extend keeps the claims alive while their pages are being sent.
func (o *Outbox) extend(ctx context.Context) {
	for {
		wait, stop := o.clock.NewTimer(o.set.Lease / 4)
		select {
		case <-wait:
		case <-ctx.Done():
			stop()
			return
		}
		held := o.held.all()
		if len(held) == 0 {
			continue
		}
		if err := o.store.Extend(ctx, held, o.clock.Now().Add(o.set.Lease)); err != nil && ctx.Err() == nil {
			o.metrics.storeErrors.Inc()
			o.log.Warn("claims cannot be extended: pages in hand may be sent twice", zap.Error(err))
		}
	}
}

// putBack gives claimed pages back as they were, to be claimed from at on.
func (o *Outbox) putBack(ctx context.Context, stopping <-chan struct{}, claims []Claim, at time.Time) {
	outs := make([]Outcome, len(claims))
	for i := range claims {
		p := &claims[i].Page
		outs[i] = Outcome{
			Source: p.Source, Key: p.PageKey, Token: claims[i].Token, State: ticket.PageQueued, RetryAt: at,
			Untried: true, Address: p.Address, Error: p.Error, Provider: p.Provider, Unclear: claims[i].Again,
		}
	}
	if len(outs) > 0 {
		o.finish(ctx, stopping, outs)
		o.Wake() // at may come before the next look
	}
}

// held are the claims that this daemon has.
type held struct {
	mu     sync.Mutex
	claims map[ClaimRef]struct{}
}

func (h *held) add(claims []Claim) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.claims == nil {
		h.claims = map[ClaimRef]struct{}{}
	}
	for i := range claims {
		h.claims[claims[i].Ref()] = struct{}{}
	}
}

func (h *held) drop(outs []Outcome) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := range outs {
		delete(h.claims, ClaimRef{Source: outs[i].Source, Key: outs[i].Key, Token: outs[i].Token})
	}
}

func (h *held) all() []ClaimRef {
	h.mu.Lock()
	defer h.mu.Unlock()
	list := make([]ClaimRef, 0, len(h.claims))
	for c := range h.claims {
		list = append(list, c)
	}
	return list
}
