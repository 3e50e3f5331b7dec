package archivetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/archive"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// Run tests archives. address gives that of a new and empty database each time.
func Run(t *testing.T, address func(tb testing.TB) string) {
	t.Helper()
	for _, c := range []struct {
		name string
		run  func(b *bench)
	}{
		{"everything of a ticket is copied", copiesAll},
		{"a page's outcome is copied", copiesOutcomes},
		{"nothing is copied twice", nothingTwice},
		{"one follower at a time", oneAtATime},
		{"a store that had tickets before it had a log", hadTickets},
		{"an archive of last night", lastNight},
		{"a store of last night", storeOfLastNight},
		{"a store that lost what was never seen here", storeLost},
		{"a ticket that left the store stays", stays},
		{"what is over leaves", leaves},
		{"notes come late", notesComeLate},
		{"pages and names leave", pagesAndNamesLeave},
		{"what left too soon", tooSoon},
		{"many age", manyAge},
		{"contacts that ended", contactsThatEnded},
		{"days have heads", daysHaveHeads},
		{"a changed byte", aChangedByte},
		{"a ticket removed by hand", removedByHand},
		{"a timeline rewritten by hand", rewrittenByHand},
		{"a ticket sealed anew by hand", resealedByHand},
		{"a value hidden by hand", hiddenByHand},
		{"attached files are looked at", filesLookedAt},
		{"what an older version did is marked", markedLater},
		{"written out and filled again", filledAgain},
		{"every table is written out", everyTableIsDumped},
		{"words", words},
		{"words of what changed", wordsChanged},
		{"the best first", bestFirst},
		{"every filter", filters},
		{"every order", orders},
		{"a cursor holds while tickets come", cursorHolds},
		{"what is not copied yet is listed as it is", recent},
		{"scopes", scopes},
		{"a cursor of nobody", noCursor},
		{"contacts are found", contactsFound},
		{"contacts in scope", contactsInScope},
		{"contacts in parts", contactsInParts},
		{"contacts have keys", contactsHaveKeys},
		{"contacts are imported", contactsImported},
		{"contacts are imported beside others", contactsImportedBeside},
		{"tickets of somebody", ticketsOfSomebody},
		{"anonymised", anonymises},
		{"anonymised, and nobody else", anonymisesNobodyElse},
		{"figures of a month", figures},
		{"what was seen before", before},
		{"a newer version's tables", newer},
		{"several daemons start", starts},
	} {
		t.Run(c.name, func(t *testing.T) {
			url := address(t)
			b := &bench{T: t, url: url, address: func() string { return address(t) }, s: storetest.New(), ctx: t.Context(), known: map[string]bool{}}
			b.a = b.open()
			c.run(b)
		})
	}
}

// bench is a test with an archive and the store that it follows.
type bench struct {
	*testing.T
	url     string
	address func() string // of another new and empty database
	a       *archive.Archive
	s       *storetest.Memory
	ctx     context.Context
	n       int
	known   map[string]bool
	now     atomic.Int64 // of the archive, after storetest.At(0)
}

// open opens the archive, once more.
func (b *bench) open() *archive.Archive { return b.openAt(b.url) }

func (b *bench) openAt(url string) *archive.Archive {
	b.Helper()
	a, err := archive.Open(archive.Options{URL: url, Now: func() time.Time { return storetest.At(time.Duration(b.now.Load())) }})
	b.ok(err)
	b.Cleanup(func() { b.ok(a.Close()) })
	return a
}

func (b *bench) ok(err error) {
	b.Helper()
	if err != nil {
		b.Fatalf("unexpected error: %v", err)
	}
}

func (b *bench) follower(a *archive.Archive) *archive.Follower {
	return archive.NewFollower(archive.FollowerOptions{Archive: a, Store: b.s, Missing: b.missing, Now: func() time.Time { return storetest.At(time.Hour) }})
}

func (b *bench) missing(ctx context.Context, numbers []string) (gone []string, err error) {
	for _, number := range numbers {
		if _, err := b.s.View(ctx, number); errors.Is(err, escalation.ErrNotFound) {
			gone = append(gone, number)
		} else if err != nil {
			return nil, err
		}
	}
	return gone, nil
}

