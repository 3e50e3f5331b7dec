package web

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// How much of a ticket the page shows.
const (
	shownAlerts  = 8
	shownEntries = 40
)

// page is what the template shows: a ticket, or trouble with the link.
type page struct {
	*lang.Page
	Trouble, Advice string

	Of int // how many tickets the link stands for; 0: this one alone

	Number, Class, Urgency string
	Where, Title, Since    string
	State, StateClass      string
	GTI, GTIClass          string
	NextPage, Called       string
	Callers                []caller
	Alerts                 []alertLine
	MoreAlerts             int
	Entries                []entryLine
	MoreEntries            int
	Tooled                 bool // alerts stand behind it

	Bar bar
}

type entryLine struct{ At, What, Text string }

// viewer puts a ticket into a person's words.
type viewer struct {
	*lang.Page
	words *lang.Words
	rules *escalation.Rules
	now   time.Time
	t     *ticket.Ticket
	me    string
}

// pageOf is the ticket as the person sees it; query says what came of the
// button that was pressed, if any, or which one asks.
func (s *Server) pageOf(v *ticket.View, person contacts.Person, query url.Values) *page {
	rules := s.engine.Rules()
	words := lang.In(paging.Language(person, rules))
	view := &viewer{Page: &words.Page, words: words, rules: rules, now: s.engine.Now(), t: &v.Ticket, me: person.Key}
	t := &v.Ticket
	p := &page{
		Page: &words.Page, Number: t.Number,
		Class: "u-" + t.Urgency.String(), Urgency: words.UrgencyWord(t.Urgency),
		Where: view.where(), Title: cmp.Or(strings.TrimSpace(t.Title), t.Number),
		Since: words.Page.SinceWord + " " + view.at(t.OpenedAt) + " · " + words.Page.Lasted(view.now.Sub(t.OpenedAt)),
	}
	p.State, p.StateClass = view.state()
	p.GTI, p.GTIClass = view.gti()
	if next := t.NextPageAt(); !next.IsZero() {
		p.NextPage = view.at(next)
	}
	if !t.State.Active() {
		p.Class = "u-over" // the colour of alarm has done its work
	}
	now := called(t)
	p.Called, p.Callers = view.names(now, len(now)), view.callers()
	view.alerts(p, v.Alerts)
	view.timeline(p, v.Timeline)
	next := s.engine.WouldPage(*t)
	p.Bar = view.barOf(view.asked(escalation.Action(query.Get(fieldSure)), next, v.Alerts), next, s.recheck)
	if p.Bar.Said, p.Bar.Bad = view.flash(query.Get("done"), v, s.recheck); p.Bar.Said == "" {
		p.Bar.Said = p.State
	} else {
		p.Bar.Good = !p.Bar.Bad
	}
	return p
}

func (v *viewer) where() string {
	customer := v.t.Customer
	if c, ok := v.rules.Customer(customer); ok {
		customer = cmp.Or(c.Name, customer)
	}
	parts := slices.DeleteFunc([]string{customer, v.t.Site}, func(s string) bool { return strings.TrimSpace(s) == "" })
	return strings.Join(parts, " · ")
}

// at is a time of day at the desk, with its date where that is not today.
func (v *viewer) at(t time.Time) string {
	t, now := t.In(v.rules.Location), v.now.In(v.rules.Location)
	if t.Format(time.DateOnly) == now.Format(time.DateOnly) {
		return t.Format("15:04")
	}
	return t.Format("02/01 15:04")
}

// who names whoever acted: you, a person's name, or what acted.
func (v *viewer) who(a *ticket.Actor) string { return v.words.Who(a, v.reader()) }

// name is a person's name, by the key.
func (v *viewer) name(key string) string {
	if key == v.me {
		return v.You
	}
	p, _ := v.rules.Directory.Person(key)
	return cmp.Or(p.Name, key)
}

func (v *viewer) reader() lang.Reader { return lang.Reader{Name: v.name, At: v.at} }

