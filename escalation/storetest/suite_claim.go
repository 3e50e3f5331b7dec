package storetest

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

func claimCases() []testCase {
	cases := []testCase{
		{"nothing", claimNothing},
		{"a claimed page", claimPage},
		{"the most urgent first, then the longest waiting", claimOrder},
		{"limit", claimLimit},
		{"not before RetryAt", claimRetryAt},
		{"a claim that runs out", claimRunsOut},
		{"a claim that ran out and is no longer wanted", claimRunsOutUnwanted},
		{"what is not wanted does not count", claimUnwantedUncounted},
		{"extend", claimExtend},
		{"extend what was finished or claimed anew", claimExtendLate},
		{"nothing below an urgency", claimAtLeast},
		{"sources take turns", claimTurns},
		{"sources that are left alone", claimExcept},
	}
	for _, w := range wanted() {
		cases = append(cases, testCase{w.name, w.run})
	}
	return cases
}

// paged opens a ticket that pages these people, and returns it as stored.
func (b *bench) paged(source string, people ...string) ticket.Record {
	b.Helper()
	t := b.ticket(source)
	change := Opening(&t)
	for _, p := range people {
		change.Pages = append(change.Pages, Page(&t, p))
	}
	b.apply(change)
	return b.load(source, t.Number)
}

func claimNothing(b *bench) {
	b.opened(prometheus)
	claims, next := b.claim("one", At(0), 10)
	b.same("claims", len(claims), 0)
	b.isAt("next", next, time.Time{})
}

func claimPage(b *bench) {
	was := b.paged(prometheus, "alice")
	claim := b.claimOne("one", At(time.Minute))
	want := Page(&was.Ticket, "alice")
	want.State, want.Attempts = ticket.PageSending, 1
	b.same("the page", claim.Page, want)
	b.same("the ticket", claim.Ticket, was.Ticket)
	b.same("again", claim.Again, false)
	b.same("the page as stored", b.page(&was.Ticket, want.PageKey), want)
	b.none("claimed already", At(time.Minute))
	b.none("until its end", At(time.Minute+lease))
	if _, next := b.claim("two", At(time.Minute+lease), 10); !next.After(At(time.Minute + lease)) {
		b.Errorf("next %v, though nothing is ready at %v", next, At(time.Minute+lease))
	}
	b.same("the ticket as stored", b.load(prometheus, was.Ticket.Number), was)
}

func claimOrder(b *bench) {
	type row struct {
		urgency ticket.Urgency
		minute  int
	}
	rows := []row{
		{ticket.Low, 0},
		{ticket.Critical, 5},
		{ticket.Minor, 1},
		{ticket.Major, 2},
		{ticket.Critical, 3},
		{ticket.Major, 1},
		{ticket.Critical, 4},
		{ticket.Low, 1},
		{ticket.Minor, 0},
	}
	for _, r := range rows {
		t := b.ticket(sources()[int(r.urgency)%3])
		t.Urgency = r.urgency
		page := Page(&t, fmt.Sprintf("%s-%d", r.urgency, r.minute))
		page.At = At(time.Duration(r.minute) * time.Minute)
		change := Opening(&t)
		change.Pages = []ticket.Page{page}
		b.apply(change)
	}
	var got []string
	for _, limit := range []int{2, 3, 10} {
		claims, _ := b.claim("one", At(time.Hour), limit)
		for i := range claims {
			got = append(got, claims[i].Page.Person)
		}
	}
	b.same("order", got, []string{
		"critical-3", "critical-4", "critical-5", "major-1", "major-2", "minor-0", "minor-1", "low-0", "low-1",
	})
}

// claimTurns has one source queue many pages, and another source a few newer
// ones.
func claimTurns(b *bench) {
	for i, r := range []struct {
		source string
		pages  int
	}{{prometheus, 40}, {grafana, 4}, {zabbix, 2}} {
		t := b.ticket(r.source)
		t.Urgency = ticket.Critical
		change := Opening(&t)
		for k := range r.pages {
			page := Page(&t, fmt.Sprintf("p%02d", k))
			page.At = At(time.Duration(60*i+k) * time.Second)
			change.Pages = append(change.Pages, page)
		}
		b.apply(change)
	}
	var got []string
	for _, limit := range []int{1, 1, 1, 1, 5, 2} {
		claims, _ := b.claim("one", At(time.Hour), limit)
		slices.SortFunc(claims, func(x, y paging.Claim) int {
			return cmp.Or(cmp.Compare(x.Page.Source, y.Page.Source), cmp.Compare(x.Page.Person, y.Page.Person))
		})
		for i := range claims {
			got = append(got, claims[i].Page.Source+" "+claims[i].Page.Person)
		}
	}
	b.same("order", got, []string{
		prometheus + " p00", grafana + " p00", zabbix + " p00", prometheus + " p01",
		grafana + " p01", grafana + " p02", prometheus + " p02", prometheus + " p03", zabbix + " p01",
		grafana + " p03", prometheus + " p04",
	})
}

