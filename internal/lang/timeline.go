package lang

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// Timeline words the lines of a ticket's timeline.
type Timeline struct {
	By, System, Token         string
	Step, Round, EveryManager string

	Kinds   map[ticket.EntryKind]string
	Vias    map[string]string // only those channels that are worth a word
	Details map[ticket.Detail]string
	Whys    map[ticket.Why]string

	PageTo                   string // what became of a page to a person
	Handover                 string
	Again, Forgotten         string // after what became of a page
	Silent, Heard            string // after how many fire
	SpooledTo, SpooledNobody string // after what the spool opened
	// After until when it is silenced: who made the silence, why, and which it is.
	SilencedBy, SilencedWhy, SilencedAs string
}

// Reader is the reader of a line. A nil function leaves keys as they are, and
// instants in UTC.
type Reader struct {
	Name func(person string) string
	At   func(time.Time) string
}

func (r Reader) name(person string) string {
	if r.Name == nil {
		return person
	}
	return r.Name(person)
}

func (r Reader) at(t time.Time) string {
	if r.At == nil {
		return t.UTC().Format(time.RFC3339)
	}
	return r.At(t)
}

// What says what happened and who did it: "Taken by Bruno Petit (by SMS)".
func (w *Words) What(e *ticket.Entry, r Reader) string {
	t := &w.Timeline
	what := cmp.Or(t.Kinds[e.Kind], string(e.Kind))
	if e.Actor != nil && e.Actor.Kind != ticket.ActorSender && e.Kind != ticket.EntryAckExpired {
		what += " " + t.By + " " + w.Who(e.Actor, r)
	}
	if by := t.Vias[e.Via]; by != "" {
		what += " (" + by + ")"
	}
	if e.Actor != nil && e.Actor.Token != "" {
		what += ", " + t.Token + " " + e.Actor.Token
	}
	if e.Actor != nil && e.Actor.Phone != "" {
		what += ", " + w.Imported.Telephone + " " + e.Actor.Phone
	}
	return what
}

// Who names an actor; nobody is empty.
func (w *Words) Who(a *ticket.Actor, r Reader) string {
	switch {
	case a == nil:
		return ""
	case a.Kind == ticket.ActorPerson:
		return r.name(a.Name)
	case a.Kind == ticket.ActorSystem:
		return w.Timeline.System
	}
	return a.Name
}

// Told is what an entry tells besides what What says. It is empty if there is
// nothing more.
func (w *Words) Told(e *ticket.Entry, r Reader) string {
	t := &w.Timeline
	if restored := e.Args.Restored; restored != "" {
		bare := *e
		bare.Args.Restored = ""
		return strings.TrimSpace(w.Told(&bare, r) + "\n" + w.Field(ticket.FieldRestored) + ": " + restored)
	}
	value := func(name string) string { return w.value(e, r, name) }
	if text, known := t.Details[e.Detail]; known {
		said := strings.TrimSpace(expand(text, value) + w.more(e, value))
		if e.Kind == ticket.EntryPage && e.Args.Person != "" {
			said = Fill(t.PageTo, "channel", e.Args.Channel, "person", r.name(e.Args.Person), "said", said)
		}
		return said
	}
	switch {
	case e.Text != "":
		return strings.TrimSpace(e.Text)
	case e.Kind == ticket.EntryHandover:
		return expand(t.Handover, value)
	case e.Kind == ticket.EntryUrgency:
		return w.UrgencyWord(e.Args.Was) + " → " + w.UrgencyWord(e.Args.Urgency) + w.recounts(&e.Args, r)
	case e.Kind == ticket.EntryQualified:
		return w.edited(&e.Args) + w.recounts(&e.Args, r)
	case e.Kind == ticket.EntryAssigned:
		return "→ " + r.name(e.Args.Person)
	case e.Args.File != nil:
		return w.File(e.Args.File)
	}
	return ""
}

// more is what follows an entry's sentence.
func (w *Words) more(e *ticket.Entry, value func(name string) string) string {
	t, more := &w.Timeline, ""
	add := func(is bool, text string) {
		if is {
			more += expand(text, value)
		}
	}
	add(e.Args.Again, t.Again)
	add(e.Args.Devices > 0, t.Forgotten)
	add(e.Detail == ticket.SaidFiring && e.Args.Silent > 0, t.Silent)
	add(e.Detail == ticket.SaidFiring && !e.Args.Instant.IsZero(), t.Heard)
	add(e.Detail == ticket.SaidSpooled && len(e.Args.Called) > 0, t.SpooledTo)
	add(e.Detail == ticket.SaidSpooled && len(e.Args.Called) == 0, t.SpooledNobody)
	silenced := e.Detail == ticket.SaidSilenced
	add(silenced && silencer(&e.Args) != "", t.SilencedBy)
	add(silenced && strings.TrimSpace(e.Text) != "", t.SilencedWhy)
	add(silenced && e.Args.Silence != "", t.SilencedAs)
	return more
}

