package storetest

import (
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
)

func sheetCases() []testCase {
	return []testCase{
		{"a ticket's sheet is seen with it", sheetSeen},
		{"a sheet that somebody else changed refuses the ticket's change", sheetConflict},
		{"a sheet leaves with its ticket", sheetLeaves},
		{"a sheet that cannot be read hides nothing else", sheetDamaged},
	}
}

// described is a sheet that says something.
func described(text string) *ticket.Sheet {
	return &ticket.Sheet{Qualification: ticket.Qualification{Description: text, Contact: &ticket.Party{Name: "Marc <Doe>"}}, Meeting: "https://meet.example.net/a%20b"}
}

// withSheet opens a ticket with a sheet.
func (b *bench) withSheet(source, text string) ticket.Record {
	b.Helper()
	t := b.ticket(source)
	change := Opening(&t)
	write, err := escalation.SheetWrite(t.Number, described(text))
	b.ok(err)
	change.Records = []records.Write{write}
	b.apply(change)
	return b.load(source, t.Number)
}

func sheetSeen(b *bench) {
	for _, source := range sources() {
		was := b.withSheet(source, "no mail")
		view := b.view(was.Ticket.Number)
		if view.Sheet == nil {
			b.Fatal("it has none")
		}
		b.same("the sheet", *view.Sheet, *described("no mail"))
		b.same("damaged", view.Damaged, 0)
	}
	other := b.ticket(prometheus)
	b.apply(Opening(&other))
	if b.view(other.Number).Sheet != nil {
		b.Error("a ticket has a sheet that nobody wrote")
	}
}

func sheetConflict(b *bench) {
	was := b.withSheet(prometheus, "no mail")
	number := was.Ticket.Number
	r, err := b.s.Records().Get(b.ctx, prometheus, ticket.SheetRecords, number)
	b.ok(err)
	change := Next(was, nil)
	change.Records = []records.Write{{Kind: ticket.SheetRecords, Key: number, Revision: r.Revision, Value: []byte(`{"description": "mail is back"}`)}}
	b.apply(change)
	again := Next(b.load(prometheus, number), func(t *ticket.Ticket) { t.Title = "lost" })
	again.Records = change.Records
	errs, err := b.s.Commit(b.ctx, prometheus, []escalation.Change{again})
	b.ok(err)
	if errs[0] == nil {
		b.Error("an old revision was taken")
	}
	view := b.view(number)
	b.same("the sheet", view.Sheet.Description, "mail is back")
	if view.Ticket.Title == "lost" {
		b.Error("half of the change was done")
	}
}

func sheetLeaves(b *bench) {
	for _, source := range sources() {
		gone, stays := b.withSheet(source, "gone"), b.withSheet(source, "stays")
		b.closedAt(gone, At(0))
		b.forget(past400(At(500 * day)))
		_, err := b.s.Records().Get(b.ctx, source, ticket.SheetRecords, gone.Ticket.Number)
		b.is("the sheet of a ticket that is gone", err, records.ErrNotFound)
		list, err := b.s.Records().List(b.ctx, source, ticket.SheetRecords, "", 10)
		b.ok(err)
		b.same("sheets", len(list), 1)
		b.same("the other's", b.view(stays.Ticket.Number).Sheet.Description, "stays")
	}
}

func sheetDamaged(b *bench) {
	t := b.ticket(prometheus)
	change := Opening(&t)
	change.Records = []records.Write{{Kind: ticket.SheetRecords, Key: t.Number, Value: []byte("not JSON")}}
	b.apply(change)
	view := b.view(t.Number)
	if view.Sheet != nil || view.Damaged != 1 || view.Ticket.Number != t.Number || len(view.Timeline) != 1 {
		b.Errorf("%+v", view)
	}
}
