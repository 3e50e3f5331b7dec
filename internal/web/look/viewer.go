package look

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Entry is a line of a timeline.
type Entry struct{ At, What, Text string }

// Viewer puts tickets into a person's words. Ticket is the one that is spoken of.
type Viewer struct {
	*lang.Page
	Words  *lang.Words
	Rules  *escalation.Rules
	Now    time.Time
	Ticket *ticket.Ticket
	Me     string // the reader's key
	Marks  bool   // times are marked, for Times
}

// For makes the viewer of a reader, by the person's key.
func For(me string, words *lang.Words, rules *escalation.Rules, now time.Time) *Viewer {
	return &Viewer{Page: &words.Page, Words: words, Rules: rules, Now: now, Me: me}
}

// Where is the customer and the site.
func (v *Viewer) Where() string {
	customer := v.Ticket.Customer
	if c, ok := v.Rules.Customer(customer); ok {
		customer = cmp.Or(c.Name, customer)
	}
	parts := slices.DeleteFunc([]string{customer, v.Ticket.Site}, func(s string) bool { return strings.TrimSpace(s) == "" })
	return strings.Join(parts, " · ")
}

// At is a time of day at the desk, with its date if that is not today.
func (v *Viewer) At(t time.Time) string {
	if v.Marks {
		return Moment(t, v.Now, v.Rules.Location)
	}
	return said(t, v.Now, v.Rules.Location)
}

// Who names whoever acted: you, a person's name, or what acted.
func (v *Viewer) Who(a *ticket.Actor) string { return v.Words.Who(a, v.Reader()) }

// Name is a person's name, by the key.
func (v *Viewer) Name(key string) string {
	if key == v.Me {
		return v.You
	}
	p, _ := v.Rules.Directory.Recipient(key)
	return cmp.Or(p.Name, key)
}

// Reader is who is told of a line of a timeline.
func (v *Viewer) Reader() lang.Reader { return lang.Reader{Name: v.Name, At: v.At} }

// State says where the ticket stands, who brought it there, and when.
func (v *Viewer) State() (text, class string) {
	switch v.Ticket.State {
	case ticket.Acknowledged:
		return v.By(v.TakenState, v.Ticket.AcknowledgedBy, v.Ticket.AcknowledgedAt), "taken"
	case ticket.InProgress:
		return v.By(v.WorkingState, v.Ticket.PickedUpBy, v.Ticket.PickedUpAt), "taken"
	case ticket.StateResolved:
		return v.By(v.ResolvedState, v.Ticket.ResolvedBy, v.Ticket.ResolvedAt), "over"
	case ticket.Closed:
		return v.By(v.ClosedState, nil, v.Ticket.ClosedAt), "over"
	case ticket.Open:
		if until := v.Ticket.Progress.Mute.Until; until.After(v.Now) {
			return lang.Fill(v.Words.Silences.Held, "until", v.At(until)), "open"
		}
	}
	return v.UntakenState, "open"
}

// By writes "Taken by Bruno Petit · 03:14".
func (v *Viewer) By(what string, actor *ticket.Actor, at time.Time) string {
	if who := v.Who(actor); who != "" {
		what += " " + v.Words.Timeline.By + " " + who
	}
	if at.IsZero() {
		return what
	}
	return what + " · " + v.At(at)
}

// GTI says until when, and how the clock stands.
func (v *Viewer) GTI() (text, class string) {
	t := v.Ticket
	state := t.GTIState(v.Now)
	if state == ticket.GTIPaused {
		return v.Stands(state, t.GTI.DueAt, t.GTI.Within-v.used())
	}
	return v.Stands(state, t.GTI.DueAt, 0)
}