// follow copies all that changed.
func (b *bench) follow() {
	b.Helper()
	b.ok(b.follower(b.a).CatchUp(b.ctx))
}

// same fails unless the archive has what the store has.
func (b *bench) same(what string, a *archive.Archive) {
	b.Helper()
	found, err := Differences(b.ctx, a, b.s)
	b.ok(err)
	if len(found) > 0 {
		b.Errorf("%s: %s", what, strings.Join(found, "\n"))
	}
	if a == b.a {
		b.sealed(what)
	}
}

// put stores a new ticket.
func (b *bench) put(edit func(t *ticket.Ticket), more ...func(c *escalation.Change)) ticket.Record {
	b.Helper()
	b.n++
	t := storetest.Ticket("prometheus", fmt.Sprintf("%s%04d", storetest.Prefix, b.n))
	t.OpenedAt = storetest.At(time.Duration(b.n) * time.Second)
	if edit != nil {
		edit(&t)
	}
	c := storetest.Opening(&t, storetest.Alert(t.Source, t.Number))
	for _, m := range more {
		m(&c)
	}
	b.commit(c)
	return b.load(t.Number)
}

func withSheet(text string) func(c *escalation.Change) {
	return func(c *escalation.Change) {
		c.Records = []records.Write{{Kind: ticket.SheetRecords, Key: c.Ticket.Number, Revision: records.Any, Value: []byte(text)}}
	}
}

func (b *bench) commit(c escalation.Change) {
	b.Helper()
	errs, err := b.s.Commit(b.ctx, c.Ticket.Source, []escalation.Change{c})
	b.ok(errors.Join(append(errs, err)...))
}

func (b *bench) load(number string) ticket.Record {
	b.Helper()
	found, err := b.s.Load(b.ctx, "prometheus", []string{number})
	b.ok(err)
	if len(found) != 1 {
		b.Fatalf("%s is not there", number)
	}
	return found[0]
}

func (b *bench) edit(was ticket.Record, edit func(t *ticket.Ticket), more ...func(c *escalation.Change)) ticket.Record {
	b.Helper()
	c := storetest.Next(was, edit)
	for _, m := range more {
		m(&c)
	}
	b.commit(c)
	return b.load(was.Ticket.Number)
}

func noted(text string) func(c *escalation.Change) {
	return func(c *escalation.Change) {
		c.Timeline = append(c.Timeline, storetest.Note(storetest.At(time.Minute), text))
	}
}

// search lists the numbers that a search finds, without what they begin with.
func (b *bench) search(s ticket.Search) string {
	b.Helper()
	l, err := b.a.Search(b.ctx, ticket.Everything(), &s, nil)
	b.ok(err)
	return short(l.Tickets)
}

func short(tickets []ticket.Ticket) string {
	var all []string
	for i := range tickets {
		all = append(all, strings.TrimLeft(strings.TrimPrefix(tickets[i].Number, storetest.Prefix), "0"))
	}
	return strings.Join(all, " ")
}

func (b *bench) finds(what string, s ticket.Search, want string) {
	b.Helper()
	if s.Limit == 0 {
		s.Limit = 100
	}
	if got := b.search(s); got != want {
		b.Errorf("%s: found %q, want %q", what, got, want)
	}
}