// silencer is who made a silence: a person's key, or whom or what its tool names.
func silencer(a *ticket.Args) string { return cmp.Or(a.Person, a.Remark, a.Source) }

// value is the text for a place in an entry's sentence.
func (w *Words) value(e *ticket.Entry, r Reader, name string) string {
	t, a := &w.Timeline, &e.Args
	switch name {
	case "step":
		if a.Step == ticket.LastResort {
			return t.EveryManager
		}
		return t.Step + " " + strconv.Itoa(a.Step)
	case "round":
		return t.Round + " " + strconv.Itoa(a.Round)
	case "called":
		return called(a, r)
	case "had":
		if len(a.Called) == 0 {
			return ""
		}
		return ", " + r.name(a.Called[0].Person)
	case "helper":
		if a.Person == "" {
			return a.Group
		}
		return r.name(a.Person)
	case "error":
		if a.Error == "" {
			return ""
		}
		return ": " + a.Error
	case "bound":
		return w.Bound(a.Bound)
	case "why":
		return cmp.Or(t.Whys[a.Why], string(a.Why))
	case "person":
		return r.name(a.Person)
	case "silencer":
		if a.Person != "" {
			return r.name(a.Person)
		}
		return silencer(a)
	case "at":
		return r.at(a.Instant)
	case "until":
		return r.at(a.Until)
	case "who":
		if a.Person == "" {
			return ""
		}
		return ", " + r.name(a.Person)
	case "task":
		return w.taskSaid(e)
	case "link":
		return w.Work.LinkWord(a.Link, a.Back)
	case "found":
		return w.Found(a.Found, r)
	case "reason":
		return cmp.Or(w.Clock.Reasons[a.Reason], string(a.Reason))
	case "due":
		if a.Instant.IsZero() {
			return ""
		}
		name := w.ClockName(a.Of)
		if a.Of != "" && e.Kind == ticket.EntryClockWarned {
			name = strings.ToLower(w.Clock.Due) // which clock is said before
		}
		return ", " + Fill(name+" {at}", "at", r.at(a.Instant))
	case "of":
		if a.Of == "" {
			return ""
		}
		return w.ClockName(a.Of) + ": "
	}
	return plain(e, name)
}

// plain is a value that is the same in every language.
func plain(e *ticket.Entry, name string) string {
	a := &e.Args
	switch name {
	case "text":
		return strings.TrimSpace(e.Text)
	case "group":
		return a.Group
	case "tier":
		return string(a.WasTier) + " → " + string(a.Tier)
	case "tiers":
		return among(a.Tier != "", ", "+string(a.WasTier)+" → "+string(a.Tier))
	case "pool":
		return among(a.Group != "", ", "+a.Group)
	case "because":
		return among(strings.TrimSpace(e.Text) != "", ": "+strings.TrimSpace(e.Text))
	case "channel":
		return a.Channel
	case "channels":
		return strings.Join(a.Channels, ", ")
	case "percent":
		return strconv.Itoa(a.Percent)
	case "wait":
		return time.Duration(a.Wait).String()
	case "ticket":
		return a.Ticket
	case "tickets":
		return strconv.Itoa(a.Tickets)
	case "devices":
		return strconv.Itoa(a.Devices)
	case "firing":
		return strconv.Itoa(a.Firing)
	case "silent":
		return strconv.Itoa(a.Silent)
	case "source":
		return a.Source
	case "sources":
		return strings.Join(a.Sources, ", ")
	case "receiver":
		return a.Receiver
	case "event":
		return a.Event
	case "silence":
		return a.Silence
	case "place":
		if a.Place == "" {
			return ""
		}
		return ", " + a.Place
	case "said":
		if text := strings.TrimSpace(e.Text); text != "" {
			return ": " + text
		}
		return ""
	case "remark":
		return strings.Trim(a.Remark+": "+strings.TrimSpace(e.Text), ": ")
	}
	return "{" + name + "}"
}

// among is a text if it is so, else nothing.
func among(is bool, text string) string {
	if is {
		return text
	}
	return ""
}

// called says "Alice Martin (push, sms), Bruno Petit (sms)".
func called(a *ticket.Args, r Reader) string {
	said := make([]string, len(a.Called))
	for i, one := range a.Called {
		said[i] = r.name(one.Person) + " (" + strings.Join(one.Channels, ", ") + ")"
	}
	text := strings.Join(said, ", ")
	if a.More > 0 {
		text += " + " + strconv.Itoa(a.More)
	}
	return text
}
