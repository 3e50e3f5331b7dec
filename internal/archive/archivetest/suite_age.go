package archivetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/archive"
	"github.com/astreinte/astreinte/internal/ticket"
)

// gone says that the store has none of them.
func gone(_ context.Context, numbers []string) ([]string, error) { return numbers, nil }

// ages has all leave that is over, and says of how many tickets.
func (b *bench) ages(pages, personal time.Time, missing func(context.Context, []string) ([]string, error)) (all int) {
	b.Helper()
	g := archive.Ageing{Pages: pages, Personal: personal}
	for rounds := 0; ; rounds++ {
		n, more, err := b.a.Age(b.ctx, &g, missing)
		b.ok(err)
		if all += n; !more {
			return all
		}
		if rounds > 100 {
			b.Fatal("it has no end")
		}
	}
}

// pagesAndNamesLeave: of tickets that were closed before a time, pages leave, and who is on
// them but the ID; the rest stays, all holds, and the marks are counted.
func pagesAndNamesLeave(b *bench) {
	quux := &ticket.Party{ID: "c1", Name: "Adalbert Quux", Email: "quux@acme.example"}
	typed := &ticket.Party{Name: "Ottokar Quux", Phone: "+33240112233"}
	closed := func(after time.Duration) func(t *ticket.Ticket) {
		return func(t *ticket.Ticket) {
			t.Customer, t.State, t.ClosedAt = "acme", ticket.Closed, storetest.At(after)
		}
	}
	by := ticket.Party{Name: "Ottokar Quux"}
	edited := func(c *escalation.Change) {
		sent := storetest.Page(&c.Ticket, "alice")
		sent.State = ticket.PageSent
		c.Pages = append(c.Pages, sent)
		c.Timeline = append(
			c.Timeline,
			ticket.Entry{At: storetest.At(0), Kind: ticket.EntryQualified, Said: ticket.Said{Args: ticket.Args{Edited: []ticket.Edited{{Field: ticket.FieldRequester, Was: "", Is: by.String()}}}}},
			ticket.Entry{At: storetest.At(0), Kind: ticket.EntryPage, Page: sent.String()},
		)
	}
	const day = 24 * time.Hour
	old := b.put(closed(time.Hour), withParties(quux, typed), edited, noted("a note that stays"))
	bare := b.put(closed(2 * time.Hour))
	held := b.put(closed(3*time.Hour), withParties(quux, nil), edited)
	by.Name = "somebody else"
	newer := b.put(closed(10*day), withParties(quux, nil), edited)
	open := b.put(nil, withParties(quux, nil), edited)
	b.follow()
	b.aDay(10)
	b.ok(second(b.a.CloseDays(b.ctx)))
	b.sealed("as it was")
	b.aDay(45)
	has := func(_ context.Context, numbers []string) ([]string, error) {
		return slices.DeleteFunc(slices.Clone(numbers), func(n string) bool { return n == held.Ticket.Number }), nil
	}
	was := b.whole(old.Ticket.Number)
	if n := b.ages(storetest.At(5*day), time.Time{}, has); n != 1 {
		b.Errorf("pages of %d tickets left", n)
	}
	is := b.whole(old.Ticket.Number)
	if len(is.Pages) != 0 || len(was.Pages) != 1 || is.Sheet.Contact.Name != "Adalbert Quux" || len(is.Timeline) != len(was.Timeline) {
		b.Errorf("%+v", is)
	}
	if v := b.sealed("without pages"); v.Aged != 1 || v.Hidden != 0 {
		b.Errorf("%+v", v)
	}
	b.namesLeave(&was, has)
	b.staysAndLeaves(bare.Ticket.Number, newer.Ticket.Number, open.Ticket.Number)
}

// staysAndLeaves looks at what has no names and at what is not over; then the others leave.
func (b *bench) staysAndLeaves(bare string, present ...string) {
	b.Helper()
	for _, of := range present {
		if whole := b.whole(of); len(whole.Pages) != 1 || whole.Sheet.Contact.Name != "Adalbert Quux" {
			b.Errorf("%s: %+v", of, whole)
		}
	}
	b.whole(bare)
	b.nowhere("Ottokar")
	b.finds("still theirs", ticket.Search{Contact: "c1"}, "5 4 3 1")
	b.aDay(60)
	b.ok(second(b.a.CloseDays(b.ctx)))
	if v := b.sealed("at last"); v.Aged != 2 {
		b.Errorf("%+v", v)
	}
	if n, err := b.a.Forget(b.ctx, storetest.At(5*24*time.Hour), 10); err != nil || n != 3 {
		b.Errorf("%d left, %v", n, err)
	}
	b.sealed("they left")
}