func copiesAll(b *bench) {
	was := b.put(nil, withSheet(`{"category":"network"}`), func(c *escalation.Change) {
		c.Pages = []ticket.Page{storetest.Page(&c.Ticket, "alice"), storetest.Page(&c.Ticket, "bob")}
	})
	b.put(nil)
	b.follow()
	b.same("new", b.a)
	w, err := b.a.View(b.ctx, ticket.Everything(), was.Ticket.Number)
	b.ok(err)
	if w.View.Sheet == nil || w.Revision != was.Revision || len(w.View.Alerts) != 1 || len(w.View.Pages) != 2 {
		b.Errorf("the archive has %+v", w)
	}
	is := b.edit(was, func(t *ticket.Ticket) { storetest.Acknowledge(t, storetest.At(time.Minute)) }, noted("I look at it"))
	b.follow()
	b.same("changed", b.a)
	is = b.edit(is, func(t *ticket.Ticket) { storetest.Resolve(t, storetest.At(2*time.Minute)) })
	b.edit(is, func(t *ticket.Ticket) { storetest.Close(t, storetest.At(3*time.Minute)) })
	b.follow()
	b.same("closed", b.a)
	w, err = b.a.View(b.ctx, ticket.Everything(), was.Ticket.Number)
	b.ok(err)
	if len(w.View.Alerts) != 1 {
		b.Error("the alerts of a closed ticket are gone")
	}
}

func copiesOutcomes(b *bench) {
	b.put(nil, func(c *escalation.Change) { c.Pages = []ticket.Page{storetest.Page(&c.Ticket, "alice")} })
	b.follow()
	claims, _, err := b.s.Claim(b.ctx, paging.ClaimRequest{Owner: "one", Now: storetest.At(0), Until: storetest.At(time.Minute), Limit: 1})
	b.ok(err)
	page := claims[0].Page
	_, err = b.s.Finish(b.ctx, []paging.Outcome{{Source: page.Source, Key: page.PageKey, Token: claims[0].Token, State: ticket.PageSent, At: storetest.At(1), ProviderID: "SM1"}})
	b.ok(err)
	b.follow()
	b.same("sent", b.a)
	_, _, err = b.s.Receipt(b.ctx, paging.Receipt{ProviderID: "SM1", State: ticket.PageDelivered, At: storetest.At(2)})
	b.ok(err)
	b.follow()
	b.same("delivered", b.a)
}

func nothingTwice(b *bench) {
	was := b.put(nil)
	for i := range 5 {
		was = b.edit(was, nil, noted(fmt.Sprint("note ", i)))
	}
	lanes, err := b.s.Changes(b.ctx, ticket.Since{Most: 100})
	b.ok(err)
	b.follow()
	at, err := b.a.Positions(b.ctx)
	b.ok(err)
	b.ok(b.a.Write(b.ctx, "", at[""], at[""], lanes[0].Changes))
	b.same("written again", b.a)
	w, err := b.a.View(b.ctx, ticket.Everything(), was.Ticket.Number)
	b.ok(err)
	if n := len(w.View.Timeline); n != 6 {
		b.Errorf("it has %d lines, want 6", n)
	}
}

func oneAtATime(b *bench) {
	b.put(nil)
	b.follow()
	at, err := b.a.Positions(b.ctx)
	b.ok(err)
	is := b.put(nil)
	lanes, err := b.s.Changes(b.ctx, ticket.Since{After: at, Most: 100})
	b.ok(err)
	if err := b.a.Write(b.ctx, "", at[""]-1, at[""]+1, lanes[0].Changes); err == nil {
		b.Error("a follower that was overtaken wrote")
	}
	if _, err := b.a.View(b.ctx, ticket.Everything(), is.Ticket.Number); !errors.Is(err, archive.ErrNotFound) {
		b.Errorf("something of it is there: %v", err)
	}
	b.follow()
	b.same("the next one", b.a)
}

func hadTickets(b *bench) {
	for range 3 {
		b.put(nil)
	}
	b.ok(b.s.Trim(b.ctx, "", 1000))
	b.put(nil)
	b.follow()
	b.same("all", b.a)
}

func lastNight(b *bench) {
	was := b.put(nil)
	b.follow()
	other := b.a
	b.a = b.openAt(b.other())
	was = b.edit(was, nil, noted("in the night"))
	b.put(nil)
	f := b.follower(b.a)
	b.ok(f.CatchUp(b.ctx))
	b.ok(b.s.Trim(b.ctx, "", 1000))
	b.edit(was, nil, noted("in the morning"))
	b.a = other
	b.follow()
	b.same("the old one", b.a)
}

// other is another database of the same kind.
func (b *bench) other() string { return b.url + b.suffix() }

