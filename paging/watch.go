package paging

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// When receipts count as missing.
const (
	receiptsLook    = 30 * time.Second
	receiptsDue     = 2 * time.Minute // after it was sent
	receiptsMissing = 3               // in a row
	receiptsKept    = 256             // messages that are watched at once
)

// awaited are messages that providers took and that receipts should come of.
type awaited struct {
	mu   sync.Mutex
	list []awaitedPage
}

type awaitedPage struct {
	source   string
	key      ticket.PageKey
	provider string
	at       time.Time
}

// expect watches a message. A few of many are enough.
func (a *awaited) expect(c Claim, sent handed, at time.Time, devices bool) {
	// A push is told of by its phone, which may be off: nothing follows from that for
	// the push service.
	if !sent.receipts || devices {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.list) < receiptsKept {
		a.list = append(a.list, awaitedPage{c.Page.Source, c.Page.PageKey, sent.provider, at})
	}
}

// due takes those off the list whose receipt should have come by now.
func (a *awaited) due(now time.Time) (due []awaitedPage) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.list = slices.DeleteFunc(a.list, func(p awaitedPage) bool {
		over := now.Sub(p.at) >= receiptsDue
		if over {
			due = append(due, p)
		}
		return over
	})
	return due
}

// watchReceipts looks now and then whether the receipts of what was sent have
// come, to this daemon or to another.
func (o *Outbox) watchReceipts(ctx context.Context) {
	for {
		wait, stop := o.clock.NewTimer(receiptsLook)
		select {
		case <-wait:
		case <-ctx.Done():
			stop()
			return
		}
		for _, p := range o.awaited.due(o.clock.Now()) {
			o.lookForReceipt(ctx, p)
		}
	}
}

func (o *Outbox) lookForReceipt(ctx context.Context, p awaitedPage) {
	health := o.carriers.named(p.key.Channel, p.provider)
	pages, err := o.store.Pages(ctx, p.source, p.key.Ticket)
	if err != nil || health == nil {
		return // nothing can be said of the provider
	}
	for i := range pages {
		if pages[i].PageKey == p.key {
			health.receipt(!pages[i].ReceiptAt.IsZero(), time.Now())
		}
	}
}