// namesLeave has names leave: of the ticket as it was, and then of one that the store, as has
// says it, still had.
func (b *bench) namesLeave(was *ticket.View, has func(context.Context, []string) ([]string, error)) {
	b.Helper()
	const day = 24 * time.Hour
	b.aDay(46)
	b.ok(second(b.a.CloseDays(b.ctx)))
	if n := b.ages(storetest.At(5*day), storetest.At(5*day), has); n != 1 {
		b.Errorf("names of %d tickets left", n)
	}
	is := b.whole(was.Ticket.Number)
	if is.Sheet.Contact == nil || *is.Sheet.Contact != (ticket.Party{ID: "c1"}) || is.Sheet.Requester != nil || is.Sheet.Description != was.Sheet.Description || len(is.Timeline) != len(was.Timeline) {
		b.Errorf("%+v", is.Sheet)
	}
	v := b.sealed("without names")
	if v.Aged != 1 || v.Hidden == 0 || len(v.Rewritten) != 0 {
		b.Errorf("%+v", v)
	}
	if n := b.ages(storetest.At(5*day), storetest.At(5*day), gone); n != 1 { // the store has it no more
		b.Errorf("then of %d tickets", n)
	}
	if n := b.ages(storetest.At(5*day), storetest.At(5*day), gone); n != 0 {
		b.Errorf("again of %d tickets", n)
	}
}

// tooSoon: pages that are gone without a mark are named, and so is a mark that the daemon
// would not have made yet.
func tooSoon(b *bench) {
	was := b.put(func(t *ticket.Ticket) { t.State, t.ClosedAt = ticket.Closed, storetest.At(time.Hour) }, func(c *escalation.Change) {
		sent := storetest.Page(&c.Ticket, "alice")
		sent.State = ticket.PageSent
		c.Pages = append(c.Pages, sent)
		c.Timeline = append(c.Timeline, ticket.Entry{At: storetest.At(0), Kind: ticket.EntryPage, Page: sent.String()})
	})
	b.follow()
	b.aDay(3)
	b.ok(second(b.a.CloseDays(b.ctx)))
	b.sealed("as it was")
	b.ages(storetest.At(48*time.Hour), time.Time{}, gone)
	b.names(was.Ticket.Number, "less than a month after it was closed")
	b.does(b.database(), "DELETE FROM marks")
	b.names(was.Ticket.Number, "tells of a page that is gone")
}

// manyAge: a part at a time, and each once.
func manyAge(b *bench) {
	const many = 130
	for i := range many {
		b.put(func(t *ticket.Ticket) {
			t.Customer, t.State, t.ClosedAt = "acme", ticket.Closed, storetest.At(time.Duration(i/2)*time.Minute)
		}, withParties(&ticket.Party{ID: fmt.Sprint("c", i), Name: "Adalbert Quux"}, nil))
	}
	b.follow()
	b.aDay(45)
	b.ok(second(b.a.CloseDays(b.ctx)))
	g := archive.Ageing{Personal: storetest.At(time.Hour)}
	var parts []string
	for {
		n, more, err := b.a.Age(b.ctx, &g, gone)
		b.ok(err)
		if parts = append(parts, fmt.Sprint(n)); !more {
			break
		}
	}
	if got := strings.Join(parts, " "); got != "50 50 20" { // those of the first hour
		b.Errorf("%s", got)
	}
	b.sealed("they aged")
}

// contactsThatEnded are listed until they are anonymised.
func contactsThatEnded(b *bench) {
	for id, ended := range map[string]time.Time{"c1": storetest.At(time.Hour), "c2": storetest.At(48 * time.Hour), "c3": {}} {
		b.contact(id, func(c *ticket.Contact) { c.Name, c.EndedAt = "Ada "+id, ended })
	}
	for _, want := range []string{"[c1]", "[]"} {
		ids, err := b.a.EndedContacts(b.ctx, storetest.At(24*time.Hour), 10)
		b.ok(err)
		if got := fmt.Sprint(ids); got != want {
			b.Errorf("%s, not %s", got, want)
		}
		for _, id := range ids {
			b.ok(second(b.a.Anonymise(b.ctx, ticket.Everything(), id, "")))
		}
	}
}
