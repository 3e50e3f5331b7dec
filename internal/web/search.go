package web

import (
	"context"
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Finder lists tickets of all times: those that the store has and those that
// only an archive has.
type Finder interface {
	// Search lists the tickets that a search selects and a scope covers. What the
	// list lacks it says. The error is escalation.ErrCursor if no list ended there.
	Search(ctx context.Context, scope ticket.Scope, s *ticket.Search) (ticket.Listing, error)
	// View reads a ticket that has left the store; escalation.ErrNotFound if there
	// is none.
	View(ctx context.Context, scope ticket.Scope, number string) (ticket.View, error)
	// Note keeps a note on a closed ticket that has left the store; escalation.ErrNotFound
	// if there is none. What the note may not be it says as escalation.Engine does.
	Note(ctx context.Context, number string, a escalation.Acted) (ticket.Ticket, error)
	// Before says what was seen before of a ticket's trouble.
	Before(ctx context.Context, scope ticket.Scope, t *ticket.Ticket, s *ticket.Sheet) (ticket.SeenBefore, error)
}

// storeAlone is the Finder of a daemon without an archive.
type storeAlone struct{ store Store }

// Search implements Finder.
func (f storeAlone) Search(ctx context.Context, scope ticket.Scope, s *ticket.Search) (l ticket.Listing, err error) {
	bare := *s
	bare.Text = ""
	if bare.Beyond() {
		return l, refusef(http.StatusServiceUnavailable, "unavailable", "only an archive can list by that, and there is none: archive, in the configuration")
	}
	bare.Text, bare.Scope = s.Text, scope
	tickets, next, err := f.store.Tickets(ctx, bare.Query)
	return ticket.Listing{Tickets: tickets, Next: next}, err //nolint:wrapcheck // the server says what it did
}

// View implements Finder: what has left the store is gone.
func (storeAlone) View(context.Context, ticket.Scope, string) (ticket.View, error) {
	return ticket.View{}, escalation.ErrNotFound
}

// Note implements Finder: what has left the store is gone.
func (storeAlone) Note(context.Context, string, escalation.Acted) (ticket.Ticket, error) {
	return ticket.Ticket{}, escalation.ErrNotFound
}

// Before implements Finder: only an archive knows.
func (storeAlone) Before(context.Context, ticket.Scope, *ticket.Ticket, *ticket.Sheet) (ticket.SeenBefore, error) {
	return ticket.SeenBefore{}, nil
}

// seenWaits is how long a ticket waits for what was seen before of it: it is shown without,
// rather than late.
const seenWaits = 250 * time.Millisecond

// SeenBefore is what was seen before of a ticket's trouble; nil: nothing, or it cannot be
// said now.
func (s *Server) SeenBefore(ctx context.Context, of ticket.Scope, v *ticket.View) *ticket.SeenBefore {
	ctx, cancel := context.WithTimeout(ctx, seenWaits)
	defer cancel()
	seen, err := s.finder.Before(ctx, of, &v.Ticket, v.Sheet)
	if err != nil || seen.Count == 0 {
		return nil
	}
	return &seen
}

// parameters are what a list can be asked for; true: more than once.
var parameters = map[string]bool{
	"state": true, "urgency": true, "customer": false, "assignee": false,
	"since": false, "until": false, "q": false, "cursor": false, "limit": false,
	"site": false, "group": false, "tier": false, "unassigned": false, "kind": false, "origin": false,
	"category": false, "equipment": false, "billable": false, "due_before": false, "breached": false, "sort": false,
	"contact": false, "gti": false, "resolved_since": false, "resolved_until": false,
}

// narrow reads the parameters that only an archive answers.
func narrow(s *ticket.Search, values url.Values) error {
	s.Site, s.Group, s.Tier, s.Origin = values.Get("site"), values.Get("group"), values.Get("tier"), values.Get("origin")
	s.Category, s.Equipment, s.Kind = values.Get("category"), values.Get("equipment"), ticket.Kind(values.Get("kind"))
	if s.Kind != "" && s.Kind != ticket.Incident && s.Kind != ticket.Request {
		return badField("kind", "no kind named %q: incident or request", logged(string(s.Kind)))
	}
	s.Sort = ticket.Sort(values.Get("sort"))
	if s.Sort != ticket.SortDefault && !slices.Contains(ticket.Sorts(), s.Sort) {
		return badField("sort", "no order named %q: %s", logged(string(s.Sort)), names(ticket.Sorts()))
	}
	var err error
	if s.DueBefore, err = parseTime("due_before", values.Get("due_before")); err != nil {
		return err
	}
	s.Contact, s.Clock = values.Get("contact"), ticket.GTIState(values.Get("gti"))
	if clocks := []ticket.GTIState{ticket.GTIMet, ticket.GTIMissed, ticket.GTIRunning, ticket.GTIUnpromised}; s.Clock != "" && !slices.Contains(clocks, s.Clock) {
		return badField("gti", "no clock shows %q: %s", logged(string(s.Clock)), names(clocks))
	}
	if s.ResolvedSince, err = parseTime("resolved_since", values.Get("resolved_since")); err != nil {
		return err
	}
	if s.ResolvedUntil, err = parseTime("resolved_until", values.Get("resolved_until")); err != nil {
		return err
	}
	unassigned, err := parseYes("unassigned", values.Get("unassigned"))
	if err != nil {
		return err
	}
	if s.Unassigned = unassigned != nil && *unassigned; s.Unassigned && s.Assignee != "" {
		return badField("unassigned", "not with an assignee")
	}
	if s.Billable, err = parseYes("billable", values.Get("billable")); err != nil {
		return err
	}
	s.Breached, err = parseYes("breached", values.Get("breached"))
	return err
}

// parseYes reads true or false; nil: it is not said.
func parseYes(field, text string) (*bool, error) {
	if text == "" {
		return nil, nil //nolint:nilnil // as it says
	}
	yes, err := strconv.ParseBool(text)
	if err != nil {
		return nil, badField(field, "true or false is wanted")
	}
	return &yes, nil
}

// wantsSheet reports whether a list is asked for as CSV.
func wantsSheet(r *http.Request) bool {
	kind, _, _ := strings.Cut(r.Header.Get("Accept"), ";")
	return strings.EqualFold(strings.TrimSpace(kind), "text/csv")
}

// Cell is a text as a cell of a sheet: one that a program of sheets would take
// for a formula is led by an apostrophe.
func Cell(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}

// writeSheet answers with a list as CSV. The cursor of the next part is in a
// header.
func (s *Server) writeSheet(w http.ResponseWriter, l *ticket.Listing, next string) error {
	w.Header().Set("Content-Type", "text/csv; charset=utf-8; header=present")
	w.Header().Set("Content-Disposition", `attachment; filename="tickets.csv"`)
	if next != "" {
		w.Header().Set("X-Next-Cursor", next)
	}
	if l.Missing != "" {
		w.Header().Set("X-Missing", string(l.Missing))
	}
	at := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.UTC().Format(time.RFC3339)
	}
	sheet := csv.NewWriter(w)
	rows := [][]string{{
		"number", "kind", "state", "urgency", "customer", "site", "title", "assignee",
		"opened_at", "acknowledged_at", "picked_up_at", "resolved_at", "closed_at", "due_at", "gti", "treated",
	}}
	for i := range l.Tickets {
		t := &l.Tickets[i]
		rows = append(rows, []string{
			t.Number, string(t.Kind), string(t.State), t.Urgency.String(), t.Customer, t.Site, t.Title, t.Assignee,
			at(t.OpenedAt), at(t.AcknowledgedAt), at(t.PickedUpAt), at(t.ResolvedAt), at(t.ClosedAt), at(t.GTI.DueAt), string(t.GTIState(s.engine.Now())), treatedFor(t),
		})
	}
	for _, row := range rows {
		for i := range row {
			row[i] = Cell(row[i])
		}
		if err := sheet.Write(row); err != nil {
			return fmt.Errorf("web: write a sheet: %w", err)
		}
	}
	sheet.Flush()
	return nil // the peer may have gone
}

// treatedFor is how long the treatment of a ticket took that is over; empty if nobody
// picked it up.
func treatedFor(t *ticket.Ticket) string {
	if t.PickedUpAt.IsZero() || t.ResolvedAt.IsZero() {
		return ""
	}
	return short(t.TreatedFor().Truncate(time.Second))
}
