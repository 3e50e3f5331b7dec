package storetest

import (
	"slices"
	"strings"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
)

func logCases() []testCase {
	return []testCase{
		{"what a commit changed, in order", logCommits},
		{"nothing of a commit that was refused", logRefused},
		{"the outcome of a page", logOutcome},
		{"a receipt", logReceipt},
		{"a page that nobody wants any more", logCancelled},
		{"a ticket whose alert another one has now", logMoved},
		{"no repeat and no claim", logNothing},
		{"a part after a version", logParts},
		{"cut off", logTrimmed},
		{"entered again, above a version", logAgain},
		{"a ticket that is gone", logGone},
	}
}

// logAfter is what the log says of a source after a version.
func (b *bench) logAfter(source string, after int64, most int) (lane ticket.Lane, changes []ticket.Changed) {
	b.Helper()
	lanes, err := b.s.Changes(b.ctx, ticket.Since{After: map[string]int64{"": after, source: after}, Most: most, Fresh: true})
	b.ok(err)
	for _, l := range lanes {
		if l.Name != "" && l.Name != source {
			continue
		}
		lane = l
		for _, c := range l.Changes {
			if c.Source == source {
				changes = append(changes, c)
			}
		}
	}
	if !slices.IsSortedFunc(changes, func(x, y ticket.Changed) int { return int(x.Version - y.Version) }) {
		b.Errorf("the changes are in another order: %+v", changes)
	}
	return lane, changes
}

// logged is the version up to which the log has come.
func (b *bench) logged(source string) int64 {
	b.Helper()
	lane, _ := b.logAfter(source, 0, 1000)
	return lane.Last
}

// listed are the numbers that changed after a version.
func (b *bench) listed(source string, after int64) string {
	b.Helper()
	_, changes := b.logAfter(source, after, 1000)
	var numbers []string
	for i := range changes {
		numbers = append(numbers, changes[i].Number)
	}
	return strings.Join(numbers, " ")
}

func logCommits(b *bench) {
	t := b.ticket(prometheus)
	c := Opening(&t, Alert(prometheus, "a"))
	c.Records = []records.Write{{Kind: ticket.SheetRecords, Key: t.Number, Value: []byte(`{"category":"network"}`)}}
	b.apply(c)
	was, second := b.load(prometheus, t.Number), b.opened(prometheus, "b")
	b.opened(grafana, "c")
	b.same("both, in order", b.listed(prometheus, 0), t.Number+" "+second.Ticket.Number)
	is := b.edited(was, func(t *ticket.Ticket) { t.Title = "changed" })
	_, changes := b.logAfter(prometheus, 0, 1000)
	if len(changes) == 0 {
		b.Fatal("nothing is in the log")
	}
	last := changes[len(changes)-1]
	b.same("the last", last.Number, t.Number)
	b.same("as it is now", last.View, b.view(t.Number))
	b.same("its revision", last.Revision, is.Revision)
	if last.View.Sheet == nil || changes[len(changes)-2].View.Sheet != nil {
		b.Errorf("its sheet %+v, that of the other %+v", last.View.Sheet, changes[len(changes)-2].View.Sheet)
	}
}

func logRefused(b *bench) {
	was := b.opened(prometheus, "a")
	b.edited(was, nil)
	before := b.logged(prometheus)
	b.refused("a revision that is over", Next(was, nil))
	b.same("nothing", b.listed(prometheus, before), "")
}

func logOutcome(b *bench) {
	was := b.paged(prometheus, "alice")
	claim := b.claimOne("one", At(0))
	before := b.logged(prometheus)
	b.finish(sent(claim.Page, claim.Token, At(time.Second)))
	b.same("the ticket", b.listed(prometheus, before), was.Ticket.Number)
	before = b.logged(prometheus)
	b.finish(sent(claim.Page, claim.Token, At(time.Second)))
	b.same("an outcome that is dropped", b.listed(prometheus, before), "")
}

func logReceipt(b *bench) {
	page := b.sentPage(prometheus)
	before := b.logged(prometheus)
	b.receipt(receiptOf(page, ticket.PageDelivered, 1))
	_, changes := b.logAfter(prometheus, before, 10)
	if len(changes) != 1 || changes[0].View.Pages[0].State != ticket.PageDelivered {
		b.Errorf("the log says %+v", changes)
	}
	before = b.logged(prometheus)
	b.receipt(receiptOf(page, ticket.PageSent, 2))
	b.same("one that says nothing new", b.listed(prometheus, before), "")
}