// state says where the ticket stands, who brought it there, and when.
func (v *viewer) state() (text, class string) {
	switch v.t.State {
	case ticket.Acknowledged:
		return v.by(v.TakenState, v.t.AcknowledgedBy, v.t.AcknowledgedAt), "taken"
	case ticket.InProgress:
		return v.by(v.WorkingState, v.t.PickedUpBy, v.t.PickedUpAt), "taken"
	case ticket.StateResolved:
		return v.by(v.ResolvedState, v.t.ResolvedBy, v.t.ResolvedAt), "over"
	case ticket.Closed:
		return v.by(v.ClosedState, nil, v.t.ClosedAt), "over"
	case ticket.Open:
	}
	return v.UntakenState, "open"
}

// by writes "Taken by Bruno Petit · 03:14".
func (v *viewer) by(what string, actor *ticket.Actor, at time.Time) string {
	if who := v.who(actor); who != "" {
		what += " " + v.words.Timeline.By + " " + who
	}
	if at.IsZero() {
		return what
	}
	return what + " · " + v.at(at)
}

// gti says until when, and how the clock stands.
func (v *viewer) gti() (text, class string) {
	due := v.t.GTI.DueAt
	switch v.t.GTIState(v.now) {
	case ticket.GTIRunning:
		class = "running"
		if due.Sub(v.now) < 15*time.Minute {
			class = "close"
		}
		return v.at(due) + " · " + lang.Fill(v.Left, "left", v.Lasted(due.Sub(v.now))), class
	case ticket.GTIMet:
		return v.at(due) + " · " + v.Met, "met"
	case ticket.GTIMissed:
		return v.at(due) + " · " + v.Missed, "missed"
	case ticket.GTINone:
	}
	return "", ""
}

// flash says what came of the button that was pressed. The code comes from an
// address: one that is not known, or not so any more, says nothing.
func (v *viewer) flash(done string, view *ticket.View, checked bool) (text string, bad bool) {
	switch done {
	case doneTaken:
		by, at := v.t.AcknowledgedBy, v.t.AcknowledgedAt
		if v.t.State == ticket.InProgress {
			by, at = v.t.PickedUpBy, v.t.PickedUpAt
		}
		if by == nil {
			return v.Outcomes[done], true // given up again since
		}
		return lang.Fill(v.Page.TakenBy, "who", v.who(by), "at", v.at(at)), true
	case doneOver, doneLate, doneEmpty, doneMany, doneStale, doneNobody:
		return v.Outcomes[done], true
	}
	switch mine := v.t.State.Taken() && v.t.AcknowledgedBy.Person() == v.me; escalation.Action(done) {
	case escalation.ActAcknowledge, escalation.ActPickUp:
		if !mine && v.t.PickedUpBy.Person() != v.me {
			return "", false
		}
	case escalation.ActEscalate:
		if now := called(v.t); len(now) > 0 {
			return lang.Fill(v.NowCalls, "list", v.names(now, shownNames)), false
		}
	case escalation.ActRecheck:
		if !checked {
			return v.lastWord(view), false
		}
	default:
	}
	return v.Outcomes[done], false
}

func (v *viewer) alerts(p *page, records []ticket.AlertRecord) {
	for i := range records[:min(len(records), shownAlerts)] {
		p.Alerts = append(p.Alerts, v.alertLine(&records[i]))
	}
	p.Tooled = len(records)+v.t.Firing+v.t.Resolved > 0
	p.MoreAlerts = max(v.t.Firing+v.t.Resolved-len(p.Alerts), 0)
}

// timeline is the newest first: what happened last is what one wants to know.
func (v *viewer) timeline(p *page, entries []ticket.Entry) {
	p.MoreEntries = max(len(entries)-shownEntries, 0)
	for i, e := range slices.Backward(entries) {
		if i < p.MoreEntries {
			break
		}
		p.Entries = append(p.Entries, entryLine{At: v.at(e.At), What: v.words.What(&e, v.reader()), Text: v.words.Told(&e, v.reader())})
	}
}
