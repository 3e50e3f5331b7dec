package paging

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Receive records a delivery receipt (Listener). A failed one is a failure
// now: the ticket hears of it at once.
func (o *Outbox) Receive(ctx context.Context, r Receipt, class Class) error {
	r.At = o.clock.Now()
	text := string(r.State)
	if r.Error != "" {
		text += ": " + r.Error
	}
	r.Entry = &ticket.Entry{At: r.At, Kind: ticket.EntryPage, Via: "receipt", Text: "receipt: " + text}
	if r.Key != (ticket.PageKey{}) {
		r.Entry.Page = r.Key.String()
		r.Entry.Text = fmt.Sprintf("%s to %s: %s", r.Key.Channel, r.Key.Person, text)
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

// receive records a receipt of one page.
func (o *Outbox) receive(ctx context.Context, r Receipt, class Class) (ticket.Page, error) {
	page, changed, err := o.store.Receipt(ctx, r)
	if err != nil {
		return page, fmt.Errorf("paging: receipt %s of page %s: %w", r.ProviderID, r.Key, err)
	}
	if changed {
		o.metrics.receipt(page, class)
	}
	failed := page.State == ticket.PageUndelivered || page.State == ticket.PageFailed
	if !failed || page.State != r.State || page.Kind != ticket.KindPage {
		return page, nil
	}
	events, err := o.undelivered(ctx, &page, changed, class)
	if err != nil {
		return page, err
	}
	for _, event := range events {
		if err := o.actions.Tell(ctx, page.Source, page.Ticket, event); err != nil && !errors.Is(err, escalation.ErrNotFound) {
			return page, fmt.Errorf("paging: receipt of %s: %w", page.PageKey, err)
		}
	}
	return page, nil
}

// undelivered is what a ticket has to hear of a page that did not arrive:
// nothing where a later one did; another try where the person has another
// number, or there is another provider; else a failure, and, where the trouble may pass, another try beside.
func (o *Outbox) undelivered(ctx context.Context, page *ticket.Page, changed bool, class Class) ([]escalation.Event, error) {
	pages, err := o.store.Pages(ctx, page.Source, page.Ticket)
	if err != nil {
		return nil, fmt.Errorf("paging: pages of %s: %w", page.Ticket, err)
	}
	tried := map[string]bool{page.Address: true, page.Address + " " + page.Provider: true}
	for i := range pages {
		p := &pages[i]
		if p.Person != page.Person || p.Channel != page.Channel || p.Episode != page.Episode {
			continue
		}
		tried[p.Address] = true
		tried[p.Address+" "+p.Provider] = true
		if p.Step == page.Step && p.At.After(page.At) && p.State == ticket.PageDelivered {
			return nil, nil
		}
	}
	person, _ := o.actions.Rules().Directory.Person(page.Person)
	another := slices.ContainsFunc(person.Phones, func(number string) bool { return !tried[number] }) ||
		slices.ContainsFunc(o.carriers.of(page.Channel), func(k carrier) bool { return page.Provider != "" && !tried[page.Address+" "+k.Name] })
	switch {
	case page.Channel == "sms" && another:
		if changed {
			return []escalation.Event{escalation.PageAgain{Key: page.PageKey, Another: true}}, nil
		}
		return nil, nil
	case class == Transient && changed && page.Round < escalation.AgainRound:
		return []escalation.Event{escalation.PageFailed{Key: page.PageKey}, escalation.PageAgain{Key: page.PageKey}}, nil
	}
	return []escalation.Event{escalation.PageFailed{Key: page.PageKey}}, nil
}
