package archivetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/archive"
	"github.com/astreinte/astreinte/internal/ticket"
)

// at is now, by the archive's clock.
func (b *bench) at() time.Time { return storetest.At(time.Duration(b.now.Load())) }

// late writes a note to a ticket that the store has no more.
func (b *bench) late(number, text string) error {
	t, err := b.a.Late(b.ctx, number, func(v *ticket.View) error {
		v.Ticket.Lines.Notes++
		v.Timeline = append(v.Timeline, storetest.Note(b.at(), text))
		return nil
	})
	if err == nil && t.Number != number {
		return fmt.Errorf("the ticket is %+v", t)
	}
	return err
}

// notesComeLate: a note on a ticket that has left the store is read, found and sealed; the
// rest of the ticket is as it was, and an anonymised line stays so.
func notesComeLate(b *bench) {
	b.contact("c1", func(c *ticket.Contact) { c.Name, c.Emails = "Ada Quux", []string{"quux@acme.example"} })
	quux := &ticket.Party{ID: "c1", Name: "Ada Quux", Email: "quux@acme.example"}
	over := func(t *ticket.Ticket) {
		t.Customer, t.State, t.ClosedAt = "acme", ticket.Closed, storetest.At(0)
	}
	was := b.put(over, withParties(quux, nil), func(c *escalation.Change) {
		sent := storetest.Page(&c.Ticket, "alice")
		sent.State = ticket.PageSent
		c.Pages = append(c.Pages, sent)
		c.Timeline = append(c.Timeline, ticket.Entry{At: storetest.At(0), Kind: ticket.EntryQualified, Said: ticket.Said{Args: ticket.Args{Edited: []ticket.Edited{{Field: ticket.FieldContact, Was: quux.String(), Is: "x"}}}}})
	})
	open := b.put(nil)
	b.follow()
	b.ok(second(b.s.Forget(b.ctx, ticket.Past{Tickets: storetest.At(time.Hour), Limit: 10})))
	b.aDay(1)
	b.ok(second(b.a.CloseDays(b.ctx)))
	b.ok(second(b.a.Anonymise(b.ctx, ticket.Everything(), "c1", "edith")))
	b.ok(second(b.a.AnonymiseTickets(b.ctx, func(_ context.Context, numbers []string) ([]string, error) { return numbers, nil })))
	number := was.Ticket.Number
	before, err := b.a.View(b.ctx, ticket.Everything(), number)
	b.ok(err)
	b.ok(b.late(number, "it was the zyzzyva"))
	b.aDay(2)
	b.ok(second(b.a.CloseDays(b.ctx)))
	b.ok(b.late(number, "and the next day"))
	after, err := b.a.View(b.ctx, ticket.Everything(), number)
	b.ok(err)
	lines := len(before.View.Timeline)
	if len(after.View.Timeline) != lines+2 || after.View.Timeline[lines].Text != "it was the zyzzyva" || after.Revision != before.Revision+2 || after.View.Ticket.Lines.Notes != before.View.Ticket.Lines.Notes+2 {
		b.Errorf("%d: %+v", after.Revision, after.View.Timeline)
	}
	if fmt.Sprint(after.View.Alerts, after.View.Pages, after.View.Sheet.Qualification) != fmt.Sprint(before.View.Alerts, before.View.Pages, before.View.Sheet.Qualification) {
		b.Errorf("the rest is\n%+v\n%+v", after.View, before.View)
	}
	b.finds("by a word of the note", ticket.Search{Query: ticket.Query{Text: "zyzzyva"}}, "1")
	if v := b.sealed("with late notes"); len(v.Rewritten) != 1 || v.Hidden == 0 { // the anonymising
		b.Errorf("%+v", v)
	}
	b.follow() // nothing of it is copied again
	b.finds("after the follower", ticket.Search{Query: ticket.Query{Text: "zyzzyva"}}, "1")
	refused := errors.New("refused")
	if _, err := b.a.Late(b.ctx, number, func(*ticket.View) error { return refused }); !errors.Is(err, refused) {
		b.Errorf("what is refused: %v", err)
	}
	if _, err := b.a.Late(b.ctx, number, func(*ticket.View) error { return nil }); err != nil {
		b.Errorf("nothing new: %v", err)
	}
	for _, not := range []string{open.Ticket.Number, "I000000_0000"} {
		if err := b.late(not, "late"); !errors.Is(err, archive.ErrNotFound) {
			b.Errorf("%s takes it: %v", not, err)
		}
	}
	if is, err := b.a.View(b.ctx, ticket.Everything(), number); err != nil || is.Revision != after.Revision {
		b.Errorf("nothing was written, and it has revision %d: %v", is.Revision, err)
	}
	b.sealed("after what was refused")
	b.lateAtOnce(number)
}

// lateAtOnce: notes that come at once are all kept, beside who anonymises, and the ticket
// leaves whole.
func (b *bench) lateAtOnce(number string) {
	b.Helper()
	const many = 8
	var writing sync.WaitGroup
	errs := make(chan error, many)
	another, known := b.open(), len(b.whole(number).Timeline)
	for i := range many {
		writing.Go(func() {
			a := []*archive.Archive{b.a, another}[i%2]
			_, err := a.Late(b.ctx, number, func(v *ticket.View) error {
				v.Timeline = append(v.Timeline, storetest.Note(b.at(), fmt.Sprint("note ", i)))
				return nil
			})
			errs <- err
		})
	}
	writing.Wait()
	close(errs)
	for err := range errs {
		b.ok(err)
	}
	if lines := b.whole(number).Timeline; len(lines) != known+many {
		b.Errorf("of %d notes %d are kept: %+v", many, len(lines)-known, lines)
	}
	b.sealed("written at once")
	b.aDay(40)
	if n, err := b.a.Forget(b.ctx, storetest.At(time.Hour), 10); err != nil || n != 1 {
		b.Errorf("%d left: %v", n, err)
	}
	b.sealed("it left")
	b.finds("by a word of the note, gone", ticket.Search{Query: ticket.Query{Text: "zyzzyva"}}, "")
}