func (b *bench) suffix() string {
	if strings.HasPrefix(b.url, "sqlite:") {
		return ".other"
	}
	return "&search_path=other"
}

func storeOfLastNight(b *bench) {
	was := b.put(nil)
	b.follow()
	night := b.s.Snapshot()
	for range 3 {
		was = b.edit(was, nil, noted("lost"))
	}
	lost := b.put(func(t *ticket.Ticket) { t.Title = "lost too" })
	b.follow()
	all := b.s.Snapshot()
	b.s.Restore(night)
	is := b.load(was.Ticket.Number)
	b.edit(is, func(t *ticket.Ticket) { t.Title = "another" }, noted("after it"))
	b.follow()
	b.same("what the store says holds", b.a)
	if got := b.whole(lost.Ticket.Number); got.Ticket.State != ticket.Closed || got.Ticket.Title != "lost too" || got.Timeline[len(got.Timeline)-1].Said.Detail != ticket.SaidGone {
		b.Errorf("a ticket that the store lost: %+v", got.Ticket)
	}
	// It was found again.
	b.s.Restore(all)
	b.follow()
	if got := b.whole(lost.Ticket.Number); got.Ticket.State != ticket.Open || got.Timeline[len(got.Timeline)-1].Said.Detail == ticket.SaidGone {
		b.Errorf("a ticket that the store has again: %+v", got.Ticket)
	}
	b.same("found again", b.a)
}

// whole is all of a ticket in the archive.
func (b *bench) whole(number string) ticket.View {
	b.Helper()
	w, err := b.a.View(b.ctx, ticket.Everything(), number)
	b.ok(err)
	return w.View
}

func storeLost(b *bench) {
	was := b.put(nil)
	b.follow()
	night := b.s.Snapshot()
	b.edit(was, func(t *ticket.Ticket) { t.UpdatedAt = storetest.At(time.Minute) }, noted("lost"))
	f := b.follower(b.a)
	b.ok(f.CatchUp(b.ctx))
	b.s.Restore(night)
	// As many changes as were lost, before anybody looks.
	b.edit(b.load(was.Ticket.Number), func(t *ticket.Ticket) { t.UpdatedAt = storetest.At(2 * time.Minute) }, noted("another"))
	f.Again()
	b.ok(f.CatchUp(b.ctx))
	b.same("compared", b.a)
}

func stays(b *bench) {
	was := b.put(func(t *ticket.Ticket) { t.State = ticket.Closed; t.ClosedAt = storetest.At(time.Minute) })
	b.follow()
	_, err := b.s.Forget(b.ctx, ticket.Past{Tickets: storetest.At(time.Hour), Limit: 10})
	b.ok(err)
	b.follow()
	if _, err := b.a.View(b.ctx, ticket.Everything(), was.Ticket.Number); err != nil {
		b.Errorf("it is gone: %v", err)
	}
}

func noCursor(b *bench) {
	for _, cursor := range []string{"x", "1.2", "1.2.x", "1.2.3.4"} {
		_, err := b.a.Search(b.ctx, ticket.Everything(), &ticket.Search{Query: ticket.Query{Cursor: cursor, Limit: 10}}, nil)
		if !errors.Is(err, archive.ErrCursor) {
			b.Errorf("cursor %q: %v", cursor, err)
		}
	}
}

func starts(b *bench) {
	errs := make(chan error)
	for range 4 {
		a := b.openAt(b.other())
		go func() { errs <- a.Check(b.ctx) }()
	}
	for range 4 {
		if err := <-errs; err != nil {
			b.Errorf("one of them: %v", err)
		}
	}
}

func newer(b *bench) {
	b.put(nil)
	b.follow()
	b.ok(Raise(b.ctx, b.url))
	a := b.open()
	if err := a.Check(b.ctx); !errors.Is(err, archive.ErrNewer) {
		b.Errorf("it was taken: %v", err)
	}
	if _, err := a.View(b.ctx, ticket.Everything(), storetest.Prefix+"0001"); !errors.Is(err, archive.ErrNewer) {
		b.Errorf("it was read: %v", err)
	}
}
