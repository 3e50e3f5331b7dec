package archive

import (
	"slices"
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// query is a search, ready to be asked.
type query struct {
	scope  ticket.Scope
	search *ticket.Search
	words  []string
	tiers  []int
	order  order
	recent []ticket.Changed
	// titled are all tickets with the words in their titles; nil: it is not known.
	titled []found
}

// laidOver is how many tickets of the store take the places of the archive's.
const laidOver = 500

func newQuery(scope ticket.Scope, s *ticket.Search, recent []ticket.Changed) *query {
	q := &query{scope: scope, search: s, words: asked(s.Text), order: orders[s.Sort], recent: recent[max(0, len(recent)-laidOver):]}
	switch {
	case q.order.key == nil:
		q.order = orders[ticket.SortDefault]
	case s.Sort == ticket.SortDefault && len(q.words) > 0:
		q.tiers = []int{tierNumber, tierTitle, tierText}
	}
	switch {
	case q.tiers != nil:
	case s.Text != "" && len(q.words) == 0: // nothing has it
		q.tiers = []int{tierNumber}
	default:
		q.tiers = []int{tierAny}
	}
	return q
}

// condition is a part of what selects a ticket, in SQL and for a row.
type condition struct {
	sql  string
	args []any
	row  func(r *row) bool
}

// conditions are what all tiers select by.
func (q *query) conditions() (all []condition) {
	s := q.search
	oneOf := func(column string, of func(r *row) string, wanted ...string) {
		args := make([]any, len(wanted))
		for i, w := range wanted {
			args[i] = w
		}
		all = append(all, condition{column + " IN (" + marks(len(wanted)) + ")", args, func(r *row) bool { return slices.Contains(wanted, of(r)) }})
	}
	if !q.scope.All() {
		all = append(all, q.scoped())
	}
	if len(s.States) > 0 {
		var states []string
		for _, state := range s.States {
			states = append(states, string(state))
		}
		if !slices.Contains(s.States, ticket.Closed) {
			all = append(all, condition{"t.closed_at = 0", nil, func(r *row) bool { return r.closed == 0 }})
		}
		oneOf("t.state", func(r *row) string { return r.state }, states...)
	}
	for _, f := range []struct {
		column, wanted string
		of             func(r *row) string
	}{
		{"t.source", s.Source, func(r *row) string { return r.source }},
		{"t.customer", s.Customer, func(r *row) string { return r.customer }},
		{"t.site", s.Site, func(r *row) string { return r.site }},
		{"t.team", s.Group, func(r *row) string { return r.team }},
		{"t.tier", s.Tier, func(r *row) string { return r.tier }},
		{"t.assignee", s.Assignee, func(r *row) string { return r.assignee }},
		{"t.kind", string(s.Kind), func(r *row) string { return r.kind }},
		{"t.origin", s.Origin, func(r *row) string { return r.origin }},
		{"t.category", s.Category, func(r *row) string { return r.category }},
		{"t.equipment", s.Equipment, func(r *row) string { return r.equipment }},
	} {
		if f.wanted != "" {
			oneOf(f.column, f.of, f.wanted)
		}
	}
	all = append(all, q.measures()...)
	return append(all, q.people()...)
}

// scoped selects what somebody sees who does not see everything: the tickets of some
// customers, and those that are assigned to that person.
func (q *query) scoped() condition {
	customers, person := q.scope.Customers(), q.scope.Person()
	c := condition{sql: "1 = 0", row: func(r *row) bool {
		return q.scope.SeesCustomer(r.customer) || person != "" && r.assignee == person
	}}
	if len(customers) > 0 {
		c.sql += " OR t.customer IN (" + marks(len(customers)) + ")"
		for _, customer := range customers {
			c.args = append(c.args, customer)
		}
	}
	if person != "" {
		c.sql, c.args = c.sql+" OR t.assignee = ?", append(c.args, person)
	}
	c.sql = "(" + c.sql + ")"
	return c
}

// measures are the conditions on what is counted or timed.
func (q *query) measures() (all []condition) {
	s := q.search
	if len(s.Urgencies) > 0 {
		var args []any
		for _, u := range s.Urgencies {
			args = append(args, int64(u))
		}
		all = append(all, condition{"t.urgency IN (" + marks(len(args)) + ")", args, func(r *row) bool {
			return slices.ContainsFunc(s.Urgencies, func(u ticket.Urgency) bool { return int64(u) == r.urgency })
		}})
	}
	if s.Unassigned {
		all = append(all, condition{"t.assignee = ''", nil, func(r *row) bool { return r.assignee == "" }})
	}
	if s.Billable != nil {
		wanted := int64(unbillable)
		if *s.Billable {
			wanted = billable
		}
		all = append(all, condition{"t.billable = ?", []any{wanted}, func(r *row) bool { return r.billable == wanted }})
	}
	from := func(sql string, at time.Time, of func(time.Time) int64, selects func(r *row, bound int64) bool) {
		if !at.IsZero() {
			bound := of(at)
			all = append(all, condition{sql, []any{bound}, func(r *row) bool { return selects(r, bound) }})
		}
	}
	from("t.id >= ?", s.Since, idFrom, func(r *row, bound int64) bool { return r.id >= bound })
	from("t.id < ?", s.Until, idFrom, func(r *row, bound int64) bool { return r.id < bound })
	if !s.DueBefore.IsZero() {
		bound := micros(s.DueBefore)
		all = append(all, condition{"(t.due_at > 0 AND t.due_at < ? AND t.stopped_at = 0 OR t.next_at > 0 AND t.next_at < ?)", []any{bound, bound}, func(r *row) bool {
			return r.due > 0 && r.due < bound && r.stopped == 0 || r.next > 0 && r.next < bound
		}})
	}
	if s.Sort == ticket.SortDue {
		all = append(all, condition{"t.due_at > 0", nil, func(r *row) bool { return r.due > 0 }})
	}
	from("t.resolved_at >= ?", s.ResolvedSince, micros, func(r *row, bound int64) bool { return r.resolved >= bound })
	from("t.resolved_at > 0 AND t.resolved_at < ?", s.ResolvedUntil, micros, func(r *row, bound int64) bool { return r.resolved > 0 && r.resolved < bound })
	if s.Breached != nil {
		all = append(all, breached(*s.Breached, micros(s.Now)))
	}
	if s.Clock != "" {
		all = append(all, clocked(s.Clock, micros(s.Now)))
	}
	return all
}

// clocked selects by what the clock shows, as ticket.GTIState says it.
func clocked(wanted ticket.GTIState, now int64) condition {
	is := "t.promised = 0"
	switch wanted {
	case ticket.GTIMissed:
		return condition{isMissed, []any{now}, func(r *row) bool { return r.clock(now) == wanted }}
	case ticket.GTIMet:
		is = "t.promised = 1 AND t.stopped_at > 0 AND (t.due_at = 0 OR t.stopped_at <= t.due_at)"
	case ticket.GTIRunning, ticket.GTIPaused:
		return condition{"t.promised = 1 AND t.stopped_at = 0 AND (t.due_at = 0 OR t.due_at >= ?)", []any{now}, func(r *row) bool {
			return r.clock(now) == ticket.GTIRunning
		}}
	case ticket.GTINone, ticket.GTIUnpromised:
		wanted = ticket.GTINone
	}
	return condition{is, nil, func(r *row) bool { return r.clock(now) == wanted }}
}

// isMissed says in SQL that the clock ended before somebody picked the ticket up.
const isMissed = "(t.due_at > 0 AND (t.stopped_at > t.due_at OR t.stopped_at = 0 AND t.due_at < ?))"

// breached selects by whether a promise was missed, as ticket.Breach says it.
func breached(wanted bool, now int64) condition {
	is := "(" + isMissed + " OR t.missed = 1 OR t.next_at > 0 AND t.next_at < ?)"
	if !wanted {
		is = "NOT " + is
	}
	return condition{is, []any{now, now}, func(r *row) bool {
		return wanted == (r.clock(now) == ticket.GTIMissed || r.missed == 1 || r.next > 0 && r.next < now)
	}}
}

// statement is the SQL of one tier after a place.
func (q *query) statement(d *dialect, after place, most int) (text string, args []any) {
	tables, column := "tickets t", q.order.column
	var where []string
	add := func(sql string, more ...any) { where, args = append(where, sql), append(args, more...) }
	switch {
	case after.tier == tierNumber:
		add("t.number = ?", q.number())
	case len(q.words) > 0:
		tables = d.joined
		if column == byID {
			column = d.joinedID
		}
		add(d.matches, q.expression(d, after.tier))
		if after.tier != tierAny {
			add("t.number <> ?", q.number())
		}
		if after.tier == tierText && len(q.titled) > 0 { // it is quicker than to look for their words again
			ids := make([]any, len(q.titled))
			for i := range q.titled {
				ids[i] = q.titled[i].id
			}
			add("t.id NOT IN ("+marks(len(ids))+")", ids...)
		}
	}
	for _, c := range q.conditions() {
		add(c.sql, c.args...)
	}
	if n := len(q.recent); n > 0 {
		numbers := make([]any, n)
		for i := range q.recent {
			numbers[i] = q.recent[i].Number
		}
		add("t.number NOT IN ("+marks(n)+")", numbers...)
	}
	direction, is := " DESC", "<"
	if q.order.rising {
		direction, is = "", ">"
	}
	if after != q.start(after.tier) {
		if q.order.column == byID {
			add(column+" "+is+" ?", after.id)
		} else {
			add("("+column+", t.id) "+is+" (?, ?)", after.key, after.id)
		}
	}
	if len(where) == 0 {
		where = []string{"1 = 1"}
	}
	by := column + direction
	if q.order.column != byID {
		by += ", t.id" + direction
	}
	return "SELECT f.key, f.id, b.body FROM (SELECT " + q.order.column + " AS key, t.id AS id FROM " + tables +
		" WHERE " + strings.Join(where, " AND ") + " ORDER BY " + by + " LIMIT ?) f JOIN bodies b ON b.ticket = f.id", append(args, most)
}

// number is the words as they would be a ticket's number.
func (q *query) number() string { return strings.ToUpper(strings.TrimSpace(q.search.Text)) }

func (q *query) expression(d *dialect, tier int) string {
	switch tier {
	case tierTitle:
		return d.inTitle(q.words)
	case tierText:
		if q.titled == nil {
			return d.inText(q.words)
		}
	}
	return d.inAny(q.words)
}

// matches says whether a tier has a ticket of the store, and where.
func (q *query) matches(c *ticket.Changed, tier int) (f found, ok bool) {
	if c.Gone {
		return f, false
	}
	s := sheetOf(c.View.Sheet)
	r := rowOf(c, &s)
	for _, condition := range q.conditions() {
		if !condition.row(&r) {
			return f, false
		}
	}
	if len(q.words) > 0 && !q.says(c, &s, tier) {
		return f, false
	}
	return found{place{tier, q.order.key(&r), r.id}, c.View.Ticket}, true
}

// says reports whether a ticket has the words, as a tier wants them.
func (q *query) says(c *ticket.Changed, s *sheet, tier int) bool {
	exact := c.View.Ticket.Number == q.number()
	if tier == tierNumber || exact {
		return exact && (tier == tierNumber || tier == tierAny)
	}
	w := wordsOf(c, s)
	title := hasAll(strings.Fields(w.title), q.words)
	switch tier {
	case tierTitle:
		return title
	case tierText:
		return !title && hasAll(strings.Fields(w.title+" "+w.text), q.words)
	}
	return hasAll(strings.Fields(w.title+" "+w.text), q.words)
}

func hasAll(words, wanted []string) bool {
	for _, w := range wanted {
		if !slices.ContainsFunc(words, func(word string) bool { return word == w || len(w) >= prefixed && strings.HasPrefix(word, w) }) {
			return false
		}
	}
	return true
}

// Selects reports whether a search selects a ticket of a store, as far as the
// ticket itself says it.
func Selects(scope ticket.Scope, s *ticket.Search, t *ticket.Ticket) bool {
	bare := *s
	bare.Sort, bare.Cursor = ticket.SortOpened, ""
	q := newQuery(scope, &bare, nil)
	_, ok := q.matches(&ticket.Changed{Number: t.Number, View: ticket.View{Ticket: *t}}, q.tiers[0])
	return ok && scope.Err() == nil
}
