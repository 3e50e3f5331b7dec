package web

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// list is what the template shows of a link that stands for several tickets.
type list struct {
	*lang.Page

	Class, Urgency, Since string     // of what is worst and not over
	Tickets               []listLine // the open ones first, worst first
	Open, Taken, Over     int        // how many of each

	// How many a button is for; none: it is disabled.
	Take, Start, Check, Pass, Resolve, Undo, Note int

	next   []string // whom passing them on would page
	called []string // whom those that were passed on page now
	firing int      // tickets of which an alert fires, among those that Resolve counts

	Bar bar
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
func (s *Server) listOf(tickets []ticket.Ticket, h *holder, query url.Values) *list {
	person := h.person
	rules := s.engine.Rules()
	words := lang.In(paging.Language(person, rules))
	l := &list{Page: &words.Page, Class: "u-over", Tickets: make([]listLine, len(tickets))}
	view := &viewer{Page: &words.Page, words: words, rules: rules, now: s.engine.Now(), me: person.Key}
	var since time.Time
	for i := range tickets {
		t := &tickets[i]
		view.t = t
		l.Tickets[i] = view.line()
		l.count(t, person.Key, view.now, s.engine.WouldPage)
		if t.State.Active() && (since.IsZero() || t.OpenedAt.Before(since)) {
			since = t.OpenedAt
		}
	}
	if worst := &tickets[0]; worst.State.Active() {
		l.Class, l.Urgency = "u-"+worst.Urgency.String(), words.UrgencyWord(worst.Urgency)
		l.Since = words.Page.SinceWord + " " + view.at(since) + " · " + words.Page.Lasted(view.now.Sub(since))
	}
	l.bar(view, sealAll(h.link.Bundle, tickets), query, s.recheck)
	return l
}

// bar has the same buttons as a ticket's own, at the same places.
func (l *list) bar(v *viewer, seen string, query url.Values, checks bool) {
	counted := func(label string, n int) string {
		if n == 0 {
			return label
		}
		return fmt.Sprintf("%s (%d)", label, n)
	}
	l.Bar = bar{Page: l.Page, Seen: seen}
	switch action := escalation.Action(query.Get(fieldSure)); {
	case action == escalation.ActEscalate && l.Pass > 0:
		text := l.GiveAllText
		if len(l.next) > 0 {
			text = lang.Fill(l.WouldCall, "list", v.names(l.next, len(l.next)))
		}
		l.Bar.Sure = &sure{Action: action, Title: counted(l.GiveAll, l.Pass), Text: text + " " + l.OthersStay, Label: l.GiveSure}
	case action == escalation.ActResolve && l.Resolve > 0:
		warning := ""
		if l.firing > 0 {
			warning = lang.Fill(l.AllFireStill, "n", strconv.Itoa(l.firing))
		}
		l.Bar.Sure = &sure{Action: action, Title: counted(l.ResolveAll, l.Resolve), Warning: warning, Text: l.ConfirmIt + " " + l.OthersStay, Label: l.ResolveSure, Prompt: l.ResolveText}
	}
	check := act(escalation.ActRecheck, counted(l.LastAll, l.Check), l.Check > 0)
	if checks {
		check.Label = counted(l.CheckAll, l.Check)
	}
	take := act(escalation.ActAcknowledge, counted(l.TakeAll, l.Take), l.Take > 0)
	start := act(escalation.ActPickUp, counted(l.StartAll, l.Start), l.Start > 0)
	pass := ask(escalation.ActEscalate, counted(l.GiveAll, l.Pass), l.Pass > 0)
	if pass.Small = v.toThose(l.next); l.Pass == 0 && l.Open > 0 {
		pass.Small = l.NobodyElse
	}
	take.Main, start.Main = true, l.Take == 0
	l.Bar.Keys = []key{
		take, start, check, pass,
		ask(escalation.ActResolve, counted(l.ResolveAll, l.Resolve), l.Resolve > 0),
		act(escalation.ActUndo, counted(l.UndoAll, l.Undo), l.Undo > 0),
	}
	l.Bar.settle()
	if l.flash(v, query); l.Bar.Said == "" {
		l.Bar.Said = l.standing()
	} else {
		l.Bar.Good = !l.Bar.Bad
	}
}

// standing says how many tickets there are of which kind.
func (l *list) standing() string {
	var parts []string
	for _, part := range []struct {
		word string
		n    int
	}{{l.OpenWord, l.Open}, {l.TakenWord, l.Taken}, {l.OverWord, l.Over}} {
		if part.n > 0 {
			parts = append(parts, fmt.Sprintf("%s (%d)", part.word, part.n))
		}
	}
	return strings.Join(parts, " · ")
}

// line is one ticket of a list.
func (v *viewer) line() listLine {
	line := listLine{
		Number: v.t.Number, Title: cmp.Or(abridged(strings.TrimSpace(v.t.Title), maxListed), v.t.Number),
		Class: "u-" + v.t.Urgency.String(), Facts: v.words.UrgencyWord(v.t.Urgency),
	}
	if where := v.where(); where != "" {
		line.Facts += " · " + where
	}
	line.Facts += " · " + v.SinceWord + " " + v.at(v.t.OpenedAt)
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
func (l *list) count(t *ticket.Ticket, me string, now time.Time, wouldPage func(ticket.Ticket) []string) {
	open, mine := t.State == ticket.Open, t.TakenBy(me)
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
		next := wouldPage(*t)
		if mine || len(next) > 0 {
			l.Pass++
			l.next = added(l.next, next)
		}
		if open && !t.Progress.Last.Passed.IsZero() {
			l.called = added(l.called, called(t))
		}
		l.Resolve++
		if t.Firing > 0 {
			l.firing++
		}
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

// added are people with others, each once.
func added(people, others []string) []string {
	for _, person := range others {
		if !slices.Contains(people, person) {
			people = append(people, person)
		}
	}
	return people
}

// flash says what came of the button that was pressed for all. What an address
// says that no button leads to says nothing.
func (l *list) flash(v *viewer, query url.Values) {
	done := query.Get("done")
	if done == doneEmpty || done == doneStale {
		l.Bar.Said, l.Bar.Bad = l.Outcomes[done], true
		return
	}
	n, err := strconv.Atoi(query.Get("n"))
	left, err2 := strconv.Atoi(query.Get("left"))
	phrase, known := l.OutcomesOfAll[done]
	if err != nil || err2 != nil || !known || n < 0 || left < 0 || n > len(l.Tickets) || left > len(l.Tickets)-n {
		return
	}
	l.Bar.Said, l.Bar.Bad = lang.Fill(phrase, "n", strconv.Itoa(n)), n == 0
	switch {
	case n == 0:
		l.Bar.Said = l.NothingDone
	case escalation.Action(done) == escalation.ActEscalate && len(l.called) > 0:
		l.Bar.Said = lang.Fill(l.GaveAll, "n", strconv.Itoa(n), "list", v.names(l.called, shownNames))
	}
	if left > 0 {
		l.Bar.Said += " " + lang.Fill(l.LeftAlone, "n", strconv.Itoa(left))
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
