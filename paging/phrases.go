package paging

import (
	"strconv"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// phrases is one language. What stands in braces is filled in. All of it is
// written without accents, tells nobody to send a word that carriers take for
// opt-out (interface.md, "What a phone gets"), and names only answers that
// ParseAnswer understands.
type phrases struct {
	urgency [ticket.Critical + 1]string // by ticket.Urgency

	// A page: how to answer it, and what goes before and after its first line.
	ask, take, begin, recheck, next string
	also, taker                     string // a new alert on a ticket that is taken
	bundle, takeAll                 string // a message for several tickets

	// Notices to the others who were paged.
	noticeTaken, noticeOver, by string

	// Replies on one ticket.
	acked, ackedGTI, ackedLate, ackedGoing string
	takenBy, yours, yoursGoing             string
	pickedUp, gtiMet, gtiMissed            string
	resolved, undone, undoneOpen, undoLate string
	manyNotes                              string
	over, overBy                           string
	escalated, nobody                      string
	noted, notedOpen                       string
	heard, unheard                         string
	forOther, forOtherGTI                  string

	// Replies on several, or none.
	open, several, choose, taken, allTaken string
	nothingOpen, noCode, help, later       string
	bundleTaken, bundleGoing, bundleDone   string // replies to a bundle's code
	bundleUndone, bundleNext, bundleNote   string
	bundleChecked, unchanged               string
	code                                   string // stands for any code, in help
	summer, winter                         string // an hour that comes twice
}

//nolint:misspell // French
var french = phrases{
	urgency: [...]string{"ALERTE", "FAIBLE", "MINEUR", "MAJEUR", "CRITIQUE"},

	ask:     "REPONDRE ",
	take:    "{code} OK = je prends",
	begin:   "{code} GO = je commence",
	recheck: "{code} T tester",
	next:    "{code} E passer",
	also:    "EN PLUS",
	taker:   "(pris {who})",
	bundle:  "{n} x {urgency}, dont",
	takeAll: "{code} OK = je prends les {n}",

	noticeTaken: "PRIS par {who} {at}",
	noticeOver:  "TERMINE {at}",
	by:          "par {who}",

	acked:       "{code} PRIS {at}. {code} GO en commencant",
	ackedGTI:    "{code} PRIS {at}. La GTI ({due}) court: {code} GO en commencant",
	ackedLate:   "{code} PRIS {at}. La GTI ({due}) est depassee: {code} GO en commencant",
	ackedGoing:  "{code} PRIS, EN COURS {at}. {gti}{code} FIN a la fin",
	takenBy:     "{ref} deja pris par {who} {at}. Rien n'a change",
	yours:       "{code} est deja a vous depuis {at}. {code} GO en commencant",
	yoursGoing:  "{code} est deja a vous, en cours depuis {at}. {code} FIN a la fin",
	pickedUp:    "{code} EN COURS {at}. {gti}{code} FIN a la fin",
	gtiMet:      "GTI ({due}) tenue. ",
	gtiMissed:   "GTI ({due}) depassee. ",
	resolved:    "{code} TERMINE {at}. Par erreur? {code} UNDO dans les {min} min",
	undone:      "{code} n'est plus termine, tout est comme avant",
	undoneOpen:  "{code} n'est plus termine. {code} n'est PAS pris: {code} OK",
	undoLate:    "{code} UNDO impossible, trop tard: {code} reste termine",
	manyNotes:   "{code}: note NON gardee, ce ticket en a deja {n}",
	over:        "{ref} deja termine {at}. Rien n'a change",
	overBy:      "{ref} deja termine {at} par {who}. Rien n'a change",
	escalated:   "{code} PASSE. Appeles: {list}",
	nobody:      "{code}: personne d'autre a appeler, les rappels continuent",
	noted:       "{code}: note ajoutee",
	notedOpen:   "Note ajoutee. {code} n'est PAS pris: {code} OK",
	heard:       "{code}: en alerte depuis {since}, vu {n} fois, la derniere {at}",
	unheard:     "{code}: la source ne peut pas encore etre interrogee",
	forOther:    "PRIS {at} au nom de {who}: {what}",
	forOtherGTI: "PRIS {at} au nom de {who}, GTI {due}: {what}",

	open:        "OUVERT:",
	several:     "RIEN n'est pris. Lequel?",
	choose:      "{code} OK, ou TOUT",
	taken:       "pris",
	allTaken:    "{n} PRIS {at}: {list}. {code} GO en commencant",
	nothingOpen: "Rien d'ouvert pour ce telephone",
	noCode:      "Pas de {code} ouvert pour ce telephone. ? = ce qui est ouvert",
	help:        "Pas compris. {code} OK = je prends, {code} GO = je commence, T tester, E passer, FIN = fini, N texte = note, ? = liste",
	later:       "PAS ENREGISTRE, panne passagere. Renvoyez dans un instant, ou ouvrez le lien",
	code:        "CODE",
	summer:      "heure d'ete",
	winter:      "heure d'hiver",

	bundleTaken:   "{code}: {n} PRIS {at}. {code} GO en commencant",
	bundleGoing:   "{code}: {n} EN COURS {at}. {code} FIN a la fin",
	bundleDone:    "{code}: {n} TERMINES {at}. Par erreur? {code} UNDO dans les {min} min",
	bundleUndone:  "{code}: {n} ne sont plus termines, tout est comme avant",
	bundleNext:    "{code}: {n} PASSES a la suite",
	bundleNote:    "{code}: note ajoutee a {n}",
	bundleChecked: "{code}: {n} encore en alerte",
	unchanged:     " ({n} inchanges)",
}

var english = phrases{
	urgency: [...]string{"ALERT", "LOW", "MINOR", "MAJOR", "CRITICAL"},

	ask:     "REPLY ",
	take:    "{code} OK = mine",
	begin:   "{code} GO = I start",
	recheck: "{code} T test again",
	next:    "{code} E pass on",
	also:    "ALSO",
	taker:   "(taken {who})",
	bundle:  "{n} x {urgency}, worst",
	takeAll: "{code} OK = all {n} mine",

	noticeTaken: "TAKEN by {who} {at}",
	noticeOver:  "OVER {at}",
	by:          "by {who}",

	acked:       "{code} TAKEN {at}. {code} GO when you start",
	ackedGTI:    "{code} TAKEN {at}. The GTI ({due}) runs: {code} GO when you start",
	ackedLate:   "{code} TAKEN {at}. The GTI ({due}) is missed: {code} GO when you start",
	ackedGoing:  "{code} TAKEN, STARTED {at}. {gti}{code} DONE when it is",
	takenBy:     "{ref} already taken by {who} {at}. Nothing changed",
	yours:       "{code} is yours since {at}. {code} GO when you start",
	yoursGoing:  "{code} is yours, started {at}. {code} DONE when it is",
	pickedUp:    "{code} STARTED {at}. {gti}{code} DONE when it is",
	gtiMet:      "GTI ({due}) met. ",
	gtiMissed:   "GTI ({due}) missed. ",
	resolved:    "{code} DONE {at}. By mistake? {code} UNDO within {min} min",
	undone:      "{code} is no longer done, all is as before",
	undoneOpen:  "{code} is no longer done. {code} is NOT taken: {code} OK",
	undoLate:    "{code} UNDO is too late: {code} stays done",
	manyNotes:   "{code}: note NOT kept, this ticket has {n} already",
	over:        "{ref} was done {at} already. Nothing changed",
	overBy:      "{ref} was done {at} already by {who}. Nothing changed",
	escalated:   "{code} PASSED ON. Paged: {list}",
	nobody:      "{code}: nobody else to page, the reminders go on",
	noted:       "{code}: note added",
	notedOpen:   "Note added. {code} is NOT taken: {code} OK",
	heard:       "{code}: firing since {since}, seen {n} times, last {at}",
	unheard:     "{code}: the source cannot be asked yet",
	forOther:    "TAKEN {at} for {who}: {what}",
	forOtherGTI: "TAKEN {at} for {who}, GTI {due}: {what}",

	open:        "OPEN:",
	several:     "NOTHING is taken. Which?",
	choose:      "{code} OK, or ALL",
	taken:       "taken",
	allTaken:    "{n} TAKEN {at}: {list}. {code} GO when you start",
	nothingOpen: "Nothing is open for this phone",
	noCode:      "No {code} is open for this phone. ? = what is open",
	help:        "Not understood. {code} OK = mine, {code} GO = I start, T test again, E pass on, DONE, N text = note, ? = list",
	later:       "NOT RECORDED, trouble on our side. Send it again shortly, or open the link",
	code:        "CODE",
	summer:      "summer time",
	winter:      "winter time",

	bundleTaken:   "{code}: {n} TAKEN {at}. {code} GO when you start",
	bundleGoing:   "{code}: {n} STARTED {at}. {code} DONE when they are",
	bundleDone:    "{code}: {n} DONE {at}. By mistake? {code} UNDO within {min} min",
	bundleUndone:  "{code}: {n} are no longer done, all is as before",
	bundleNext:    "{code}: {n} PASSED ON",
	bundleNote:    "{code}: note added to {n}",
	bundleChecked: "{code}: {n} still firing",
	unchanged:     " ({n} unchanged)",
}

//nolint:misspell // Italian
var italian = phrases{
	urgency: [...]string{"ALLARME", "BASSO", "MINORE", "MAGGIORE", "CRITICO"},

	ask:     "RISPONDI ",
	take:    "{code} OK = lo prendo",
	begin:   "{code} GO = inizio",
	recheck: "{code} T testa",
	next:    "{code} E passa",
	also:    "INOLTRE",
	taker:   "(preso {who})",
	bundle:  "{n} x {urgency}, tra cui",
	takeAll: "{code} OK = li prendo tutti e {n}",

	noticeTaken: "PRESO da {who} {at}",
	noticeOver:  "FINITO {at}",
	by:          "da {who}",

	acked:       "{code} PRESO {at}. {code} GO quando inizi",
	ackedGTI:    "{code} PRESO {at}. La GTI ({due}) corre: {code} GO quando inizi",
	ackedLate:   "{code} PRESO {at}. La GTI ({due}) e' scaduta: {code} GO quando inizi",
	ackedGoing:  "{code} PRESO, IN CORSO {at}. {gti}{code} FINE alla fine",
	takenBy:     "{ref} preso da {who} {at}. Nulla cambia",
	yours:       "{code} e' tuo dalle {at}. {code} GO quando inizi",
	yoursGoing:  "{code} e' tuo, in corso dalle {at}. {code} FINE alla fine",
	pickedUp:    "{code} IN CORSO {at}. {gti}{code} FINE alla fine",
	gtiMet:      "GTI ({due}) rispettata. ",
	gtiMissed:   "GTI ({due}) scaduta. ",
	resolved:    "{code} FINITO {at}. Per errore? {code} UNDO entro {min} min",
	undone:      "{code} non e' piu' finito, tutto come prima",
	undoneOpen:  "{code} non e' piu' finito. {code} NON e' preso: {code} OK",
	undoLate:    "{code} UNDO impossibile, troppo tardi: {code} resta finito",
	manyNotes:   "{code}: nota NON conservata, il ticket ne ha gia {n}",
	over:        "{ref} era finito {at}. Nulla cambia",
	overBy:      "{ref} era finito {at}, da {who}. Nulla cambia",
	escalated:   "{code} PASSATO. Chiamati: {list}",
	nobody:      "{code}: nessun altro da chiamare, i richiami continuano",
	noted:       "{code}: nota aggiunta",
	notedOpen:   "Nota aggiunta. {code} NON e' preso: {code} OK",
	heard:       "{code}: in allarme dalle {since}, visto {n} volte, l'ultima {at}",
	unheard:     "{code}: la sorgente non si puo' ancora interrogare",
	forOther:    "PRESO {at} per {who}: {what}",
	forOtherGTI: "PRESO {at} per {who}, GTI {due}: {what}",

	open:        "APERTI:",
	several:     "NULLA e' preso. Quale?",
	choose:      "{code} OK, o TUTTO",
	taken:       "preso",
	allTaken:    "{n} PRESI {at}: {list}. {code} GO quando inizi",
	nothingOpen: "Nulla di aperto per questo telefono",
	noCode:      "Nessun {code} aperto per questo telefono. ? = cosa e' aperto",
	help:        "Non capito. {code} OK = lo prendo, {code} GO = inizio, T testa, E passa, FINE, N testo = nota, ? = lista",
	later:       "NON REGISTRATO, guasto passeggero. Rimanda tra poco, o apri il link",
	code:        "CODICE",
	summer:      "ora legale",
	winter:      "ora solare",

	bundleTaken:   "{code}: {n} PRESI {at}. {code} GO quando inizi",
	bundleGoing:   "{code}: {n} IN CORSO {at}. {code} FINE alla fine",
	bundleDone:    "{code}: {n} FINITI {at}. Per errore? {code} UNDO entro {min} min",
	bundleUndone:  "{code}: {n} non sono piu' finiti, tutto come prima",
	bundleNext:    "{code}: {n} PASSATI",
	bundleNote:    "{code}: nota aggiunta a {n}",
	bundleChecked: "{code}: {n} ancora in allarme",
	unchanged:     " ({n} invariati)",
}

// Replies writes what an answer by SMS is answered, in one person's language:
// one GSM-7 segment each. Codes are the phone's own; names are cut where they
// are long.
type Replies struct {
	Lang     string
	Location *time.Location
	Now      time.Time
}

// Acknowledged says that the ticket is taken, and that its GTI runs on until
// it is picked up. A zero due is a ticket that nothing was promised for.
func (r Replies) Acknowledged(code int, at, due time.Time) string {
	p := phrasesIn(r.Lang)
	phrase := p.ackedGTI
	switch {
	case due.IsZero():
		phrase = p.acked
	case at.After(due):
		phrase = p.ackedLate
	}
	return r.say(phrase, code, "at", r.at(at), "due", r.at(due))
}

// AcknowledgedGoing is Acknowledged where the contract counts that as pick-up.
func (r Replies) AcknowledgedGoing(code int, at, due time.Time) string {
	p := phrasesIn(r.Lang)
	return r.say(p.ackedGoing, code, "at", r.at(at), "gti", r.gti(p, at, due))
}

// PickedUp says that work has started, and whether that kept the GTI.
func (r Replies) PickedUp(code int, at, due time.Time) string {
	p := phrasesIn(r.Lang)
	return r.say(p.pickedUp, code, "at", r.at(at), "gti", r.gti(p, at, due))
}

// TakenBy says that somebody else took it first. ref is a code, or the
// ticket's number for a phone that has none.
func (r Replies) TakenBy(ref, who string, at time.Time) string {
	return r.say(phrasesIn(r.Lang).takenBy, 0, "ref", ref, "who", name(who), "at", r.at(at))
}

// Yours says that the asker has taken it, or picked it up, before.
func (r Replies) Yours(code int, at time.Time, pickedUp bool) string {
	p := phrasesIn(r.Lang)
	if pickedUp {
		return r.say(p.yoursGoing, code, "at", r.at(at))
	}
	return r.say(p.yours, code, "at", r.at(at))
}

// Resolved says that it is over, and how long that can be undone.
func (r Replies) Resolved(code int, at time.Time, undo time.Duration) string {
	return r.say(phrasesIn(r.Lang).resolved, code, "at", r.at(at), "min", strconv.Itoa(int(undo.Minutes())))
}

// Undone says that the ticket is as it was; taken is whether somebody has it.
func (r Replies) Undone(code int, taken bool) string {
	p := phrasesIn(r.Lang)
	if taken {
		return r.say(p.undone, code)
	}
	return r.say(p.undoneOpen, code)
}

// UndoLate says that the ticket stays resolved.
func (r Replies) UndoLate(code int) string { return r.say(phrasesIn(r.Lang).undoLate, code) }

// Over says that the ticket was resolved before, by whom where that was a
// person, and that nothing changed. ref is as in TakenBy.
func (r Replies) Over(ref, who string, at time.Time) string {
	p := phrasesIn(r.Lang)
	phrase := p.overBy
	if who == "" {
		phrase = p.over
	}
	return r.say(phrase, 0, "ref", ref, "who", name(who), "at", r.at(at))
}

// Escalated says who is paged now; nobody where there is no further step.
func (r Replies) Escalated(code int, who []string) string {
	p := phrasesIn(r.Lang)
	if len(who) == 0 {
		return r.say(p.nobody, code)
	}
	names := make([]string, len(who))
	for i, n := range who {
		names[i] = name(n)
	}
	return r.say(p.escalated, code, "list", enumerate(names, gsmSingle-r.size(p.escalated, code)))
}

// Noted says that the note is kept, and, where nobody has taken the ticket,
// that a note does not.
func (r Replies) Noted(code int, taken bool) string {
	p := phrasesIn(r.Lang)
	if taken {
		return r.say(p.noted, code)
	}
	return r.say(p.notedOpen, code)
}

// ManyNotes says that the note is not kept: the ticket takes no more.
func (r Replies) ManyNotes(code int) string {
	return r.say(phrasesIn(r.Lang).manyNotes, code, "n", strconv.Itoa(ticket.MaxNotes))
}

// Heard says what is known of the ticket's alerts: since when they fire, how
// often and when last they were heard of. Where that is nothing (count 0), it
// says that the source cannot be asked.
func (r Replies) Heard(code int, since, last time.Time, count int64) string {
	p := phrasesIn(r.Lang)
	if count <= 0 {
		return r.say(p.unheard, code)
	}
	return r.say(p.heard, code, "since", r.at(since), "at", r.at(last), "n", strconv.FormatInt(count, 10))
}

// ByToken says, to a phone that sent a link's token, for whom it took what.
func (r Replies) ByToken(who string, what Listed, at, due time.Time) string {
	p := phrasesIn(r.Lang)
	phrase := p.forOther
	if !due.IsZero() {
		phrase = p.forOtherGTI
	}
	pairs := []string{"who", name(who), "at", r.at(at), "due", r.at(due)}
	return r.say(phrase, 0, append(pairs, "what", what.line(gsmSingle-r.size(phrase, 0, pairs...)))...)
}

// Open lists what is open for the phone, as many as fit; where there is
// nothing it says so.
func (r Replies) Open(open []Listed) string {
	p := phrasesIn(r.Lang)
	if len(open) == 0 {
		return p.nothingOpen
	}
	return join("\n", p.open, p.lines(open, gsmSingle-length(p.open)-1))
}

// Several says that a word without a code could mean each of these, that
// nothing was done, and how to take one or all. open has at least one.
func (r Replies) Several(open []Listed) string {
	p := phrasesIn(r.Lang)
	choose := r.say(p.choose, open[0].Code)
	return join("\n", p.several, p.lines(open, gsmSingle-length(p.several+choose)-2), choose)
}

// AllAcknowledged says which tickets were taken at once.
func (r Replies) AllAcknowledged(codes []int, at time.Time) string {
	p := phrasesIn(r.Lang)
	list := make([]string, len(codes))
	for i, c := range codes {
		list[i] = strconv.Itoa(c)
	}
	pairs := []string{"code", p.code, "n", strconv.Itoa(len(codes)), "at", r.at(at)}
	return r.say(p.allTaken, 0, append(pairs, "list", enumerate(list, gsmSingle-r.size(p.allTaken, 0, pairs...)))...)
}

// Bundle says what an answer to a bundle's code did: to done of its tickets;
// of the others somebody else has, or they are over.
func (r Replies) Bundle(verb Verb, code, done, others int, undo time.Duration) string {
	p := phrasesIn(r.Lang)
	phrase := map[Verb]string{
		VerbAcknowledge: p.bundleTaken, VerbPickUp: p.bundleGoing, VerbResolve: p.bundleDone, VerbUndo: p.bundleUndone,
		VerbEscalate: p.bundleNext, VerbNote: p.bundleNote, VerbRecheck: p.bundleChecked,
	}[verb]
	if others > 0 {
		phrase += fill(p.unchanged, "n", strconv.Itoa(others))
	}
	return r.say(phrase, code, "n", strconv.Itoa(done), "at", r.at(r.Now), "min", strconv.Itoa(int(undo.Minutes())))
}

// BundleFor says, to a phone that sent the token of a bundle's link, for whom
// it took how many.
func (r Replies) BundleFor(who string, done, others int) string {
	p := phrasesIn(r.Lang)
	phrase := fill(p.forOther, "what", strconv.Itoa(done))
	if others > 0 {
		phrase += fill(p.unchanged, "n", strconv.Itoa(others))
	}
	return r.say(phrase, 0, "who", name(who), "at", r.at(r.Now))
}

// NoCode says that nothing is open under this code.
func (r Replies) NoCode(code int) string { return r.say(phrasesIn(r.Lang).noCode, code) }

// Help says that the answer was not understood, and which would be. code is
// the one to show, 0 where there is none.
func (r Replies) Help(code int) string {
	p := phrasesIn(r.Lang)
	if code <= 0 {
		return fill(p.help, "code", p.code)
	}
	return r.say(p.help, code)
}

// Later says that the answer could not be written down now.
func (r Replies) Later() string { return phrasesIn(r.Lang).later }

func (r Replies) at(t time.Time) string { return phrasesIn(r.Lang).clock(r.Location, r.Now).at(t) }

func (r Replies) gti(p *phrases, at, due time.Time) string {
	switch {
	case due.IsZero():
		return ""
	case at.After(due):
		return fill(p.gtiMissed, "due", r.at(due))
	}
	return fill(p.gtiMet, "due", r.at(due))
}

func (r Replies) say(phrase string, code int, pairs ...string) string {
	if code > 0 {
		pairs = append(pairs, "code", strconv.Itoa(code))
	}
	return shorten(fill(phrase, pairs...), gsmSingle, "..")
}

// size is how long a phrase is without its {list} and {what}.
func (r Replies) size(phrase string, code int, pairs ...string) int {
	return length(r.say(phrase, code, append(pairs[:len(pairs):len(pairs)], "list", "", "what", "")...))
}

// name is a person's name in a reply.
func name(s string) string { return shorten(Transliterate(s), 24, ".") }
