package customer

import (
	"context"
	"encoding/csv"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web"
)

// All of a list is written as it is read: a part of exportPart contacts is in memory at a
// time, for each of exportsAtOnce readers.
const (
	exportsAtOnce = 2
	exportPart    = 200
	exportAgain   = 30 * time.Second // when who was too many may come again
)

// beginSheet says that a list as CSV follows.
func beginSheet(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/csv; charset=utf-8; header=present")
	w.Header().Set("Content-Disposition", `attachment; filename="contacts.csv"`)
}

// writeSheet answers with a list as CSV. The cursor of the next part is in a header.
func writeSheet(w http.ResponseWriter, list *ticket.ContactListing) error {
	beginSheet(w)
	if list.Next != "" {
		w.Header().Set("X-Next-Cursor", list.Next)
	}
	out := csv.NewWriter(w)
	if err := out.WriteAll(append([][]string{headOfSheet()}, rowsOf(list.Contacts)...)); err != nil {
		return fmt.Errorf("customer: write a sheet: %w", err)
	}
	return nil
}

// export answers with all of a list as a sheet, in a browser's hand. If it cannot go on,
// the connection is cut: its reader sees that it is not whole.
func (p *Pages) export(w http.ResponseWriter, r *http.Request, by web.Token) error {
	q, err := asked(r.URL.Query())
	if err != nil {
		return refusal(err)
	}
	select {
	case p.exporting <- struct{}{}:
		defer func() { <-p.exporting }()
	default:
		return web.RefuseFor(exportAgain, http.StatusServiceUnavailable, "busy", "others are being given all contacts: try again")
	}
	q.Limit = exportPart
	part, err := p.Book.Contacts(r.Context(), by.Scope(), &q)
	if err != nil {
		return refusal(err)
	}
	beginSheet(w)
	if r.Method == http.MethodHead {
		return nil
	}
	ctx, to, end := web.Pace(r, w)
	defer end()
	out := csv.NewWriter(to)
	if err = out.Write(headOfSheet()); err == nil {
		err = p.exportParts(ctx, by, out, &q, &part) //nolint:contextcheck // it comes from the request (web.Pace)
	}
	if err != nil {
		panic(http.ErrAbortHandler) // it has begun: no status can say it any more
	}
	return nil
}

// exportParts writes a part of a list, and those after it.
func (p *Pages) exportParts(ctx context.Context, by web.Token, out *csv.Writer, q *ticket.ContactQuery, part *ticket.ContactListing) error {
	for {
		if err := out.WriteAll(rowsOf(part.Contacts)); err != nil { // it flushes
			return err //nolint:wrapcheck // nobody is told
		}
		if q.Cursor = part.Next; q.Cursor == "" {
			return nil
		}
		next, err := p.Book.Contacts(ctx, by.Scope(), q)
		if err != nil {
			return err //nolint:wrapcheck // likewise
		}
		part = &next
	}
}

// headOfSheet is the first line of a sheet.
func headOfSheet() []string { return append([]string{"id"}, fields()...) }

// rowsOf are contacts as rows of a sheet.
func rowsOf(list []ticket.Contact) [][]string {
	yes := func(is bool) string {
		if is {
			return ticket.Yes
		}
		return ticket.No
	}
	rows := make([][]string, len(list))
	for i := range list {
		c := &list[i]
		rows[i] = []string{
			c.ID, c.Ref, c.Customer, c.Name, strings.Join(c.Emails, "; "), strings.Join(c.Phones, "; "), c.Site, c.Language,
			yes(c.Strategic), yes(c.SeesAll), yes(c.AddsDocuments), c.Notes,
		}
		for j := range rows[i] {
			rows[i][j] = web.Cell(rows[i][j])
		}
	}
	return rows
}
