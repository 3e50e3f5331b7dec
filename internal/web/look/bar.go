package look

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Bar is the foot of a page: what there is to say, and the buttons. It has the
// same size and the same buttons at the same places in every state, so that a
// second tap meets what the first one met. What cannot be done is disabled.
type Bar struct {
	*lang.Page
	Seen, Ticket string // of the forms; Ticket: one of a bundle
	Said         string
	Good, Bad    bool  // whether something was done, or could not be
	Waits        bool  // what is said is said until an answer comes
	Sure         *Sure // a button that asks is being asked about: the answer stands where the words do
	Keys         []Key
}

// Key is one button. Form is the form that it submits: "act" does it, "ask"
// shows what it would do.
type Key struct {
	Form, Name, Value string
	Label, Small      string
	Off, Main         bool
}

// Sure is what a button says before it is done.
type Sure struct {
	Action              escalation.Action
	Title, Warning      string
	Text, Label, Prompt string // Prompt: words can be added
	Restored            string // what is asked besides, where there is room: how one knows that it works again
}

// The names of what a button sends.
const (
	FieldAction = "action"
	FieldSure   = "sure"
)

// Act is a button that does it at once.
func Act(action escalation.Action, label string, may bool) Key {
	return Key{Form: "act", Name: FieldAction, Value: string(action), Label: label, Off: !may}
}

// Ask is a button that asks.
func Ask(action escalation.Action, label string, may bool) Key {
	return Key{Form: "ask", Name: FieldSure, Value: string(action), Label: label, Off: !may}
}

// barOf is the bar below one ticket. next are those whom passing it on would
// page.
func (v *Viewer) barOf(sure *Sure, next []string, checks bool) Bar {
	t := v.Ticket
	open, mine := t.State == ticket.Open, t.State.Taken() && t.AcknowledgedBy.Person() == v.Me
	take := Act(escalation.ActAcknowledge, v.TakeIt, open)
	start := Act(escalation.ActPickUp, v.StartIt, open || t.State == ticket.Acknowledged)
	check := Act(escalation.ActRecheck, v.LastIt, t.State.Active())
	if checks {
		check.Label = v.CheckIt
	}
	pass := Act(escalation.ActEscalate, v.GiveIt, open && len(next) > 0)
	if t.State.Taken() {
		pass = Ask(escalation.ActEscalate, v.GiveIt, true)
	}
	if pass.Small = v.ToThose(next); open && len(next) == 0 {
		pass.Small = v.NobodyElse
	}
	end := Ask(escalation.ActResolve, v.ResolveIt, t.State.Active())
	undo := Act(escalation.ActUndo, v.UndoIt, t.State == ticket.StateResolved && t.Undo != nil && !v.Now.After(t.Undo.Until))
	take.Main, start.Main, end.Main, undo.Main = open, mine, t.State == ticket.InProgress, true
	b := Bar{Page: v.Page, Seen: Seal(t), Sure: sure, Keys: []Key{take, start, check, pass, end, undo}}
	b.Settle()
	return b
}

// Settle has nothing but the answer to be pressed while a button asks.
func (b *Bar) Settle() {
	for i := range b.Keys {
		k := &b.Keys[i]
		k.Off = k.Off || b.Sure != nil
		k.Main = k.Main && !k.Off
	}
}

// asks is what a button says before it is done; nil if there is nothing to
// ask.
func (v *Viewer) asks(action escalation.Action, next []string, alerts []ticket.AlertRecord) *Sure {
	t := v.Ticket
	switch {
	case action == escalation.ActResolve && t.State.Active():
		return &Sure{
			Action: action, Title: v.ResolveIt, Warning: v.stillFires(alerts), Text: v.ConfirmIt, Label: v.ResolveSure, Prompt: v.ResolveText,
			Restored: v.Label(ticket.FieldRestored),
		}
	case action == escalation.ActEscalate && t.State.Taken():
		text := v.GiveTaken
		if len(next) > 0 {
			text += " " + lang.Fill(v.WouldCall, "list", v.Names(next, len(next)))
		}
		return &Sure{Action: action, Title: v.GiveIt, Text: text, Label: v.GiveSure}
	}
	return nil
}

// stillFires says what of a ticket fires, before somebody calls it over.
func (v *Viewer) stillFires(alerts []ticket.AlertRecord) string {
	if v.Ticket.Firing == 0 {
		return ""
	}
	var titles []string
	for i := range alerts {
		if alerts[i].Status != ticket.Resolved && len(titles) < shownFiring {
			titles = append(titles, Abridged(alerts[i].Title(), maxListed))
		}
	}
	text := lang.Fill(v.FiresStill, "n", strconv.Itoa(v.Ticket.Firing))
	if len(titles) > 0 {
		text += " " + strings.Join(titles, ", ")
		if v.Ticket.Firing > len(titles) {
			text += fmt.Sprintf(" + %d", v.Ticket.Firing-len(titles))
		}
		text += "."
	}
	return text + " " + v.FiresAgain
}

// shownFiring is how many alerts are named before somebody resolves them.
const shownFiring = 3

// ShownNames is how many people a button names.
const ShownNames = 2

// ToThose says whom a button leads to.
func (v *Viewer) ToThose(people []string) string {
	if len(people) == 0 {
		return ""
	}
	return "→ " + v.Names(people, ShownNames)
}

// Names are the names of people, so many of them, and how many more there are.
func (v *Viewer) Names(people []string, most int) string {
	var names []string
	for _, key := range people[:min(most, len(people))] {
		names = append(names, v.Name(key))
	}
	text := strings.Join(names, ", ")
	if more := len(people) - len(names); more > 0 {
		text += fmt.Sprintf(" + %d", more)
	}
	return text
}

// Called are those whom a ticket pages now, by the furthest of its steps; every
// manager if nobody of the policy is left.
func Called(t *ticket.Ticket) []string {
	if t.State != ticket.Open {
		return nil
	}
	var reached []ticket.Means
	if i := t.Reached(); i < len(t.Progress.Steps) && !t.Progress.Steps[i].Stopped {
		reached = t.Progress.Steps[i].Reached
	}
	if e := t.Progress.Everybody; e != nil && len(reached) == 0 {
		reached = e.Reached
	}
	var people []string
	for _, one := range reached {
		if !slices.Contains(people, one.Person) {
			people = append(people, one.Person)
		}
	}
	return people
}
