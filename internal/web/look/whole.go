package look

import (
	"cmp"
	"strings"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// How much of a ticket a page shows.
const (
	ShownAlerts  = 8
	ShownEntries = 40
)

// Whole is a ticket with all that a page shows of it.
type Whole struct {
	Number, Class, Urgency string
	Where, Title, Since    string
	State, StateClass      string
	GTI, GTIClass          string
	NextPage, Called       string
	Callers                []Caller
	Alerts                 []Alert
	MoreAlerts             int
	Said                   []Fact // what people say of it
	Proposed               string // what the table of urgencies makes of that
	Entries                []Entry
	MoreEntries            int
	Tooled                 bool // alerts stand behind it
	CanSnooze              bool

	Bar Bar
}

// Asked is what a page was opened for.
type Asked struct {
	Next  []string          // whom passing the ticket on would page
	Check Check             // what is known of checking it again
	Sure  escalation.Action // the button that asks; empty: none
	Done  string            // what came of the button that was pressed; empty: none was
}

// Whole puts a ticket into words; it becomes the one that is spoken of.
func (v *Viewer) Whole(view *ticket.View, a Asked) Whole {
	v.Ticket = &view.Ticket
	t := v.Ticket
	w := Whole{
		Number: t.Number, Class: "u-" + t.Urgency.String(), Urgency: v.Words.UrgencyWord(t.Urgency),
		Where: v.Where(), Title: cmp.Or(strings.TrimSpace(t.Title), t.Number),
		Since: v.SinceWord + " " + v.At(t.OpenedAt) + " · " + v.Lasted(v.Now.Sub(t.OpenedAt)),
	}
	w.State, w.StateClass = v.State()
	w.GTI, w.GTIClass = v.GTI()
	if next := t.NextPageAt(); !next.IsZero() {
		w.NextPage = v.At(next)
	}
	if !t.State.Active() {
		w.Class = "u-over" // the colour of alarm has done its work
	}
	now := Called(t)
	w.Called, w.Callers = v.Names(now, len(now)), v.Callers()
	w.Alerts, w.Tooled, w.MoreAlerts = v.Alerts(view.Alerts, ShownAlerts)
	w.Said, w.Proposed = v.Qualification(view.Sheet)
	w.Callers = v.contact(view.Sheet, w.Callers)
	w.Entries, w.MoreEntries = v.Timeline(view.Timeline, ShownEntries)
	w.Bar = v.barOf(v.asks(a.Sure, a.Next, view.Alerts), a.Next, a.Check.Can)
	w.Bar.Waits = a.Check.Waits(a.Done)
	w.CanSnooze = w.Bar.Sure == nil && (t.State == ticket.Open || t.State == ticket.Acknowledged && t.AcknowledgedBy.Person() == v.Me)
	if w.Bar.Said, w.Bar.Bad = v.Flash(a.Done, view, &a.Check); w.Bar.Said == "" {
		w.Bar.Said = w.State
	} else {
		w.Bar.Good = !w.Bar.Bad
	}
	return w
}