func logCancelled(b *bench) {
	was := b.paged(prometheus, "alice")
	b.edited(was, func(t *ticket.Ticket) { Acknowledge(t, At(time.Second)) })
	before := b.logged(prometheus)
	b.none("nobody wants it", At(time.Minute))
	_, changes := b.logAfter(prometheus, before, 10)
	if len(changes) != 1 || changes[0].View.Pages[0].State != ticket.PageCancelled {
		b.Errorf("the log says %+v", changes)
	}
}

func logMoved(b *bench) {
	was := b.opened(prometheus, "a")
	before := b.logged(prometheus)
	t := b.ticket(prometheus)
	c := Opening(&t, Alert(prometheus, "a"))
	c.Alerts[0].Was = was.Ticket.Number
	b.apply(c)
	if got := b.listed(prometheus, before); got != was.Ticket.Number+" "+t.Number && got != t.Number+" "+was.Ticket.Number {
		b.Errorf("the log says %q, want both", got)
	}
}

func logNothing(b *bench) {
	b.paged(prometheus, "alice")
	b.opened(prometheus, "a")
	before := b.logged(prometheus)
	b.observe(prometheus, Observation(Alert(prometheus, "a"), At(time.Minute)))
	b.claim("one", At(time.Minute), 10)
	b.same("nothing", b.listed(prometheus, before), "")
}

func logParts(b *bench) {
	var numbers []string
	for range 5 {
		numbers = append(numbers, b.opened(prometheus).Ticket.Number)
	}
	var found []string
	for after := int64(0); ; {
		_, changes := b.logAfter(prometheus, after, 2)
		if len(changes) == 0 {
			break
		}
		for _, c := range changes {
			found, after = append(found, c.Number), c.Version
		}
	}
	b.same("each once", found, numbers)
}

func logTrimmed(b *bench) {
	first := b.opened(prometheus)
	upTo := b.logged(prometheus)
	second := b.opened(prometheus)
	lane, _ := b.logAfter(prometheus, 0, 10)
	b.same("not yet", lane.Trimmed, 0)
	b.ok(b.s.Trim(b.ctx, lane.Name, upTo))
	b.same("the rest", b.listed(prometheus, 0), second.Ticket.Number)
	lane, _ = b.logAfter(prometheus, 0, 10)
	b.same("cut off", lane.Trimmed, upTo)
	b.edited(first, nil)
	b.same("it changed again", b.listed(prometheus, 0), second.Ticket.Number+" "+first.Ticket.Number)
	b.ok(b.s.Trim(b.ctx, lane.Name, upTo-1))
	lane, _ = b.logAfter(prometheus, 0, 10)
	b.same("cut off no less", lane.Trimmed, upTo)
}

func logAgain(b *bench) {
	first, second := b.opened(prometheus), b.opened(prometheus)
	last := b.logged(prometheus)
	b.ok(b.s.LogAgain(b.ctx, prometheus, last+100, second.Ticket.Number))
	b.same("above it", b.listed(prometheus, last+100), second.Ticket.Number)
	b.ok(b.s.LogAgain(b.ctx, prometheus, last+300))
	b.edited(first, nil)
	b.same("whatever follows too", b.listed(prometheus, last+300), first.Ticket.Number)
	b.ok(b.s.LogAgain(b.ctx, prometheus, 1, second.Ticket.Number))
	b.same("it never goes back", b.listed(prometheus, last+300), first.Ticket.Number+" "+second.Ticket.Number)
}

func logGone(b *bench) {
	was := b.closed(b.resolved(b.opened(prometheus)))
	_, err := b.s.Forget(b.ctx, ticket.Past{Tickets: At(time.Hour), Links: At(time.Hour), Limit: 10})
	b.ok(err)
	b.ok(b.s.LogAgain(b.ctx, prometheus, 0, was.Ticket.Number))
	_, changes := b.logAfter(prometheus, 0, 10)
	for i := range changes {
		if !changes[i].Gone {
			b.Errorf("it is there: %+v", changes[i])
		}
	}
	if len(changes) == 0 {
		b.Error("the log does not say it")
	}
}

func durableLog(b *bench, reopen func()) {
	was := b.opened(prometheus, "a")
	second := b.opened(prometheus, "b")
	b.edited(was, nil)
	last := b.logged(prometheus)
	reopen()
	b.same("what changed", b.listed(prometheus, 0), second.Ticket.Number+" "+was.Ticket.Number)
	b.apply(escalation.Change{Ticket: second.Ticket, Revision: second.Revision})
	b.same("versions rise", b.listed(prometheus, last), second.Ticket.Number)
	b.same("each once", b.listed(prometheus, 0), was.Ticket.Number+" "+second.Ticket.Number)
}
