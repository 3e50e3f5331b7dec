package storetest

import (
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

func storeCases() []testCase {
	return []testCase{
		{"clock", storeClock},
		{"check", storeCheck},
		{"closed: every call fails", storeClosed},
	}
}

func storeClock(b *bench) {
	var last time.Time
	for range 5 {
		now, err := b.s.Clock(b.ctx)
		b.ok(err)
		if now.IsZero() || now.Before(last) {
			b.Errorf("%v after %v", now, last)
		}
		last = now
	}
}

func storeCheck(b *bench) { b.ok(b.s.Check(b.ctx)) }

func storeClosed(b *bench) {
	was := b.paged(prometheus, "alice")
	b.ok(b.s.Close())
	for name, call := range everyCall(b, was) {
		if err := call(); err == nil {
			b.Errorf("%s: no error after Close", name)
		}
	}
}

// everyCall is each call of a store, by name. The store accepts the arguments.
func everyCall(b *bench, was ticket.Record) map[string]func() error {
	s, ctx, number := b.s, b.ctx, was.Ticket.Number
	page := Page(&was.Ticket, "alice")
	drop := func(_ any, err error) error { return err }
	return map[string]func() error{
		"Observe": func() error {
			return drop(s.Observe(ctx, prometheus, []escalation.Observation{Observation(Alert(prometheus, "f1"), At(0))}))
		},
		"Load":    func() error { return drop(s.Load(ctx, prometheus, []string{number})) },
		"Alerts":  func() error { return drop(s.Alerts(ctx, prometheus, []string{"f1"})) },
		"Grouped": func() error { return drop(s.Grouped(ctx, prometheus, SenderGroup)) },
		"Locate":  func() error { return drop(s.Locate(ctx, number)) },
		"Numbers": func() error { return drop(s.Numbers(ctx, prometheus, Prefix, 1)) },
		"Commit":  func() error { return drop(s.Commit(ctx, prometheus, []escalation.Change{Next(was, nil)})) },
		"Due":     func() error { _, _, err := s.Due(ctx, At(0), 1); return err },
		"Clock":   func() error { return drop(s.Clock(ctx)) },
		"Check":   func() error { return s.Check(ctx) },
		"Claim": func() error {
			_, _, err := s.Claim(ctx, paging.ClaimRequest{Owner: "one", Now: At(0), Until: At(lease), Limit: 1})
			return err
		},
		"Pace": func() error {
			_, err := s.Pace(ctx, At(0), []paging.Turn{{Pace: "one", Every: time.Second}}, false)
			return err
		},
		"Extend":  func() error { return s.Extend(ctx, []paging.ClaimRef{{Source: prometheus}}, At(lease)) },
		"Finish":  func() error { return drop(s.Finish(ctx, []paging.Outcome{sent(page, 1, At(0))})) },
		"Receipt": func() error { _, _, err := s.Receipt(ctx, receiptOf(page, ticket.PageSent, 1)); return err },
		"Pages":   func() error { return drop(s.Pages(ctx, prometheus, number)) },
		"Stats":   func() error { return drop(s.Stats(ctx)) },
		"Reserve": func() error { return drop(s.Reserve(ctx, reservation(alicePhone, 1, At(0)))) },
		"Release": func() error { return s.Release(ctx, alicePhone, number, At(0)) },
		"Codes":   func() error { return drop(s.Codes(ctx, alicePhone)) },
		"Link":    func() error { return drop(s.Link(ctx, "hash")) },
		"Devices": func() error { return drop(s.Devices(ctx, "alice")) },
		"PutDevice": func() error {
			return drop(s.PutDevice(ctx, device("alice", "t1", 1)))
		},
		"DropDevice": func() error { return s.DropDevice(ctx, "alice", "id") },
		"Tickets": func() error {
			_, _, err := s.Tickets(ctx, ticket.Query{Scope: ticket.Everything(), Limit: 1})
			return err
		},
		"View": func() error { return drop(s.View(ctx, number)) },
	}
}
