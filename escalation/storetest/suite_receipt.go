package storetest

import (
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

func receiptCases() []testCase {
	return []testCase{
		{"by key", receiptByKey},
		{"by the provider's id", receiptByID},
		{"of a person with a longer name", receiptNames},
		{"never backwards", receiptBackwards},
		{"unknown", receiptUnknown},
		{"before the outcome", receiptEarly},
		{"of a page that is queued again", receiptQueued},
		{"of a page whose outcome is unknown", receiptOfUnknown},
		{"held until its ticket has heard", receiptHeld},
		{"held, and nobody told its ticket", receiptUntold},
		{"held, and no longer wanted", receiptUnwanted},
		{"held, of a page in somebody's hands", receiptInHand},
		{"of a quiet page: no line", receiptQuiet},
		{"of pages whose claims ran out", receiptRanOut},
		{"of pages that are due again", receiptDueAgain},
	}
}

func (b *bench) receipt(r paging.Receipt) (page ticket.Page, changed bool) {
	b.Helper()
	page, changed, err := b.s.Receipt(b.ctx, r)
	b.ok(err)
	return page, changed
}

// sentPage is a page that was claimed and sent, as stored.
func (b *bench) sentPage(source string) ticket.Page {
	b.Helper()
	was := b.paged(source, "alice")
	claim := b.claimOne("one", At(0))
	b.same("applied", b.finish(sent(claim.Page, claim.Token, At(time.Second))), []bool{true})
	return b.page(&was.Ticket, claim.Page.PageKey)
}

func receiptOf(page ticket.Page, state ticket.PageState, minute int) paging.Receipt {
	at := At(time.Duration(minute) * time.Minute)
	return paging.Receipt{
		Source: page.Source, Key: page.PageKey, State: state, At: at,
		Entry: &ticket.Entry{At: at, Kind: ticket.EntryPage, Said: ticket.Plain(string(state))},
	}
}

func receiptByKey(b *bench) {
	want := b.sentPage(prometheus)
	page, changed := b.receipt(receiptOf(want, ticket.PageDelivered, 1))
	want.State, want.ReceiptAt = ticket.PageDelivered, At(time.Minute)
	b.same("changed", changed, true)
	b.same("the page that is given", page, want)
	b.same("the page that is stored", b.page(&ticket.Ticket{Number: want.Ticket, Source: want.Source}, want.PageKey), want)
	b.same("the timeline", b.texts(want.Ticket), []string{"opened", "delivered"})
}

// receiptQuiet tests that a quiet page writes nothing into the timeline: only
// the page itself says what became of it.
func receiptQuiet(b *bench) {
	t := b.ticket(prometheus)
	change := Opening(&t)
	loud, quiet := Page(&t, "alice"), Page(&t, "bruno")
	quiet.Quiet = true
	change.Pages = []ticket.Page{loud, quiet}
	b.apply(change)
	claims, _ := b.claim("one", At(0), 10)
	b.same("claimed", len(claims), 2)
	for _, c := range claims {
		b.same(c.Page.Person+" is quiet", c.Page.Quiet, c.Page.Person == "bruno")
		outcome := sent(c.Page, c.Token, At(time.Second))
		outcome.Entry = &ticket.Entry{At: At(time.Second), Kind: ticket.EntryPage, Said: ticket.Plain(c.Page.Person + " sent")}
		b.same("applied", b.finish(outcome), []bool{true})
		r := receiptOf(c.Page, ticket.PageDelivered, 1)
		r.Entry.Text = c.Page.Person + " delivered"
		page, changed := b.receipt(r)
		b.same("changed", changed, true)
		b.same("state", page.State, ticket.PageDelivered)
		b.same("quiet", page.Quiet, c.Page.Quiet)
	}
	b.same("the timeline", b.texts(t.Number), []string{"opened", "alice sent", "alice delivered"})
}

func receiptByID(b *bench) {
	for _, source := range sources() {
		want := b.sentPage(source)
		r := receiptOf(want, ticket.PageUndelivered, 1)
		r.Source, r.Key, r.ProviderID, r.Error = "", ticket.PageKey{}, want.ProviderID, "30003: unreachable"
		page, changed := b.receipt(r)
		want.State, want.ReceiptAt, want.Error = ticket.PageUndelivered, At(time.Minute), r.Error
		b.same("changed", changed, true)
		b.same("the page", page, want)
		b.same("the timeline", b.texts(want.Ticket), []string{"opened", "undelivered"})
	}
}

// receiptNames tests keys of persons that are unusual: an operator chooses
// them in the configuration.
func receiptNames(b *bench) {
	for _, person := range []string{"Anne Müller", "a:b", "{x}", `d'"É\`} {
		was := b.paged(prometheus, person)
		claim := b.claimOne("one", At(0))
		b.same("applied", b.finish(sent(claim.Page, claim.Token, At(0))), []bool{true})
		page, changed := b.receipt(paging.Receipt{
			ProviderID: "SM-" + claim.Page.String(), State: ticket.PageDelivered, At: At(time.Second),
		})
		b.same("changed", changed, true)
		b.same("key", page.PageKey, claim.Page.PageKey)
		b.same("as stored", b.page(&was.Ticket, claim.Page.PageKey), page)
	}
}

func receiptBackwards(b *bench) {
	page := b.sentPage(prometheus)
	_, changed := b.receipt(receiptOf(page, ticket.PageSent, 1))
	b.same("sent, twice", changed, false)
	_, changed = b.receipt(receiptOf(page, ticket.PageDelivered, 2))
	b.same("delivered", changed, true)
	want := b.page(&ticket.Ticket{Number: page.Ticket, Source: page.Source}, page.PageKey)
	for _, state := range []ticket.PageState{
		ticket.PageDelivered, ticket.PageSent, ticket.PageUndelivered, ticket.PageFailed,
	} {
		r := receiptOf(page, state, 3)
		r.Error = "late"
		got, changed := b.receipt(r)
		b.same("changed to "+string(state), changed, false)
		b.same("after "+string(state), got, want)
	}
	b.same("the timeline", b.texts(page.Ticket), []string{"opened", "delivered"})
}

func receiptUnknown(b *bench) {
	page := b.sentPage(prometheus)
	other := page
	other.Person = "nobody"
	gone := page
	gone.Ticket = "I000101_0001"
	elsewhere := page
	elsewhere.Source = grafana
	for _, p := range []ticket.Page{other, gone, elsewhere} {
		_, changed, err := b.s.Receipt(b.ctx, receiptOf(p, ticket.PageDelivered, 1))
		b.is("receipt of "+p.Source+" "+p.String(), err, escalation.ErrNotFound)
		b.same("changed", changed, false)
	}
	_, _, err := b.s.Receipt(b.ctx, paging.Receipt{ProviderID: "SM-nothing", State: ticket.PageDelivered, At: At(0)})
	b.is("receipt of an unknown id", err, escalation.ErrNotFound)
	b.same("the timeline", b.texts(page.Ticket), []string{"opened"})
}

// receiptEarly has a provider's receipt come before we have recorded that we
// sent the page. What the receipt says stands. The page is not sent again when
// the claim runs out.
func receiptEarly(b *bench) {
	was := b.paged(prometheus, "alice")
	claim := b.claimOne("one", At(0))
	page, changed := b.receipt(receiptOf(claim.Page, ticket.PageDelivered, 0))
	b.same("changed", changed, true)
	b.same("state", page.State, ticket.PageDelivered)
	b.none("delivered", At(2*lease))
	b.finish(sent(claim.Page, claim.Token, At(time.Second)))
	b.same("state after the outcome", b.page(&was.Ticket, claim.Page.PageKey).State, ticket.PageDelivered)
	b.none("delivered, then finished", At(4*lease))
	page, _, err := b.s.Receipt(b.ctx, paging.Receipt{
		ProviderID: "SM-" + claim.Page.String(), State: ticket.PageDelivered, At: At(time.Minute),
	})
	b.ok(err)
	b.same("the page by its id", page.PageKey, claim.Page.PageKey)
}

// receiptQueued tests that a page that was to be tried again, and did arrive,
// is not sent again.
func receiptQueued(b *bench) {
	was := b.paged(prometheus, "alice")
	claim := b.claimOne("one", At(0))
	outcome := sent(claim.Page, claim.Token, At(0))
	outcome.State, outcome.RetryAt = ticket.PageQueued, At(time.Minute)
	b.same("applied", b.finish(outcome), []bool{true})
	b.same("queued", b.stats().Queued, 1)
	_, changed := b.receipt(receiptOf(claim.Page, ticket.PageDelivered, 0))
	b.same("changed", changed, true)
	b.none("delivered", At(time.Hour))
	b.same("state", b.page(&was.Ticket, claim.Page.PageKey).State, ticket.PageDelivered)
	b.same("queued after it", b.stats().Queued, 0)
}

// ranOut claims three pages and lets their claims run out. One is claimed
// again, and word comes of the other two: nothing is left to send.
func (b *bench) ranOut(word func(c *paging.Claim)) {
	b.Helper()
	b.paged(prometheus, "alice", "bob", "carol")
	claims, _ := b.claim("one", At(0), 10)
	b.leftNothing(claims, At(lease+time.Second), word)
}

func (b *bench) leftNothing(claims []paging.Claim, at time.Time, word func(c *paging.Claim)) {
	b.Helper()
	b.same("claimed", len(claims), 3)
	again := b.claimFirst("two", at)
	for i := range claims {
		if claims[i].Page.PageKey != again.Page.PageKey {
			word(&claims[i])
		}
	}
	b.none("word was had of the others", at.Add(time.Second))
	b.same("queued", b.stats().Queued, 0)
	b.same("applied", b.finish(sent(again.Page, again.Token, at.Add(time.Second))), []bool{true})
	b.none("all are out", at.Add(time.Hour))
}

func receiptRanOut(b *bench) {
	for _, state := range []ticket.PageState{ticket.PageSent, ticket.PageDelivered, ticket.PageUndelivered} {
		b.ranOut(func(c *paging.Claim) {
			_, changed := b.receipt(receiptOf(c.Page, state, 1))
			b.same("changed to "+string(state), changed, true)
		})
	}
}

// receiptDueAgain is like receiptRanOut, for pages that were to be tried
// again.
func receiptDueAgain(b *bench) {
	b.paged(prometheus, "alice", "bob", "carol")
	claims, _ := b.claim("one", At(0), 10)
	for i := range claims {
		outcome := sent(claims[i].Page, claims[i].Token, At(0))
		outcome.State, outcome.RetryAt = ticket.PageQueued, At(time.Minute)
		b.same("applied", b.finish(outcome), []bool{true})
	}
	b.leftNothing(claims, At(2*time.Minute), func(c *paging.Claim) {
		_, changed := b.receipt(receiptOf(c.Page, ticket.PageDelivered, 2))
		b.same("changed", changed, true)
	})
}

func receiptOfUnknown(b *bench) {
	b.paged(prometheus, "alice")
	claim := b.claimOne("one", At(0))
	outcome := sent(claim.Page, claim.Token, At(0))
	outcome.State = ticket.PageUnknown
	b.same("applied", b.finish(outcome), []bool{true})
	for i, state := range []ticket.PageState{ticket.PageSent, ticket.PageFailed} {
		page, changed := b.receipt(receiptOf(claim.Page, state, i))
		b.same("changed", changed, true)
		b.same("state", page.State, state)
	}
}

// undelivered is a receipt that the page's ticket must hear of within a
// minute.
func undelivered(page ticket.Page) paging.Receipt {
	r := receiptOf(page, ticket.PageUndelivered, 1)
	r.Error = "30003: unreachable"
	r.Hold = &paging.Hold{Owner: "one", Until: At(2 * time.Minute), Token: 1 << 40}
	return r
}

// told is the outcome of a page whose ticket has heard of it.
func told(page ticket.Page, token int64) paging.Outcome {
	return paging.Outcome{
		Source: page.Source, Key: page.PageKey, Token: token, State: page.State, Address: page.Address, Error: page.Error,
	}
}

func (b *bench) stored(page ticket.Page) ticket.Page {
	b.Helper()
	return b.page(&ticket.Ticket{Number: page.Ticket, Source: page.Source}, page.PageKey)
}

func receiptHeld(b *bench) {
	want, changed := b.receipt(undelivered(b.sentPage(prometheus)))
	b.same("changed", changed, true)
	b.same("state", want.State, ticket.PageUndelivered)
	b.none("held", At(2*time.Minute))
	b.same("queued", b.stats().Queued, 0)
	b.same("told", b.finish(told(want, 1<<40)), []bool{true})
	b.none("told", At(time.Hour))
	b.same("as stored", b.stored(want), want)
	b.same("told twice", b.finish(told(want, 1<<40)), []bool{false})
}

func receiptUntold(b *bench) {
	want, _ := b.receipt(undelivered(b.sentPage(prometheus)))
	claim := b.claimOne("two", At(2*time.Minute+time.Second))
	b.same("the page that is claimed", claim.Page, want)
	b.same("again", claim.Again, true)
	b.same("its ticket", claim.Ticket.Number, want.Ticket)
	b.none("claimed", At(2*time.Minute+2*time.Second))
	b.same("told by who held it", b.finish(told(want, 1<<40)), []bool{false})
	_, changed := b.receipt(undelivered(want))
	b.same("changed by the same receipt", changed, false)
	b.same("told", b.finish(told(want, claim.Token)), []bool{true})
	b.none("told", At(time.Hour))
	b.same("as stored", b.stored(want), want)
	b.same("the timeline", b.texts(want.Ticket), []string{"opened", "undelivered"})
}

func receiptUnwanted(b *bench) {
	want, _ := b.receipt(undelivered(b.sentPage(prometheus)))
	b.edited(b.load(prometheus, want.Ticket), func(t *ticket.Ticket) { Acknowledge(t, At(0)) })
	b.none("acknowledged", At(time.Hour))
	b.edited(b.load(prometheus, want.Ticket), func(t *ticket.Ticket) { t.State = ticket.Open })
	b.none("open again", At(2*time.Hour))
	b.same("as stored", b.stored(want), want)
}

// receiptInHand tests that a receipt does not disturb whoever has claimed the
// page.
func receiptInHand(b *bench) {
	was := b.paged(prometheus, "alice")
	claim := b.claimOne("one", At(0))
	_, changed := b.receipt(undelivered(claim.Page))
	b.same("changed", changed, true)
	b.same("applied", b.finish(sent(claim.Page, claim.Token, At(time.Second))), []bool{true})
	b.none("finished", At(time.Hour))
	page := b.page(&was.Ticket, claim.Page.PageKey)
	b.same("its state", page.State, ticket.PageUndelivered)
	b.same("its number", page.Address, "+262692000001")
}