func claimExcept(b *bench) {
	for _, source := range sources() {
		b.paged(source, "alice", "bob")
	}
	claimed := func(except ...string) (got []string) {
		claims, _, err := b.s.Claim(b.ctx, paging.ClaimRequest{
			Owner: "one", Now: At(time.Minute), Until: At(time.Hour), Limit: 10, Except: except,
		})
		b.ok(err)
		for i := range claims {
			got = append(got, claims[i].Page.Source)
		}
		slices.Sort(got)
		return got
	}
	b.same("all but two", claimed(prometheus, zabbix), []string{grafana, grafana})
	b.same("nothing is left of it", claimed(prometheus, zabbix), []string(nil))
	b.same("all but one", claimed(zabbix), []string{prometheus, prometheus})
	b.same("the last", claimed(), []string{zabbix, zabbix})
}

func claimLimit(b *bench) {
	for _, source := range sources() {
		b.paged(source, "alice", "bob")
	}
	for _, want := range []int{4, 2, 0} {
		claims, next := b.claim("one", At(time.Minute), 4)
		if len(claims) != want {
			b.Errorf("%d claims, want %d", len(claims), want)
		}
		if more := !next.IsZero() && !next.After(At(time.Minute)); more != (want == 4) {
			b.Errorf("after %d claims: next %v", want, next)
		}
	}
}

func claimRetryAt(b *bench) {
	t := b.ticket(prometheus)
	change := Opening(&t)
	for i, person := range []string{"alice", "bob"} {
		page := Page(&t, person)
		page.RetryAt = At(time.Duration(i+1) * time.Minute)
		change.Pages = append(change.Pages, page)
	}
	b.apply(change)
	claims, next := b.claim("one", At(59*time.Second), 10)
	b.same("too early", len(claims), 0)
	b.isAt("next", next, At(time.Minute))
	claims, next = b.claim("one", At(time.Minute), 10)
	b.same("the first", keys(claims), []string{change.Pages[0].String()})
	if !next.After(At(time.Minute)) || next.After(At(2*time.Minute)) {
		b.Errorf("next %v, want %v at the latest", next, At(2*time.Minute))
	}
	b.finish(sent(claims[0].Page, claims[0].Token, At(time.Minute)))
	b.same("the second", b.claimOne("one", At(2*time.Minute)).Page.PageKey, change.Pages[1].PageKey)
}

func claimRunsOut(b *bench) {
	was := b.paged(prometheus, "alice")
	first := b.claimOne("one", At(0))
	_, next := b.claim("two", At(time.Second), 10)
	if !next.After(At(time.Second)) || next.After(At(lease+time.Second)) {
		b.Errorf("next %v, want the end of the other's claim, %v", next, At(lease))
	}
	second := b.claimOne("two", At(lease+time.Second))
	b.same("again", second.Again, true)
	b.same("attempts", second.Page.Attempts, 2)
	b.same("page", second.Page.PageKey, first.Page.PageKey)
	if first.Token == second.Token {
		b.Errorf("both claims have the token %d", first.Token)
	}
	third := b.claimOne("one", At(2*lease+10*time.Second))
	b.same("once more", third.Again, true)
	b.same("attempts, once more", third.Page.Attempts, 3)
	b.same("as stored", b.page(&was.Ticket, first.Page.PageKey), third.Page)
}

func claimRunsOutUnwanted(b *bench) {
	was := b.paged(prometheus, "alice")
	claim := b.claimOne("one", At(0))
	b.edited(was, func(t *ticket.Ticket) { Acknowledge(t, At(time.Second)) })
	b.none("acknowledged", At(2*lease))
	b.same("its state", b.page(&was.Ticket, claim.Page.PageKey).State, ticket.PageCancelled)
	_, next := b.claim("one", At(3*lease), 10)
	b.isAt("next", next, time.Time{})
}

func claimUnwantedUncounted(b *bench) {
	for range 2 {
		was := b.paged(prometheus, "alice", "bob")
		b.edited(was, func(t *ticket.Ticket) { Acknowledge(t, At(time.Second)) })
	}
	was := b.opened(prometheus)
	change := Next(was, nil)
	late := Page(&was.Ticket, "carol")
	late.At = At(time.Minute)
	change.Pages = []ticket.Page{late}
	b.apply(change)
	claims, next := b.claim("one", At(time.Hour), 1)
	b.same("claims", keys(claims), []string{late.String()})
	if !next.IsZero() && !next.After(At(time.Hour)) {
		b.Logf("next %v: there are no more", next) // allowed: a needless call finds that out
	}
	b.none("nothing is left", At(time.Hour))
}

// isWanted is a kind of page, and a change of its ticket before the claim.
type isWanted struct {
	name string
	kind ticket.PageKind
	edit func(t *ticket.Ticket)
	want bool
}