// Stands says until when, and how a clock stands; left is what one has left that rests.
func (v *Viewer) Stands(state ticket.GTIState, due time.Time, left time.Duration) (text, class string) {
	switch state {
	case ticket.GTIRunning:
		class = "running"
		if due.Sub(v.Now) < 15*time.Minute {
			class = "close"
		}
		return v.At(due) + " · " + lang.Fill(v.Left, "left", v.Lasted(due.Sub(v.Now))), class
	case ticket.GTIPaused:
		return v.Words.Clock.Paused + " · " + lang.Fill(v.Left, "left", v.Lasted(left)), "paused"
	case ticket.GTIMet:
		if due.IsZero() { // it rested when it stopped
			return v.Met, "met"
		}
		return v.At(due) + " · " + v.Met, "met"
	case ticket.GTIMissed:
		return v.At(due) + " · " + v.Missed, "missed"
	case ticket.GTINone:
	}
	return "", ""
}

// used is what a clock that rests has used.
func (v *Viewer) used() time.Duration {
	t := v.Ticket
	return t.GTI.Used(v.Rules.Hours(t), t.GTIBegan(), v.Now)
}

// Flash says what came of the button that was pressed. The code comes from an
// address: one that is not known, or not so any more, says nothing.
func (v *Viewer) Flash(done string, view *ticket.View, check *Check) (text string, bad bool) {
	switch done {
	case DoneTaken:
		by, at := v.Ticket.AcknowledgedBy, v.Ticket.AcknowledgedAt
		if v.Ticket.State == ticket.InProgress {
			by, at = v.Ticket.PickedUpBy, v.Ticket.PickedUpAt
		}
		if by == nil {
			return v.Outcomes[done], true // given up again since
		}
		return lang.Fill(v.Page.TakenBy, "who", v.Who(by), "at", v.At(at)), true
	case DoneOver, DoneLate, DoneEmpty, DoneMany, DoneStale, DoneNobody:
		return v.Outcomes[done], true
	case DoneTodo:
		return lang.Fill(v.Outcomes[done], "points", strings.Join(v.Ticket.Unfinished(), "; ")), true
	case DoneBusy:
		return v.Words.Recheck.Busy, true
	}
	switch mine := v.Ticket.State.Taken() && v.Ticket.AcknowledgedBy.Person() == v.Me; escalation.Action(done) {
	case escalation.ActSnooze:
		if !mine || v.Ticket.Progress.AckUntil.IsZero() {
			return "", false
		}
		return lang.Fill(v.Outcomes[done], "at", v.At(v.Ticket.Progress.AckUntil)), false
	case escalation.ActAcknowledge, escalation.ActPickUp:
		if !mine && v.Ticket.PickedUpBy.Person() != v.Me {
			return "", false
		}
	case escalation.ActEscalate:
		if now := Called(v.Ticket); len(now) > 0 {
			return lang.Fill(v.NowCalls, "list", v.Names(now, ShownNames)), false
		}
	case escalation.ActRecheck:
		found := check.Latest.Found
		return v.checked(view, check), !check.Latest.Waits() && found != nil && found.State != ticket.FoundBack
	default:
	}
	return v.Outcomes[done], false
}

// Alerts are as many lines of a ticket's alerts as a page shows, whether a tool
// stands behind it at all, and how many more there are.
func (v *Viewer) Alerts(records []ticket.AlertRecord, most int) (lines []Alert, tooled bool, more int) {
	for i := range records[:min(len(records), most)] {
		lines = append(lines, v.alert(&records[i]))
	}
	tooled = len(records)+v.Ticket.Firing+v.Ticket.Resolved > 0
	return lines, tooled, max(v.Ticket.Firing+v.Ticket.Resolved-len(lines), 0)
}

// Timeline is as much as a page shows, the newest first: what happened last is
// what one wants to know. It says how many lines are left out.
func (v *Viewer) Timeline(entries []ticket.Entry, most int) (lines []Entry, more int) {
	more = max(len(entries)-most, 0)
	for i, e := range slices.Backward(entries) {
		if i < more {
			break
		}
		lines = append(lines, Entry{At: v.At(e.At), What: v.Words.What(&e, v.Reader()), Text: v.Words.Told(&e, v.Reader())})
	}
	return lines, more
}
