package storetest

import (
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

func finishCases() []testCase {
	return []testCase{
		{"nothing", finishNothing},
		{"sent", finishSent},
		{"failed, unknown, undelivered, bundled, cancelled", finishOthers},
		{"queued again", finishQueued},
		{"put back untried", finishUntried},
		{"carrying pages of other tickets", finishCarries},
		{"twice: the second is dropped", finishTwice},
		{"after the claim ran out, nobody else has it", finishLate},
		{"after several claims ran out, and one was claimed again", finishRanOut},
		{"a stale token is dropped", finishStale},
		{"several of several sources", finishSeveral},
		{"no such page", finishNoPage},
		{"no longer wanted", finishUnwanted},
	}
}

// sent is the outcome of a claimed page that the provider took.
func sent(page ticket.Page, token int64, at time.Time) paging.Outcome {
	return paging.Outcome{
		Source: page.Source, Key: page.PageKey, Token: token, State: ticket.PageSent, At: at,
		ProviderID: "SM-" + page.String(), Address: "+262692000001",
	}
}

func finishNothing(b *bench) { b.finish() }

func finishSent(b *bench) {
	was := b.paged(prometheus, "alice")
	claim := b.claimOne("one", At(0))
	outcome := sent(claim.Page, claim.Token, At(time.Second))
	outcome.Entry = &ticket.Entry{At: At(time.Second), Kind: ticket.EntryPage, Page: claim.Page.String(), Said: ticket.Plain("sent")}
	b.same("applied", b.finish(outcome), []bool{true})
	want := claim.Page
	want.State, want.SentAt, want.ProviderID, want.Address = ticket.PageSent, At(time.Second), outcome.ProviderID, outcome.Address
	b.same("the page", b.page(&was.Ticket, claim.Page.PageKey), want)
	b.same("the timeline", b.texts(was.Ticket.Number), []string{"opened", "sent"})
	b.same("the entry", b.view(was.Ticket.Number).Timeline[1], outcome.Entry)
	b.same("the ticket", b.load(prometheus, was.Ticket.Number).Ticket, was.Ticket)
	b.none("sent", At(time.Hour))
	_, next := b.claim("one", At(time.Hour), 1)
	b.isAt("next", next, time.Time{})
}

func finishOthers(b *bench) {
	states := []ticket.PageState{
		ticket.PageFailed, ticket.PageUnknown, ticket.PageUndelivered, ticket.PageBundled, ticket.PageCancelled,
	}
	for i, state := range states {
		was := b.paged(sources()[i%3], "alice")
		claim := b.claimOne("one", At(0))
		b.same("applied", b.finish(paging.Outcome{
			Source: claim.Page.Source, Key: claim.Page.PageKey, Token: claim.Token, State: state,
			At: At(time.Second), Error: "21610: unsubscribed", Address: "+262692000001",
		}), []bool{true})
		want := claim.Page
		want.State, want.Error, want.Address = state, "21610: unsubscribed", "+262692000001"
		b.same("the page", b.page(&was.Ticket, claim.Page.PageKey), want)
		b.none("finished", At(time.Hour))
	}
}

func finishQueued(b *bench) {
	was := b.paged(prometheus, "alice")
	claim := b.claimOne("one", At(0))
	b.same("applied", b.finish(paging.Outcome{
		Source: prometheus, Key: claim.Page.PageKey, Token: claim.Token, State: ticket.PageQueued,
		RetryAt: At(time.Minute), At: At(time.Second), Error: "http_503", ProviderID: "SM1", Unclear: true,
	}), []bool{true})
	want := claim.Page
	want.State, want.RetryAt, want.Error, want.ProviderID = ticket.PageQueued, At(time.Minute), "http_503", "SM1"
	want.Unclear = true
	b.same("the page", b.page(&was.Ticket, claim.Page.PageKey), want)
	claims, next := b.claim("two", At(59*time.Second), 10)
	b.same("too early", len(claims), 0)
	b.isAt("next", next, At(time.Minute))
	again := b.claimOne("two", At(time.Minute))
	b.same("again", again.Again, false)
	b.same("attempts", again.Page.Attempts, 2)
	b.same("provider's id", again.Page.ProviderID, "SM1")
	outcome := sent(again.Page, again.Token, At(2*time.Minute))
	outcome.ProviderID = ""
	b.same("applied, with no id", b.finish(outcome), []bool{true})
	b.same("provider's id as it was", b.page(&was.Ticket, claim.Page.PageKey).ProviderID, "SM1")
	b.same("an answer was missing once", b.page(&was.Ticket, claim.Page.PageKey).Unclear, true)
}

func finishTwice(b *bench) {
	was := b.paged(prometheus, "alice")
	claim := b.claimOne("one", At(0))
	outcome := sent(claim.Page, claim.Token, At(time.Second))
	outcome.Entry = &ticket.Entry{At: At(time.Second), Kind: ticket.EntryPage, Said: ticket.Plain("sent")}
	b.same("applied", b.finish(outcome), []bool{true})
	outcome.State = ticket.PageFailed
	b.same("applied again", b.finish(outcome), []bool{false})
	b.same("state", b.page(&was.Ticket, claim.Page.PageKey).State, ticket.PageSent)
	b.same("the timeline", b.texts(was.Ticket.Number), []string{"opened", "sent"})
}

func finishLate(b *bench) {
	was := b.paged(prometheus, "alice")
	claim := b.claimOne("one", At(0))
	b.same("applied", b.finish(sent(claim.Page, claim.Token, At(10*lease))), []bool{true})
	b.same("state", b.page(&was.Ticket, claim.Page.PageKey).State, ticket.PageSent)
	b.none("sent", At(time.Hour))
}

func finishRanOut(b *bench) {
	for _, state := range []ticket.PageState{ticket.PageSent, ticket.PageFailed, ticket.PageUnknown} {
		b.ranOut(func(c *paging.Claim) {
			outcome := sent(c.Page, c.Token, At(lease+time.Second))
			outcome.State = state
			b.same("applied: "+string(state), b.finish(outcome), []bool{true})
		})
	}
}

func finishStale(b *bench) {
	was := b.paged(prometheus, "alice")
	first := b.claimOne("one", At(0))
	second := b.claimOne("two", At(2*lease))
	stale := sent(first.Page, first.Token, At(2*lease))
	stale.ProviderID = "SM-stale"
	stale.Entry = &ticket.Entry{At: At(2 * lease), Kind: ticket.EntryPage, Said: ticket.Plain("stale")}
	b.same("applied", b.finish(stale), []bool{false})
	got := b.page(&was.Ticket, first.Page.PageKey)
	b.same("state", got.State, ticket.PageSending)
	b.isAt("sent at", got.SentAt, time.Time{})
	b.same("the timeline", b.texts(was.Ticket.Number), []string{"opened"})
	b.none("the second has it", At(2*lease+time.Second))

	b.same("the second", b.finish(sent(second.Page, second.Token, At(2*lease))), []bool{true})
	for _, id := range []string{"SM-stale", "SM-" + second.Page.String()} {
		page, _, err := b.s.Receipt(b.ctx, paging.Receipt{ProviderID: id, State: ticket.PageDelivered, At: At(time.Hour)})
		b.ok(err)
		b.same("the page of "+id, page.PageKey, first.Page.PageKey)
	}
}

func finishSeveral(b *bench) {
	var records []ticket.Record
	for _, source := range sources() {
		records = append(records, b.paged(source, "alice", "bob"))
	}
	claims, _ := b.claim("one", At(0), 10)
	var outcomes []paging.Outcome
	want := make([]bool, 0, len(claims))
	for i, c := range claims {
		outcome := sent(c.Page, c.Token, At(time.Second))
		if i == 2 {
			outcome.Token += 1000
		}
		outcomes, want = append(outcomes, outcome), append(want, i != 2)
	}
	b.same("applied", b.finish(outcomes...), want)
	count := 0
	for _, r := range records {
		for _, p := range b.pages(&r.Ticket) {
			if p.State == ticket.PageSent {
				count++
			}
		}
	}
	b.same("sent", count, 5)
}

func finishNoPage(b *bench) {
	was := b.opened(prometheus)
	page := Page(&was.Ticket, "nobody")
	b.same("applied", b.finish(sent(page, 1, At(0))), []bool{false})
	b.same("pages", len(b.pages(&was.Ticket)), 0)
	page.Ticket = "I000101_0001"
	b.same("applied, no ticket", b.finish(sent(page, 1, At(0))), []bool{false})
	// A page that waits is claimed by nobody, so nobody may finish it.
	was = b.paged(prometheus, "alice")
	b.same("applied, unclaimed", b.finish(sent(Page(&was.Ticket, "alice"), 0, At(0))), []bool{false})
	b.same("state", b.pages(&was.Ticket)[0].State, ticket.PageQueued)
}

// finishUnwanted tests that a page that went out is recorded, wanted or not.
func finishUnwanted(b *bench) {
	was := b.paged(prometheus, "alice")
	claim := b.claimOne("one", At(0))
	b.edited(was, func(t *ticket.Ticket) { Acknowledge(t, At(time.Second)) })
	b.same("applied", b.finish(sent(claim.Page, claim.Token, At(2*time.Second))), []bool{true})
	b.same("state", b.page(&was.Ticket, claim.Page.PageKey).State, ticket.PageSent)
}

func finishUntried(b *bench) {
	was := b.paged(prometheus, "alice")
	for i := range 3 {
		claim := b.claimOne("one", At(time.Duration(i)*time.Minute))
		b.same("attempts", claim.Page.Attempts, 1)
		outcome := paging.Outcome{
			Source: prometheus, Key: claim.Page.PageKey, Token: claim.Token, State: ticket.PageQueued,
			RetryAt: At(time.Duration(i+1) * time.Minute), Untried: true,
		}
		b.same("applied", b.finish(outcome), []bool{true})
		b.same("attempts as stored", b.page(&was.Ticket, claim.Page.PageKey).Attempts, 0)
	}
	first := b.claimOne("one", At(3*time.Minute))
	b.same("a claim of before is no claim now", b.finish(paging.Outcome{
		Source: prometheus, Key: first.Page.PageKey, Token: first.Token - 1, State: ticket.PageSent, At: At(0),
	}), []bool{false})
}

func finishCarries(b *bench) {
	was, other := b.paged(prometheus, "alice"), b.paged(sources()[1], "alice")
	claims, _ := b.claim("one", At(0), 2)
	lead, rest := claims[0], claims[1]
	outcome := sent(lead.Page, lead.Token, At(0))
	outcome.Carries = []ticket.PageRef{{Source: rest.Page.Source, PageKey: rest.Page.PageKey}}
	b.same("applied", b.finish(outcome, paging.Outcome{
		Source: rest.Page.Source, Key: rest.Page.PageKey, Token: rest.Token, State: ticket.PageBundled, At: At(0),
	}), []bool{true, true})
	of, with := &was.Ticket, &other.Ticket
	if lead.Page.Ticket != of.Number {
		of, with = with, of
	}
	b.same("what it carries", b.page(of, lead.Page.PageKey).Carries, outcome.Carries)
	b.same("the other's state", b.page(with, rest.Page.PageKey).State, ticket.PageBundled)
}
