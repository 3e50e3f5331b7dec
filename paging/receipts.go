package paging

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Receive records a delivery receipt (Listener). If the page failed, the
// ticket hears of it at once.
func (o *Outbox) Receive(ctx context.Context, r Receipt, class Class) error {
	r.At = o.clock.Now()
	r.Entry = &ticket.Entry{At: r.At, Kind: ticket.EntryPage, Via: "receipt", Said: ticket.Said{
		Detail: ticket.Detail(r.State), // delivered, undelivered, failed
		Args:   ticket.Args{Person: r.Key.Person, Channel: r.Key.Channel, Error: ticket.Cut(r.Error, ticket.MaxEntryText/2)},
	}}
	if r.Key != (ticket.PageKey{}) {
		r.Entry.Page = r.Key.String()
	}
	page, err := o.receive(ctx, r, class)
	if err != nil {
		return err
	}
	if health := o.carriers.named(page.Channel, page.Provider); health != nil {
		health.receipt(true, time.Now())
	}
	for _, other := range page.Carries { // they went out in the same message
		r.Source, r.Key, r.ProviderID = other.Source, other.PageKey, ""
		entry := *r.Entry
		entry.Page = other.String()
		r.Entry = &entry
		if _, err := o.receive(ctx, r, class); err != nil && !errors.Is(err, escalation.ErrNotFound) {
			return err
		}
	}
	return nil
}

// tellWithin is how long the daemon that records a failed receipt may take to
// tell the page's ticket. Then another daemon does. It is longer than a store
// may take.
const tellWithin = 15 * time.Second

// receive records a receipt of one page. A failure is held until its ticket
// has heard of it. If the daemon dies in between, another one tells the
// ticket.
func (o *Outbox) receive(ctx context.Context, r Receipt, class Class) (ticket.Page, error) {
	if failure(r.State) {
		r.Hold = &Hold{
			Owner: o.set.Owner, Until: r.At.Add(tellWithin),
			Token: 1 + rand.Int64N(1<<62), //nolint:gosec // it fences claims off; it is no secret
		}
	}
	page, changed, err := o.store.Receipt(ctx, r)
	if err != nil {
		return page, fmt.Errorf("paging: receipt %s of page %s: %w", r.ProviderID, r.Key, err)
	}
	if changed {
		o.metrics.receipt(page, class)
		o.moved(page.Source, page.Ticket)
	}
	if changed && page.State == ticket.PageDelivered {
		person, _ := o.actions.Rules().Directory.Recipient(page.Person)
		arrived(ctx, o.prover, o.way(page.Channel), person, Proof{Address: page.Address, At: r.At})
	}
	if !failure(page.State) || page.State != r.State {
		return page, nil
	}
	pages, err := o.answered(ctx, &page)
	if err != nil {
		return page, fmt.Errorf("paging: pages of %s: %w", page.Ticket, err)
	}
	if err := o.tell(ctx, &page, o.undelivered(&page, pages, changed, class)); err != nil || !changed {
		return page, err
	}
	if _, err := o.store.Finish(ctx, []Outcome{told(&page, r.Hold.Token)}); err != nil {
		o.log.Warn("a ticket that has heard of a page that did not arrive will hear of it again: the store does not answer",
			zap.Stringer("page", page.PageKey), zap.Error(err))
	}
	return page, nil
}

// A receipt may come before its order's answer. If the answer would tell which
// of several numbers and providers failed, the receipt waits a little for it.
const (
	answerLooks = 10
	answerWaits = 50 * time.Millisecond
)

// answered reads the pages of a failed page's ticket. It waits a little for
// the order's answer.
func (o *Outbox) answered(ctx context.Context, page *ticket.Page) ([]ticket.Page, error) {
	for look := 1; ; look++ {
		pages, err := o.store.Pages(ctx, page.Source, page.Ticket)
		if i := slices.IndexFunc(pages, func(p ticket.Page) bool { return p.PageKey == page.PageKey }); i >= 0 {
			page.Address, page.Provider = pages[i].Address, pages[i].Provider
		}
		if err != nil || page.Address != "" || !o.addressed(page.Channel) || look == answerLooks || o.alone(page) {
			return pages, err
		}
		wait, stop := o.clock.NewTimer(answerWaits)
		select {
		case <-wait:
		case <-ctx.Done():
			stop()
			return nil, ctx.Err()
		}
		stop()
	}
}

// others is how many more addresses and providers there are to try than those
// of a page.
func (o *Outbox) others(page *ticket.Page) int {
	return len(o.addresses(page.Person, page.Channel))*max(len(o.carriers.of(page.Channel)), 1) - 1
}

// mayAgain says whether a page may be ordered once more for another number or
// provider: as many times a round as there are others. It counts the pages
// that were ordered since, and all pages: if a clock was set back, new pages
// look older than their round.
func mayAgain(page *ticket.Page, pages []ticket.Page, others int) bool {
	var round time.Time
	rounds, since, all := 0, 0, 0
	of := func(p *ticket.Page) bool {
		return p.Person == page.Person && p.Channel == page.Channel && p.Episode == page.Episode && p.Step == page.Step
	}
	for i := range pages {
		if p := &pages[i]; of(p) && !p.Round.Again {
			rounds++
			if p.At.After(round) {
				round = p.At
			}
		}
	}
	for i := range pages {
		if p := &pages[i]; of(p) && p.Round.Again {
			all++
			if !p.At.Before(round) {
				since++
			}
		}
	}
	if rounds == 0 && since > 0 { // the page that a snooze asked for is in the place of a round
		since, all = since-1, all-1
	}
	return since < others && all < others*max(rounds, 1)
}

