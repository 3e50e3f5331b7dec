package web

import (
	"cmp"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// list is what the template shows of a link that stands for several tickets.
type list struct {
	*phrases

	Class, Urgency, Since string // of what is worst and not over
	Flash                 string
	FlashBad              bool
	Tickets               []listLine // the open ones first, worst first
	Open, Taken, Over     int        // how many of each

	// How many a button is for; none: it is not shown.
	Take, Start, Check, Pass, Resolve, Undo, Note int
}

type listLine struct {
	Number, Title, Facts string
	Class                string // of its urgency
	State, StateClass    string
	GTI, GTIClass        string
}

// maxListed is how many characters of a title a list shows.
const maxListed = 120

// listOf is a bundle, worst first, as the person sees it.
func (s *Server) listOf(tickets []ticket.Ticket, person contacts.Person) *list {
	rules := s.engine.Rules()
	words := phrasesIn(paging.Language(person, rules))
	l := &list{phrases: words, Class: "u-over", Tickets: make([]listLine, len(tickets))}
	view := &viewer{phrases: words, rules: rules, now: s.engine.Now(), me: person.Key}
	var since time.Time
	for i := range tickets {
		t := &tickets[i]
		view.t = t
		l.Tickets[i] = view.line()
		l.count(t, person.Key, view.now)
		if t.State.Active() && (since.IsZero() || t.OpenedAt.Before(since)) {
			since = t.OpenedAt
		}
	}
	if worst := &tickets[0]; worst.State.Active() {
		l.Class, l.Urgency = "u-"+worst.Urgency.String(), words.urgency[worst.Urgency]
		l.Since = words.since + " " + view.at(since) + " · " + words.lasted(view.now.Sub(since))
	}
	return l
}

// line is one ticket of a list.
func (v *viewer) line() listLine {
	line := listLine{
		Number: v.t.Number, Title: cmp.Or(abridged(strings.TrimSpace(v.t.Title), maxListed), v.t.Number),
		Class: "u-" + v.t.Urgency.String(), Facts: v.urgency[v.t.Urgency],
	}
	if where := v.where(); where != "" {
		line.Facts += " · " + where
	}
	line.Facts += " · " + v.since + " " + v.at(v.t.OpenedAt)
	line.State, line.StateClass = v.state()
	if v.t.State.Active() {
		line.GTI, line.GTIClass = v.gti()
	} else {
		line.Class = "u-over"
	}
	return line
}

// abridged cuts a text to so many characters.
func abridged(s string, most int) string {
	n := 0
	for i := range s {
		if n++; n > most {
			return s[:i] + "…"
		}
	}
	return s
}

// count adds a ticket to those that a button would change.
func (l *list) count(t *ticket.Ticket, me string, now time.Time) {
	open, mine := t.State == ticket.Open, paging.TakenBy(t, me)
	switch {
	case open:
		l.Open++
		l.Take++
	case t.State.Taken():
		l.Taken++
	default:
		l.Over++
	}
	if open || mine {
		l.Pass++
		l.Resolve++
		if t.State != ticket.InProgress {
			l.Start++
		}
	}
	if t.State.Active() {
		l.Check++
	}
	if t.State != ticket.Closed {
		l.Note++
	}
	if t.State == ticket.StateResolved && t.ResolvedBy.Person() == me && t.Undo != nil && !now.After(t.Undo.Until) {
		l.Undo++
	}
}

// flash says what came of the button that was pressed for all. What an address
// says that no button leads to says nothing.
func (l *list) flash(query url.Values) {
	done := query.Get("done")
	if done == doneEmpty {
		l.Flash, l.FlashBad = l.outcomes[done], true
		return
	}
	n, err := strconv.Atoi(query.Get("n"))
	left, err2 := strconv.Atoi(query.Get("left"))
	phrase, known := l.outcomesOfAll[escalation.Action(done)]
	if err != nil || err2 != nil || !known || n < 0 || left < 0 || n > len(l.Tickets) || left > len(l.Tickets)-n {
		return
	}
	l.Flash, l.FlashBad = fmt.Sprintf(phrase, n), n == 0
	if n == 0 {
		l.Flash = l.nothingDone
	}
	if left > 0 {
		l.Flash += " " + fmt.Sprintf(l.leftAlone, left)
	}
}

// worstFirst puts open tickets before those that are taken, and these before
// those that are over; then the most urgent, then the one whose GTI ends
// first, then the oldest.
func worstFirst(a, b ticket.Ticket) int {
	return cmp.Or(
		cmp.Compare(rank(a.State), rank(b.State)),
		cmp.Compare(b.Urgency, a.Urgency),
		earlier(a.GTI.DueAt, b.GTI.DueAt),
		a.OpenedAt.Compare(b.OpenedAt),
		cmp.Compare(a.Number, b.Number),
	)
}

func rank(s ticket.State) int {
	switch {
	case s == ticket.Open:
		return 0
	case s.Taken():
		return 1
	}
	return 2
}

// earlier compares two times, one that never comes being the last.
func earlier(a, b time.Time) int {
	if a.IsZero() != b.IsZero() {
		if a.IsZero() {
			return 1
		}
		return -1
	}
	return a.Compare(b)
}
