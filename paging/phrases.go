package paging

import (
	"github.com/astreinte/astreinte/internal/ticket"
)

// phrases is one language. What stands in braces is filled in. All of it is
// written without accents, tells nobody to send a word that carriers take for
// opt-out, and names only answers that
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
	misread                                string // before help
	stale, enough                          string
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
	help:        "{code} OK = je prends, {code} GO = je commence, T tester, E passer, FIN = fini, N texte = note, ? = liste",
	misread:     "Pas compris. ",
	stale:       "{code} s'est rouvert {at}, votre texte valait pour avant: {code} OK = je prends",
	enough:      "Compris et fait. Trop de textes: plus de reponse pendant {min} min",
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
	help:        "{code} OK = mine, {code} GO = I start, T test again, E pass on, DONE, N text = note, ? = list",
	misread:     "Not understood. ",
	stale:       "{code} reopened {at}, your text was for before that: {code} OK = mine",
	enough:      "Understood and done. Too many texts: no more replies for {min} min",
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
	help:        "{code} OK = lo prendo, {code} GO = inizio, T testa, E passa, FINE, N testo = nota, ? = lista",
	misread:     "Non capito. ",
	stale:       "{code} si e' riaperto {at}, il tuo testo valeva per prima: {code} OK = lo prendo",
	enough:      "Capito e fatto. Troppi testi: niente risposte per {min} min",
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
