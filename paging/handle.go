package paging

import (
	"context"
	"fmt"
	"slices"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// undealtNap is how long a page waits if the store did not take what its ticket had to
// hear. The provider is asked again then, which refused it for good before, so it is
// not asked four times within ten seconds.
const undealtNap = 3 * time.Second

// handle does one claimed page, and gives its sender back once that is done
// with. stopping ends its patience with a store that does not answer.
func (o *Outbox) handle(ctx context.Context, stopping <-chan struct{}, c Claim) {
	log := o.log.With(zap.String("ticket", c.Page.Ticket), zap.Stringer("page", c.Page.PageKey))
	out, follow, err := o.attempted(ctx, c, log)
	o.slots.give(c.Page.Source, c.Page.Urgency)
	// The ticket hears of a failure before the page is put away: a daemon that
	// dies between the two tries the page again rather than forget the step.
	if err == nil && follow != nil {
		err = o.actions.Tell(ctx, c.Page.Source, c.Page.Ticket, follow)
	}
	if err != nil {
		o.metrics.storeErrors.Inc()
		log.Error("a page was not dealt with, and is tried again: the store does not answer", zap.Error(err))
		out = Outcome{State: ticket.PageQueued, RetryAt: o.clock.Now().Add(undealtNap), Address: c.Page.Address, Error: c.Page.Error}
	}
	out.Source, out.Key, out.Token = c.Page.Source, c.Page.PageKey, c.Token
	o.metrics.outcome(c, out, o.clock.Now())
	applied, recorded := o.finish(ctx, stopping, []Outcome{out})
	if recorded {
		o.tellLog(c, out, applied[0])
	}
	if out.State == ticket.PageQueued {
		o.Wake() // its RetryAt may come before the next look
	}
}

func (o *Outbox) tellLog(c Claim, out Outcome, applied bool) {
	log := o.log.With(zap.String("ticket", c.Page.Ticket), zap.Stringer("page", c.Page.PageKey))
	if !applied {
		log.Warn("a page's claim ran out while it was being sent; another daemon may have sent it too")
		return
	}
	log.Info("page", zap.String("state", string(out.State)), zap.String("channel", c.Page.Channel), zap.String("person", c.Page.Person),
		zap.String("provider", out.Provider), zap.String("provider_id", ticket.Logged(out.ProviderID)), zap.String("error", ticket.Logged(out.Error)))
}

// attempt decides whether the page is still right to send, sends it, and says
// what became of it and what its ticket has to hear.
func (o *Outbox) attempt(ctx context.Context, c Claim, log *zap.Logger) (Outcome, escalation.Event, error) {
	rules := o.actions.Rules()
	if out, event, done := o.stale(c, rules); done {
		return out, event, nil
	}
	person, known := rules.Directory.Recipient(c.Page.Person)
	way := o.way(c.Page.Channel)
	if !known || way == nil || len(o.carriers.of(way.Name)) == 0 {
		return o.dropped(c, ticket.WhyUnknown), escalation.PageFailed{Key: c.Page.PageKey}, nil
	}
	if isNotice(c.Page.Kind) {
		paged, sending, err := o.wasPaged(ctx, c)
		switch {
		case err != nil:
			return Outcome{}, nil, err
		case sending: // a notice never overtakes the page that it is about
			return Outcome{State: ticket.PageQueued, Untried: true, RetryAt: o.clock.Now().Add(noticeWaits), Error: c.Page.Error}, nil, nil
		case !paged:
			return o.dropped(c, ticket.WhyUnpaged), nil, nil
		}
	}
	sent, forgotten, err := o.sendBy(ctx, way, c, person, log)
	if err != nil {
		return Outcome{}, nil, err
	}
	out, event := o.judge(c, sent)
	if forgotten > 0 && out.Entry != nil {
		out.Entry.Args.Devices = forgotten
	}
	return out, event, nil
}

// Two daemons that disagree who is on duty, because one has not read yet what the other
// has, would page each in the place of the other's for as long as that lasts. So a page
// that was ordered in somebody's place, and whose person is off duty here, waits for
// whoever knows better: longer each time, and not for ever.
const (
	agreeLook = time.Second
	agreeNap  = 5 * time.Second // a daemon learns of a replacement within it
	agreeMost = time.Minute
)

// agrees is how long such a page waits since it was ordered.
func agrees(r ticket.KeyRound) time.Duration {
	if !r.Again {
		return agreeNap
	}
	return min(agreeNap*time.Duration(min(r.N, 100)+2), agreeMost)
}

// noticeFor is how long a notice is news.
const noticeFor = time.Hour

// reminds says whether the clock still runs of which a page reminds: it has not stopped or
// begun anew since.
func reminds(c *Claim) bool {
	clock, ok := c.Ticket.Clock(c.Page.Step.Kind.Reminds())
	return ok && c.Ticket.ClockStopped(&clock).IsZero() && !clock.From.After(c.Page.At)
}

// stale finds pages that time has overtaken since they were ordered.
func (o *Outbox) stale(c Claim, rules *escalation.Rules) (Outcome, escalation.Event, bool) {
	k := c.Page.PageKey
	now := o.clock.Now()
	if c.Page.Kind == ticket.KindDue && c.Ticket.PointDue() == nil { // somebody ticked it meanwhile
		return o.dropped(c, ticket.WhyOld), nil, true
	}
	if isNotice(c.Page.Kind) && now.Sub(c.Page.At) > noticeFor {
		return o.dropped(c, ticket.WhyOld), nil, true
	}
	if c.Page.Kind == ticket.KindReminder && (now.Sub(c.Page.At) > noticeFor || !reminds(&c)) {
		return o.dropped(c, ticket.WhyOld), nil, true
	}
	if run := c.Ticket.Progress.Everybody; k.Step.Kind == ticket.ForEverybody && run != nil && k.Round.Before(run.Round-1) && slices.Contains(run.Reached, k.Means()) {
		return o.dropped(c, ticket.WhyOvertaken), nil, true
	}
	step, ok := k.Step.In(min(len(c.Ticket.Policy.Steps), len(c.Ticket.Progress.Steps)))
	if c.Page.Kind != ticket.KindPage || !ok {
		return Outcome{}, nil, false
	}
	run := &c.Ticket.Progress.Steps[step]
	if run.Stopped {
		return o.dropped(c, ticket.WhyReplaced), nil, true
	}
	if k.Round.Before(run.Round-1) && slices.Contains(run.Reached, k.Means()) {
		return o.dropped(c, ticket.WhyOvertaken), nil, true
	}
	if opens, held := escalation.HeldBack(&c.Ticket, step, rules, now); held {
		return Outcome{State: ticket.PageQueued, RetryAt: opens, Error: c.Page.Error, Entry: o.tried(c, ticket.SaidHeld, ticket.Args{})}, nil, true
	}
	if person, ok := rules.Directory.Recipient(k.Person); ok {
		if until, sleeps := escalation.Asleep(&c.Ticket, &person, now); sleeps {
			return Outcome{State: ticket.PageQueued, RetryAt: until, Error: c.Page.Error, Entry: o.tried(c, ticket.SaidHeld, ticket.Args{})}, nil, true
		}
	}
	people, _ := rules.Directory.Paged(c.Ticket.Policy.Steps[step].Group, now)
	if !slices.ContainsFunc(people, func(p contacts.Person) bool { return p.Key == k.Person }) {
		if len(run.Gone) > 0 && now.Before(c.Page.At.Add(agrees(k.Round))) {
			return Outcome{State: ticket.PageQueued, Untried: true, RetryAt: now.Add(agreeLook), Error: c.Page.Error}, nil, true
		}
		return o.dropped(c, ticket.WhyOffDuty), escalation.Displaced{Key: k}, true
	}
	return Outcome{}, nil, false
}

func isNotice(k ticket.PageKind) bool { return k == ticket.KindTaken || k == ticket.KindRecovered }

func (o *Outbox) dropped(c Claim, why ticket.Why) Outcome {
	return Outcome{State: ticket.PageCancelled, Error: string(why), Entry: o.entry(c, ticket.SaidDropped, ticket.Args{Why: why})}
}

func (o *Outbox) entry(c Claim, what ticket.Detail, args ticket.Args) *ticket.Entry {
	args.Person, args.Channel, args.Error = c.Page.Person, c.Page.Channel, ticket.Cut(args.Error, ticket.MaxEntryText)
	return &ticket.Entry{
		At: o.clock.Now(), Kind: ticket.EntryPage, Via: "rule", Page: c.Page.String(),
		Said: ticket.Said{Detail: what, Args: args},
	}
}

// toldTries is how many tries of a page have a line each in the timeline; what
// became of later ones is the page's alone, until one ends it.
const toldTries = ticket.PageEntries - 3

// tried is the entry of a try after which there is another one.
func (o *Outbox) tried(c Claim, what ticket.Detail, args ticket.Args) *ticket.Entry {
	if c.Page.Attempts > toldTries {
		return nil
	}
	return o.entry(c, what, args)
}

// noticeWaits is how long a notice waits before it looks again whether the page
// before it is with its provider.
const noticeWaits = 500 * time.Millisecond

// wasPaged reports whether anything reached the provider for this person: a
// notice about a page that nobody got would wake somebody for nothing. sending
// says that a page is on its way there now.
func (o *Outbox) wasPaged(ctx context.Context, c Claim) (paged, sending bool, err error) {
	pages, err := o.store.Pages(ctx, c.Page.Source, c.Page.Ticket)
	if err != nil {
		return false, false, fmt.Errorf("paging: pages of %s: %w", c.Page.Ticket, err)
	}
	for i := range pages {
		p := &pages[i]
		if p.Person != c.Page.Person || (p.Kind != ticket.KindPage && p.Kind != ticket.KindJoined && p.Kind != ticket.KindClock && p.Kind != ticket.KindReminder) {
			continue
		}
		sending = sending || p.State == ticket.PageSending
		paged = paged || p.MayHaveArrived() || p.State == ticket.PageUndelivered
	}
	return paged, sending, nil
}

// judge turns a provider's answer into the page's outcome. If a channel failed
// or came back, it also returns an event.
func (o *Outbox) judge(c Claim, sent handed) (Outcome, escalation.Event) {
	out, event := o.judged(c, sent.Result)
	out.Address, out.Provider = sent.address, sent.provider
	if out.State == ticket.PageSent {
		o.awaited.expect(c, sent, out.At, !o.addressed(c.Page.Channel))
	}
	return out, event
}

func (o *Outbox) judged(c Claim, r Result) (Outcome, escalation.Event) {
	now := o.clock.Now()
	args := ticket.Args{Error: r.Error(), Again: c.Again}
	switch {
	case r.Class == Accepted:
		out := Outcome{State: ticket.PageSent, At: now, ProviderID: r.ProviderID, Entry: o.entry(c, ticket.SaidSent, ticket.Args{Again: c.Again})}
		if slices.Contains(c.Ticket.Progress.Failed, c.Page.StepMeans()) {
			return out, escalation.PageWorked{Key: c.Page.PageKey}
		}
		return out, nil
	case r.Class.Permanent():
		return Outcome{State: ticket.PageFailed, Error: r.Error(), Entry: o.entry(c, ticket.SaidFailed, args)},
			escalation.PageFailed{Key: c.Page.PageKey}
	case r.Class == OutcomeUnknown:
		return Outcome{
			State: ticket.PageQueued, Unclear: true, RetryAt: now.Add(max(unclearWait(c.Page.Attempts), r.RetryAfter)), ProviderID: r.ProviderID, Error: r.Error(),
			Entry: o.tried(c, ticket.SaidUnclear, args),
		}, nil
	}
	if r.Code == circuitOpen { // nobody was asked
		return Outcome{State: ticket.PageQueued, Untried: true, RetryAt: now.Add(r.RetryAfter), Error: r.Error()}, nil
	}
	wait := max(backoff(c.Page.Attempts), r.RetryAfter)
	args.Wait = ticket.Span(wait.Round(time.Millisecond))
	return Outcome{
		State: ticket.PageQueued, RetryAt: now.Add(wait), Error: r.Error(),
		Entry: o.tried(c, ticket.SaidRefused, args),
	}, nil
}
