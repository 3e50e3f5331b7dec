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
	receiptsKept    = 256             // messages watched at once
)

// awaited are messages that providers took and for which receipts should come.
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

// expect watches a message. It is enough to watch a few of many.
func (a *awaited) expect(c Claim, sent handed, at time.Time, devices bool) {
	// The phone reports a push, and may be off. So a missing report says nothing
	// of the push service.
	if !sent.receipts || devices {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.list) < receiptsKept {
		a.list = append(a.list, awaitedPage{c.Page.Source, c.Page.PageKey, sent.provider, at})
	}
}

// due takes the messages off the list whose receipts should have come by now.
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

// watchReceipts looks now and then whether the receipts for sent messages have
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
		return // nothing can be said about the provider
	}
	for i := range pages {
		if pages[i].PageKey == p.key {
			health.receipt(!pages[i].ReceiptAt.IsZero(), time.Now())
		}
	}
}