// first says that a page out of turn is the first one of its step to that person by that
// channel: a snooze asked for it, and it is in the place of a round.
func first(page *ticket.Page, pages []ticket.Page) bool {
	return page.Step.Kind == ticket.ForEverybody && page.Round.Again && !slices.ContainsFunc(pages, func(p ticket.Page) bool {
		return tries(&p, page) && (!p.Round.Again || p.Round.N < page.Round.N)
	})
}

// alone reports whether there is only one number and one provider to try.
func (o *Outbox) alone(page *ticket.Page) bool {
	return len(o.addresses(page.Person, page.Channel)) == 1 && len(o.carriers.of(page.Channel)) < 2
}

func failure(s ticket.PageState) bool { return s == ticket.PageUndelivered || s == ticket.PageFailed }

// told is the outcome of a page whose ticket has heard that it did not arrive.
func told(p *ticket.Page, token int64) Outcome {
	return Outcome{Source: p.Source, Key: p.PageKey, Token: token, State: p.State, Address: p.Address, Error: p.Error}
}

// untold tells a ticket of a page that did not arrive, because the daemon that
// was to tell it did not. If the store does not answer, the claim runs out,
// and somebody tries again.
func (o *Outbox) untold(ctx context.Context, stopping <-chan struct{}, c Claim) {
	page, out := &c.Page, told(&c.Page, c.Token)
	pages, err := o.store.Pages(ctx, page.Source, page.Ticket)
	if err == nil {
		fresh := !slices.ContainsFunc(pages, func(p ticket.Page) bool { return tries(&p, page) && !p.At.Before(page.ReceiptAt) })
		err = o.tell(ctx, page, o.undelivered(page, pages, fresh, Transient)) // the class was not stored
	}
	if err != nil {
		o.held.drop([]Outcome{out})
		o.metrics.storeErrors.Inc()
		o.log.Error("a ticket has not heard yet of a page that did not arrive: the store does not answer", zap.Stringer("page", page.PageKey), zap.Error(err))
		return
	}
	o.finish(ctx, stopping, []Outcome{out})
}

// tries reports whether p tries to reach the same person by the same channel
// in the same step.
func tries(p, page *ticket.Page) bool {
	return p.PageKey != page.PageKey && p.Person == page.Person && p.Channel == page.Channel && p.Episode == page.Episode && p.Step == page.Step
}

// tell brings events of a page to its ticket.
func (o *Outbox) tell(ctx context.Context, page *ticket.Page, events []escalation.Event) error {
	for _, event := range events {
		if err := o.actions.Tell(ctx, page.Source, page.Ticket, event); err != nil && !errors.Is(err, escalation.ErrNotFound) {
			return fmt.Errorf("paging: receipt of %s: %w", page.PageKey, err)
		}
	}
	return nil
}

// unknownTries is how many pages of one person may fail before an order's
// answer told which number each went to.
const unknownTries = 2

// undelivered is what a ticket has to hear of a page that did not arrive. It
// is nothing if a later page arrived. It is another try if the person has
// another number, or there is another provider. Otherwise it is a failure; if
// the cause may pass, it is another try as well. fresh says that nobody made
// it try again yet.
func (o *Outbox) undelivered(page *ticket.Page, pages []ticket.Page, fresh bool, class Class) []escalation.Event {
	tried := map[string]bool{page.Address: true, page.Address + " " + page.Provider: true}
	unknown := 0
	for i := range pages {
		p := &pages[i]
		if p.Person != page.Person || p.Channel != page.Channel || p.Episode != page.Episode {
			continue
		}
		tried[p.Address] = true
		tried[p.Address+" "+p.Provider] = true
		if p.Address == "" && failure(p.State) && p.Step == page.Step {
			unknown++
		}
		if tries(p, page) && p.At.After(page.At) && p.State == ticket.PageDelivered {
			return nil
		}
	}
	switch {
	case o.addressed(page.Channel) && unknown < unknownTries && o.another(page, tried) && mayAgain(page, pages, o.others(page)):
		if fresh {
			return []escalation.Event{escalation.PageAgain{Key: page.PageKey, Another: true}}
		}
		return nil
	case page.Kind == ticket.KindPage && class == Transient && fresh && (!page.Round.Again || first(page, pages)):
		return []escalation.Event{escalation.PageFailed{Key: page.PageKey}, escalation.PageAgain{Key: page.PageKey}}
	}
	return []escalation.Event{escalation.PageFailed{Key: page.PageKey}}
}

// another reports whether the page's person has a number, or the channel a
// provider, that was not tried. A receipt that came before its order's answer
// does not say which number and provider it is about. If there is only one of
// each, it is those.
func (o *Outbox) another(page *ticket.Page, tried map[string]bool) bool {
	if page.Address == "" && o.alone(page) {
		return false
	}
	return slices.ContainsFunc(o.addresses(page.Person, page.Channel), func(address string) bool { return !tried[address] }) ||
		slices.ContainsFunc(o.carriers.of(page.Channel), func(k carrier) bool { return page.Provider != "" && !tried[page.Address+" "+k.Name] })
}
