package web

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web/look"
	"github.com/astreinte/astreinte/paging"
)

// list is what the template shows of a link that stands for several tickets.
type list struct {
	*lang.Page
	sheet

	Class, Urgency, Since string      // of what is worst and not over
	Tickets               []look.Line // the open ones first, worst first
	Open, Taken, Over     int         // how many of each

	// How many a button is for; none: it is disabled.
	Take, Nap, Start, Check, Pass, Resolve, Undo, Note int

	next   []string // whom passing them on would page
	called []string // whom those that were passed on page now
	firing int      // tickets of which an alert fires, among those that Resolve counts

	Bar look.Bar
}

// listOf is a bundle, worst first, as the person sees it.
func (s *Server) listOf(tickets []ticket.Ticket, h *holder, query url.Values) *list {
	person := h.person
	rules := s.engine.Rules()
	words := lang.In(paging.Language(person, rules)).Labelled(rules.Desk.Labels)
	l := &list{Page: &words.Page, sheet: s.sheet(words), Class: "u-over", Tickets: make([]look.Line, len(tickets))}
	view := look.For(person.Key, words, rules, s.engine.Now())
	var since time.Time
	for i := range tickets {
		t := &tickets[i]
		view.Ticket = t
		l.Tickets[i] = view.Line()
		l.count(t, person.Key, view.Now, s.engine.WouldPage)
		if t.State.Active() && (since.IsZero() || t.OpenedAt.Before(since)) {
			since = t.OpenedAt
		}
	}
	if worst := &tickets[0]; worst.State.Active() {
		l.Class, l.Urgency = "u-"+worst.Urgency.String(), words.UrgencyWord(worst.Urgency)
		l.Since = words.Page.SinceWord + " " + view.At(since) + " · " + words.Page.Lasted(view.Now.Sub(since))
	}
	l.bar(view, sealAll(h.link.Bundle, tickets), query)
	return l
}

// bar has the same buttons as a ticket's own, at the same places.
func (l *list) bar(v *look.Viewer, seen string, query url.Values) {
	counted := func(label string, n int) string {
		if n == 0 {
			return label
		}
		return fmt.Sprintf("%s (%d)", label, n)
	}
	l.Bar = look.Bar{Page: l.Page, Seen: seen}
	switch action := escalation.Action(query.Get(look.FieldSure)); {
	case action == escalation.ActEscalate && l.Pass > 0:
		text := l.GiveAllText
		if len(l.next) > 0 {
			text = lang.Fill(l.WouldCall, "list", v.Names(l.next, len(l.next)))
		}
		l.Bar.Sure = &look.Sure{Action: action, Title: counted(l.GiveAll, l.Pass), Text: text + " " + l.OthersStay, Label: l.GiveSure}
	case action == escalation.ActResolve && l.Resolve > 0:
		warning := ""
		if l.firing > 0 {
			warning = lang.Fill(l.AllFireStill, "n", strconv.Itoa(l.firing))
		}
		l.Bar.Sure = &look.Sure{Action: action, Title: counted(l.ResolveAll, l.Resolve), Warning: warning, Text: l.ConfirmIt + " " + l.OthersStay, Label: l.ResolveSure, Prompt: l.ResolveText}
	}
	check := look.Act(escalation.ActRecheck, counted(l.LastAll, l.Check), l.Check > 0)
	take := look.Act(escalation.ActAcknowledge, counted(l.TakeAll, l.Take), l.Take > 0)
	start := look.Act(escalation.ActPickUp, counted(l.StartAll, l.Start), l.Start > 0)
	pass := look.Ask(escalation.ActEscalate, counted(l.GiveAll, l.Pass), l.Pass > 0)
	if pass.Small = v.ToThose(l.next); l.Pass == 0 && l.Open > 0 {
		pass.Small = l.NobodyElse
	}
	take.Main, start.Main = true, l.Take == 0
	l.Bar.Keys = []look.Key{
		take, start, check, pass,
		look.Ask(escalation.ActResolve, counted(l.ResolveAll, l.Resolve), l.Resolve > 0),
		look.Act(escalation.ActUndo, counted(l.UndoAll, l.Undo), l.Undo > 0),
	}
	l.Bar.Settle()
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
	if open || mine && t.State == ticket.Acknowledged {
		l.Nap++
	}
	if open || mine {
		next := wouldPage(*t)
		if mine || len(next) > 0 {
			l.Pass++
			l.next = added(l.next, next)
		}
		if open && !t.Progress.Last.Passed.IsZero() {
			l.called = added(l.called, look.Called(t))
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
func (l *list) flash(v *look.Viewer, query url.Values) {
	done := query.Get("done")
	if done == look.DoneEmpty || done == look.DoneStale {
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
		l.Bar.Said = lang.Fill(l.GaveAll, "n", strconv.Itoa(n), "list", v.Names(l.called, look.ShownNames))
	}
	if left > 0 {
		l.Bar.Said += " " + lang.Fill(l.LeftAlone, "n", strconv.Itoa(left))
	}
}
