package words

import (
	"strconv"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Replies writes the replies to answers by SMS, in one person's language, each
// in one GSM-7 segment. Codes are the phone's own. Long names are cut.
type Replies struct {
	Lang     string
	Location *time.Location
	Now      time.Time
}

// Acknowledged says that the ticket is taken, and that its GTI runs on until
// it is picked up. If due is zero, nothing is promised for the ticket.
func (r Replies) Acknowledged(code int, at, due time.Time) string {
	p := phrasesIn(r.Lang)
	phrase := p.AckedGTI
	switch {
	case due.IsZero():
		phrase = p.Acked
	case at.After(due):
		phrase = p.AckedLate
	}
	return r.say(phrase, code, "at", r.at(at), "due", r.at(due))
}

// AcknowledgedGoing is Acknowledged for a contract that counts that as
// pick-up.
func (r Replies) AcknowledgedGoing(code int, at, due time.Time) string {
	p := phrasesIn(r.Lang)
	return r.say(p.AckedGoing, code, "at", r.at(at), "gti", r.gti(p, at, due))
}

// PickedUp says that work has started, and whether that was in time for the
// GTI.
func (r Replies) PickedUp(code int, at, due time.Time) string {
	p := phrasesIn(r.Lang)
	return r.say(p.PickedUp, code, "at", r.at(at), "gti", r.gti(p, at, due))
}

// TakenBy says that somebody else took the ticket first. ref is a code, or the
// ticket's number for a phone that has no code.
func (r Replies) TakenBy(ref, who string, at time.Time) string {
	return r.say(phrasesIn(r.Lang).TakenBy, 0, "ref", ref, "who", name(who), "at", r.at(at))
}

// Yours says that the same person took the ticket, or picked it up, before.
func (r Replies) Yours(code int, at time.Time, pickedUp bool) string {
	p := phrasesIn(r.Lang)
	if pickedUp {
		return r.say(p.YoursGoing, code, "at", r.at(at))
	}
	return r.say(p.Yours, code, "at", r.at(at))
}

// Snoozed says until when the ticket is quiet.
func (r Replies) Snoozed(code int, until time.Time) string {
	return r.say(phrasesIn(r.Lang).Snoozed, code, "at", r.at(until))
}

// Resolved says that the ticket is resolved, and how long that can be undone.
func (r Replies) Resolved(code int, at time.Time, undo time.Duration) string {
	return r.say(phrasesIn(r.Lang).Resolved, code, "at", r.at(at), "min", strconv.Itoa(int(undo.Minutes())))
}

// Undone says that the ticket is as it was before. taken says whether somebody
// has it.
func (r Replies) Undone(code int, taken bool) string {
	p := phrasesIn(r.Lang)
	if taken {
		return r.say(p.Undone, code)
	}
	return r.say(p.UndoneOpen, code)
}

// UndoLate says that the ticket stays resolved.
func (r Replies) UndoLate(code int) string { return r.say(phrasesIn(r.Lang).UndoLate, code) }

// Over says that the ticket was resolved before, and that nothing changed. If
// a person resolved it, who names them. ref is as in TakenBy.
func (r Replies) Over(ref, who string, at time.Time) string {
	p := phrasesIn(r.Lang)
	phrase := p.OverBy
	if who == "" {
		phrase = p.Over
	}
	return r.say(phrase, 0, "ref", ref, "who", name(who), "at", r.at(at))
}

// Escalated says who is paged now; nobody if no further step is left.
func (r Replies) Escalated(code int, who []string) string {
	p := phrasesIn(r.Lang)
	if len(who) == 0 {
		return r.say(p.Nobody, code)
	}
	names := make([]string, len(who))
	for i, n := range who {
		names[i] = name(n)
	}
	return r.say(p.Escalated, code, "list", enumerate(names, GsmSingle-r.size(p.Escalated, code)))
}

// Noted says that the note is kept. If nobody has taken the ticket, it also
// says that a note does not take it.
func (r Replies) Noted(code int, taken bool) string {
	p := phrasesIn(r.Lang)
	if taken {
		return r.say(p.Noted, code)
	}
	return r.say(p.NotedOpen, code)
}

// ManyNotes says that the note is not kept: the ticket takes no more.
func (r Replies) ManyNotes(code int) string {
	return r.say(phrasesIn(r.Lang).ManyNotes, code, "n", strconv.Itoa(ticket.MaxNotes))
}

// ManyActs says that it is not done: so much was done to the ticket that it takes only who
// takes or ends it.
func (r Replies) ManyActs(code int) string { return r.say(phrasesIn(r.Lang).ManyActs, code) }

// Unfinished says that the ticket is not resolved: a required point of its checklist is
// still to do.
func (r Replies) Unfinished(code int, point string) string {
	return r.say(phrasesIn(r.Lang).Unfinished, code, "point", smsLimits.write(point, pointLength))
}

// pointLength is how many characters of a point a reply says.
const pointLength = 60

// Heard says what is known of the ticket's alerts: since when they fire, how
// often and when they were last heard of. If that is nothing (count 0), it
// says that the source cannot be asked.
func (r Replies) Heard(code int, since, last time.Time, count int64) string {
	p := phrasesIn(r.Lang)
	if count <= 0 {
		return r.say(p.Unheard, code)
	}
	return r.say(p.Heard, code, "since", r.at(since), "at", r.at(last), "n", strconv.FormatInt(count, 10))
}

// Found says what came of checking a ticket again, as long as it is.
func (r Replies) Found(code int, f *ticket.Found) string {
	text := lang.In(r.Lang).Found(f, lang.Reader{At: r.at})
	if code > 0 {
		text = strconv.Itoa(code) + ": " + text
	}
	return text
}

// TooManyChecks says that a ticket is not checked again: there were too many of late.
func (r Replies) TooManyChecks(code int) string {
	return r.say(lang.In(r.Lang).Recheck.BusyText, code)
}

// ByToken tells a phone that sent a link's token what it took, and in whose
// name.
func (r Replies) ByToken(who string, what Listed, at, due time.Time) string {
	p := phrasesIn(r.Lang)
	phrase := p.ForOther
	if !due.IsZero() {
		phrase = p.ForOtherGTI
	}
	pairs := []string{"who", name(who), "at", r.at(at), "due", r.at(due)}
	return r.say(phrase, 0, append(pairs, "what", what.line(GsmSingle-r.size(phrase, 0, pairs...)))...)
}

// Open lists what is open for the phone, as many as fit. If there is nothing,
// it says so.
func (r Replies) Open(open []Listed) string {
	p := phrasesIn(r.Lang)
	if len(open) == 0 {
		return p.NothingOpen
	}
	return join("\n", p.Open, p.lines(open, GsmSingle-length(p.Open)-1))
}

// Several says that a word without a code could mean each of these, that
// nothing was done, and how to take one or all. open has at least one item.
func (r Replies) Several(open []Listed) string {
	p := phrasesIn(r.Lang)
	choose := r.say(p.Choose, open[0].Code)
	return join("\n", p.Several, p.lines(open, GsmSingle-length(p.Several+choose)-2), choose)
}

// AllAcknowledged says which tickets were taken together.
func (r Replies) AllAcknowledged(codes []int, at time.Time) string {
	p := phrasesIn(r.Lang)
	list := make([]string, len(codes))
	for i, c := range codes {
		list[i] = strconv.Itoa(c)
	}
	pairs := []string{"code", p.Code, "n", strconv.Itoa(len(codes)), "at", r.at(at)}
	return r.say(p.AllTaken, 0, append(pairs, "list", enumerate(list, GsmSingle-r.size(p.AllTaken, 0, pairs...)))...)
}

// Bundle says what an answer to a bundle's code did. It was done to done
// tickets. Somebody else has the others, or they are over.
func (r Replies) Bundle(action escalation.Action, code, done, others int, undo time.Duration) string {
	p := phrasesIn(r.Lang)
	phrase := map[escalation.Action]string{
		escalation.ActAcknowledge: p.BundleTaken, escalation.ActPickUp: p.BundleGoing, escalation.ActResolve: p.BundleDone,
		escalation.ActUndo: p.BundleUndone, escalation.ActEscalate: p.BundleNext, escalation.ActNote: p.BundleNote,
		escalation.ActRecheck: p.BundleChecked, escalation.ActSnooze: p.BundleSnoozed,
	}[action]
	if others > 0 {
		phrase += lang.Fill(p.Unchanged, "n", strconv.Itoa(others))
	}
	return r.say(phrase, code, "n", strconv.Itoa(done), "at", r.at(r.Now), "min", strconv.Itoa(int(undo.Minutes())), "nap", strconv.Itoa(int(escalation.DefaultSnooze.Minutes())))
}

// BundleFor tells a phone that sent the token of a bundle's link how many it
// took, and in whose name.
func (r Replies) BundleFor(who string, done, others int) string {
	p := phrasesIn(r.Lang)
	phrase := lang.Fill(p.ForOther, "what", strconv.Itoa(done))
	if others > 0 {
		phrase += lang.Fill(p.Unchanged, "n", strconv.Itoa(others))
	}
	return r.say(phrase, 0, "who", name(who), "at", r.at(r.Now))
}

// Ready says that somebody is known to be ready, for a handover or a drill, and what
// is open meanwhile and was not taken by it.
func (r Replies) Ready(handover bool, open []Listed) string {
	p, said := phrasesIn(r.Lang), lang.In(r.Lang).Ready.Heard
	if handover {
		said = lang.In(r.Lang).Ready.Confirmed
	}
	if len(open) == 0 {
		return said
	}
	choose := r.say(p.Choose, open[0].Code)
	return join("\n", said, p.Several, p.lines(open, GsmSingle-length(said+p.Several+choose)-3), choose)
}

// NoCode says that nothing is open under this code.
func (r Replies) NoCode(code int) string { return r.say(phrasesIn(r.Lang).NoCode, code) }

// Misread says that the answer was not understood, and which would be.
func (r Replies) Misread(code int) string { return phrasesIn(r.Lang).Misread + r.Help(code) }

// Help says what one can answer. code is the code to show; 0: none.
func (r Replies) Help(code int) string {
	p := phrasesIn(r.Lang)
	if code <= 0 {
		return lang.Fill(p.Help, "code", p.Code)
	}
	return r.say(p.Help, code)
}

// Stale says that nothing was done: the text is older than the ticket's
// reopening, or its phone was not paged since then.
func (r Replies) Stale(code int, reopened time.Time) string {
	return r.say(phrasesIn(r.Lang).Stale, code, "at", r.at(reopened))
}

// Enough says that the text was acted on, and that no more replies follow for
// that time.
func (r Replies) Enough(within time.Duration) string {
	return r.say(phrasesIn(r.Lang).Enough, 0, "min", strconv.Itoa(int(within.Minutes())))
}

// Later says that the answer could not be stored now.
func (r Replies) Later() string { return phrasesIn(r.Lang).Later }

func (r Replies) at(t time.Time) string { return phrasesIn(r.Lang).clock(r.Location, r.Now).at(t) }

func (r Replies) gti(p *phrases, at, due time.Time) string {
	switch {
	case due.IsZero():
		return ""
	case at.After(due):
		return lang.Fill(p.GTIMissed, "due", r.at(due))
	}
	return lang.Fill(p.GTIMet, "due", r.at(due))
}

func (r Replies) say(phrase string, code int, pairs ...string) string {
	if code > 0 {
		pairs = append(pairs, "code", strconv.Itoa(code))
	}
	return shorten(lang.Fill(phrase, pairs...), GsmSingle, "..")
}

// size is the length of a phrase without its {list} and {what}.
func (r Replies) size(phrase string, code int, pairs ...string) int {
	return length(r.say(phrase, code, append(pairs[:len(pairs):len(pairs)], "list", "", "what", "")...))
}

// name is a person's name in a reply.
func name(s string) string { return shorten(Transliterate(s), 24, ".") }