func wanted() []isWanted {
	ack := func(t *ticket.Ticket) { Acknowledge(t, At(time.Second)) }
	pickUp := func(t *ticket.Ticket) { ack(t); PickUp(t, At(2*time.Second)) }
	resolve := func(t *ticket.Ticket) { Resolve(t, At(time.Second)) }
	episode := func(t *ticket.Ticket) { t.Progress.Episode++ }
	ackLater := func(t *ticket.Ticket) { ack(t); episode(t) }
	retitle := func(t *ticket.Ticket) { t.Title = "changed" }
	return []isWanted{
		{"wanted: page, open", ticket.KindPage, retitle, true},
		{"unwanted: page, acknowledged", ticket.KindPage, ack, false},
		{"unwanted: page, in progress", ticket.KindPage, pickUp, false},
		{"unwanted: page, resolved", ticket.KindPage, resolve, false},
		{"unwanted: page, next episode", ticket.KindPage, episode, false},
		{"wanted: joined, acknowledged", ticket.KindJoined, ack, true},
		{"wanted: clock, acknowledged", ticket.KindClock, ack, true},
		{"unwanted: clock, in progress", ticket.KindClock, pickUp, false},
		{"wanted: due, in progress", ticket.KindDue, pickUp, true},
		{"wanted: due, resolved", ticket.KindDue, resolve, true},
		{"unwanted: due, next episode", ticket.KindDue, ackLater, false},
		{"wanted: reminder, in progress", ticket.KindReminder, pickUp, true},
		{"unwanted: reminder, resolved", ticket.KindReminder, resolve, false},
		{"unwanted: reminder, next episode", ticket.KindReminder, ackLater, false},
		{"wanted: taken, in progress", ticket.KindTaken, pickUp, true},
		{"unwanted: taken, open", ticket.KindTaken, retitle, false},
		{"unwanted: joined, next episode", ticket.KindJoined, ackLater, false},
		{"wanted: recovered, resolved", ticket.KindRecovered, resolve, true},
		{"unwanted: recovered, open", ticket.KindRecovered, retitle, false},
	}
}

func (w isWanted) run(b *bench) {
	t := b.ticket(prometheus)
	page := Page(&t, "alice")
	page.Kind = w.kind
	change := Opening(&t)
	change.Pages = []ticket.Page{page}
	b.apply(change)
	was := b.edited(b.load(prometheus, t.Number), w.edit)
	claims, _ := b.claim("one", At(time.Minute), 10)
	stored := b.page(&t, page.PageKey)
	if w.want {
		b.same("claims", keys(claims), []string{page.String()})
		b.same("the ticket", claims[0].Ticket, was.Ticket)
		b.same("its state", stored.State, ticket.PageSending)
		return
	}
	b.same("claims", keys(claims), []string{})
	b.same("its state", stored.State, ticket.PageCancelled)
	b.same("its attempts", stored.Attempts, 0)
	b.same("the ticket", b.load(prometheus, t.Number), was)
}

func claimExtend(b *bench) {
	for _, source := range sources() {
		b.paged(source, "alice")
	}
	mine, _ := b.claim("one", At(0), 2)
	other := b.claimOne("two", At(0))
	wrong := other.Ref()
	wrong.Token++
	b.ok(b.s.Extend(b.ctx, []paging.ClaimRef{mine[0].Ref(), wrong, mine[1].Ref(), {Source: prometheus}}, At(10*time.Minute)))
	claims, _ := b.claim("three", At(9*time.Minute), 10)
	b.same("what ran out", keys(claims), keys(append(mine[:0:0], other)))
	claims, _ = b.claim("three", At(10*time.Minute+time.Second), 10)
	if len(claims) != len(mine)+1 {
		b.Errorf("after its end %d claims ran out, want %d", len(claims), len(mine)+1)
	}
	b.same("the old token", b.finish(sent(mine[0].Page, mine[0].Token, At(11*time.Minute)))[0], false)
}

func claimExtendLate(b *bench) {
	b.paged(prometheus, "alice", "bob")
	first, second := b.claimFirst("one", At(0)), b.claimFirst("one", At(0))
	b.finish(sent(first.Page, first.Token, At(time.Second)))
	again := b.claimOne("two", At(2*lease))
	b.ok(b.s.Extend(b.ctx, []paging.ClaimRef{first.Ref(), second.Ref()}, At(time.Hour)))
	b.none("it was finished", At(2*lease+time.Second))
	b.same("the newer claim runs out in its time", b.claimOne("three", At(4*lease)).Page.PageKey, again.Page.PageKey)
}

func claimAtLeast(b *bench) {
	for i, u := range []ticket.Urgency{ticket.Minor, ticket.Critical, ticket.Major} {
		t := b.ticket(sources()[i%3])
		t.Urgency = u
		page := Page(&t, u.String())
		page.At = At(0)
		change := Opening(&t)
		change.Pages = []ticket.Page{page}
		b.apply(change)
	}
	for _, row := range []struct {
		least ticket.Urgency
		want  string
	}{{ticket.Critical, "critical"}, {ticket.Critical, ""}, {ticket.Major, "major"}, {ticket.Major, ""}, {0, "minor"}} {
		claims, _, err := b.s.Claim(b.ctx, paging.ClaimRequest{
			Owner: "one", Now: At(time.Minute), Until: At(time.Hour), Limit: 10, AtLeast: row.least,
		})
		b.ok(err)
		got := ""
		for i := range claims {
			got += claims[i].Page.Person
		}
		b.same("claimed at least "+row.least.String(), got, row.want)
	}
}
