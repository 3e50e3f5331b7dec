package web

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/ticket"
)

// bar is the foot of a page: what there is to say, and the buttons. It has the
// same size and the same buttons at the same places in every state, so that a
// second tap meets what the first one met. What cannot be done is disabled.
type bar struct {
	*lang.Page
	Seen, Ticket string // of the forms; Ticket: one of a bundle
	Said         string
	Good, Bad    bool  // whether something was done, or could not be
	Sure         *sure // a button that asks is being asked about: the answer stands where the words do
	Keys         []key
}

// key is one button. Form is the form that it submits: "act" does it, "ask"
// shows what it would do.
type key struct {
	Form, Name, Value string
	Label, Small      string
	Off, Main         bool
}

// sure is what a button says before it is done.
type sure struct {
	Action              escalation.Action
	Title, Warning      string
	Text, Label, Prompt string // Prompt: words can be added
}

// The names of what a button sends.
const (
	fieldAction = "action"
	fieldSure   = "sure"
)

func act(action escalation.Action, label string, may bool) key {
	return key{Form: "act", Name: fieldAction, Value: string(action), Label: label, Off: !may}
}

func ask(action escalation.Action, label string, may bool) key {
	return key{Form: "ask", Name: fieldSure, Value: string(action), Label: label, Off: !may}
}

// barOf is the bar below one ticket. next are those whom passing it on would
// page.
func (v *viewer) barOf(sure *sure, next []string, checks bool) bar {
	t := v.t
	open, mine := t.State == ticket.Open, t.State.Taken() && t.AcknowledgedBy.Person() == v.me
	take := act(escalation.ActAcknowledge, v.TakeIt, open)
	start := act(escalation.ActPickUp, v.StartIt, open || t.State == ticket.Acknowledged)
	check := act(escalation.ActRecheck, v.LastIt, t.State.Active())
	if checks {
		check.Label = v.CheckIt
	}
	pass := act(escalation.ActEscalate, v.GiveIt, open && len(next) > 0)
	if t.State.Taken() {
		pass = ask(escalation.ActEscalate, v.GiveIt, true)
	}
	if pass.Small = v.toThose(next); open && len(next) == 0 {
		pass.Small = v.NobodyElse
	}
	end := ask(escalation.ActResolve, v.ResolveIt, t.State.Active())
	undo := act(escalation.ActUndo, v.UndoIt, t.State == ticket.StateResolved && t.Undo != nil && !v.now.After(t.Undo.Until))
	take.Main, start.Main, end.Main, undo.Main = open, mine, t.State == ticket.InProgress, true
	b := bar{Page: v.Page, Seen: seal(t), Sure: sure, Keys: []key{take, start, check, pass, end, undo}}
	b.settle()
	return b
}

// settle has nothing but the answer to be pressed while a button asks.
func (b *bar) settle() {
	for i := range b.Keys {
		k := &b.Keys[i]
		k.Off = k.Off || b.Sure != nil
		k.Main = k.Main && !k.Off
	}
}

// asked is what a button says before it is done; nil where there is nothing to
// ask.
func (v *viewer) asked(action escalation.Action, next []string, alerts []ticket.AlertRecord) *sure {
	t := v.t
	switch {
	case action == escalation.ActResolve && t.State.Active():
		return &sure{
			Action: action, Title: v.ResolveIt, Warning: v.stillFires(alerts), Text: v.ConfirmIt, Label: v.ResolveSure, Prompt: v.ResolveText,
		}
	case action == escalation.ActEscalate && t.State.Taken():
		text := v.GiveTaken
		if len(next) > 0 {
			text += " " + lang.Fill(v.WouldCall, "list", v.names(next, len(next)))
		}
		return &sure{Action: action, Title: v.GiveIt, Text: text, Label: v.GiveSure}
	}
	return nil
}

// stillFires says what of a ticket fires, before somebody calls it over.
func (v *viewer) stillFires(alerts []ticket.AlertRecord) string {
	if v.t.Firing == 0 {
		return ""
	}
	var titles []string
	for i := range alerts {
		if alerts[i].Status != ticket.Resolved && len(titles) < shownFiring {
			titles = append(titles, abridged(alerts[i].Title(), maxListed))
		}
	}
	text := lang.Fill(v.FiresStill, "n", strconv.Itoa(v.t.Firing))
	if len(titles) > 0 {
		text += " " + strings.Join(titles, ", ")
		if v.t.Firing > len(titles) {
			text += fmt.Sprintf(" + %d", v.t.Firing-len(titles))
		}
		text += "."
	}
	return text + " " + v.FiresAgain
}

// shownFiring is how many alerts are named before somebody resolves them.
const shownFiring = 3

// shownNames is how many people a button names.
const shownNames = 2

func (v *viewer) toThose(people []string) string {
	if len(people) == 0 {
		return ""
	}
	return "→ " + v.names(people, shownNames)
}

// names are the names of people, so many of them, and how many more there are.
func (v *viewer) names(people []string, most int) string {
	var names []string
	for _, key := range people[:min(most, len(people))] {
		names = append(names, v.name(key))
	}
	text := strings.Join(names, ", ")
	if more := len(people) - len(names); more > 0 {
		text += fmt.Sprintf(" + %d", more)
	}
	return text
}

// called are those whom a ticket pages now, by the furthest of its steps; every
// manager where nobody of the policy is left.
func called(t *ticket.Ticket) []string {
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
