package web

import (
	"fmt"
	"strings"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// phrases is the page in one language. Exported fields are the template's.
type phrases struct {
	Lang string
	pagePhrases

	urgency                                   [ticket.Critical + 1]string // by ticket.Urgency
	since, day                                string
	untaken, taken, working, resolved, closed string
	byWord, you, system, tokenWord            string
	left, met, missed                         string // of the GTI
	takenBy                                   string // who, when
	heard                                     string // how often, last when
	stepWord, roundWord, everyManager         string

	outcomes      map[string]string            // by action and by done… code
	outcomesOfAll map[escalation.Action]string // of a bundle's buttons: how many it was done to
	nothingDone   string                       // to none of them
	leftAlone     string                       // how many
	statuses      map[ticket.AlertStatus]string
	events        map[ticket.EntryKind]string
	vias          map[string]string
	sentences     map[string]string // by key, with {names}

	TakeIt, StartIt, CheckIt, GiveIt, ResolveIt, UndoIt, NoteIt        string
	GiveTaken, GiveSure, ResolveSure, ResolveText, ConfirmIt, NoteLong string
	Facts, GTIWord, NextWord, TicketWord                               string
	Alarms, Happened, More, Earlier, AllOver                           string

	oneTicket, manyTickets                                    string // of a bundle
	OpenWord, TakenWord, OverWord                             string
	TakeAll, StartAll, CheckAll, GiveAll, ResolveAll, UndoAll string
	GiveAllText, OthersStay, NoteAllLong                      string

	unknownLink, unknownAdvice string
	overLink, overAdvice       string
	storeDown, storeAdvice     string
	badRequest, badAdvice      string
	otherSite, otherAdvice     string
}

// phrasesIn finds a language by its tag ("fr", "fr-CH"); English where there
// is no such language here.
func phrasesIn(tag string) *phrases {
	tag, _, _ = strings.Cut(strings.ReplaceAll(strings.ToLower(tag), "_", "-"), "-")
	switch tag {
	case "fr":
		return &french
	case "it":
		return &italian
	}
	return &english
}

// lasted writes a time span in two units at most.
func (p *phrases) lasted(d time.Duration) string {
	minutes := int(max(d, 0) / time.Minute)
	switch {
	case minutes < 1:
		return "< 1 min"
	case minutes < 60:
		return fmt.Sprintf("%d min", minutes)
	case minutes < 24*60:
		return fmt.Sprintf("%d h %02d", minutes/60, minutes%60)
	}
	return fmt.Sprintf("%d %s %d h", minutes/(24*60), p.day, minutes/60%24)
}

// AllOf says how many tickets a link stands for.
func (p *phrases) AllOf(n int) string {
	if n == 1 {
		return p.oneTicket
	}
	return fmt.Sprintf(p.manyTickets, n)
}

var english = phrases{
	Lang: "en", pagePhrases: englishPage,
	urgency: [...]string{"ALERT", "LOW", "MINOR", "MAJOR", "CRITICAL"},
	since:   "since", day: "d",
	untaken: "Nobody has taken it", taken: "Taken", working: "Work started", resolved: "Resolved", closed: "Closed",
	byWord: "by", you: "you", system: "the system", tokenWord: "token",
	left: "%s left", met: "met", missed: "missed",
	takenBy: "Nothing was done: taken by %s at %s.",
	heard:   "heard %d×, last %s", stepWord: "step", roundWord: "round", everyManager: "every manager",
	outcomes: map[string]string{
		"acknowledge": "It is yours. Press “I'm starting” when work begins.",
		"pickup":      "In progress: it is yours, and the GTI clock has stopped.",
		"recheck":     "Checked: see what is firing.",
		"escalate":    "Passed on: the next people are being paged.",
		"resolve":     "Resolved. It can be undone for 5 minutes.",
		"undo":        "No longer resolved: all is as before.",
		"note":        "The note is on the ticket.",
		doneTaken:     "Nothing was done: somebody else had it.",
		doneOver:      "Nothing was done: it is over.",
		doneLate:      "Nothing was done: it is too late to undo.",
		doneEmpty:     "Nothing was done: the note was empty.",
		doneMany:      "The note was NOT kept: this ticket has too many.",
		doneStale:     "Nothing was done: the page was old. This is how it stands now.",
		doneNobody:    "Nothing was done: there is nobody else to call.",
	},
	outcomesOfAll: map[escalation.Action]string{
		escalation.ActAcknowledge: "They are yours: %d. Press “I'm starting” when work begins.",
		escalation.ActPickUp:      "In progress and yours: %d. Their GTI clocks have stopped.",
		escalation.ActRecheck:     "Checked: %d.",
		escalation.ActEscalate:    "Passed on: %d. The next people are being paged.",
		escalation.ActResolve:     "Resolved: %d. It can be undone for 5 minutes.",
		escalation.ActUndo:        "No longer resolved: %d.",
		escalation.ActNote:        "The note is on the tickets: %d.",
	},
	nothingDone: "Nothing was done.",
	leftAlone:   "Left as they were: %d (somebody else has them, they are over, or they changed meanwhile).",
	statuses:    map[ticket.AlertStatus]string{ticket.Firing: "firing", ticket.Silent: "silent", ticket.Resolved: "over"},
	events: map[ticket.EntryKind]string{
		ticket.EntryOpened: "Opened", ticket.EntryJoined: "Another alert", ticket.EntryRecovered: "Alert over",
		ticket.EntrySilent: "Source silent", ticket.EntryUrgency: "Urgency raised", ticket.EntryEpisode: "Paging starts again",
		ticket.EntryPaged: "Paged", ticket.EntryPage: "Page", ticket.EntryUnreachable: "Out of reach",
		ticket.EntryHandover: "Handover", ticket.EntryAcknowledged: "Taken", ticket.EntryPickedUp: "Work started",
		ticket.EntryEscalated: "Passed on", ticket.EntryNote: "Note", ticket.EntryAssigned: "Assigned",
		ticket.EntryAckExpired: "Taken, but not started in time", ticket.EntryResolved: "Resolved",
		ticket.EntryUndone: "Resolve undone", ticket.EntryReopened: "Reopened", ticket.EntryClosed: "Closed",
		ticket.EntryRecheck: "Checked", ticket.EntryFolded: "From here on alerts and pages are counted only",
	},
	vias: map[string]string{"sms": "by SMS", "link": "by link", "api": "by API", "cli": "command line"},
	sentences: map[string]string{
		"again":                 "{sending} (again: the try before is unclear)",
		"forgotten":             "{sending}; devices that are gone: {n}",
		"bundled":               "sent in one SMS for {n} tickets, the worst {worst}",
		"sent":                  "sent{error}",
		"delivered":             "delivered{error}",
		"undelivered":           "not delivered{error}",
		"failed":                "failed{error}",
		"unclear":               "no answer, perhaps sent; sent again unless a receipt comes: {error}",
		"refused":               "refused for now, tried again in {wait}: {error}",
		"held":                  "held until its hours begin",
		"dropped":               "not sent: {why}",
		"unknown":               "no such person or channel any more",
		"unpaged":               "none of the pages to this person went out",
		"old":                   "no longer news",
		"overtaken":             "a later round came first",
		"replaced":              "a later step came instead",
		"off duty":              "no longer on duty",
		"joined":                "another alert while it was taken: {title}",
		"joined unseen":         "another alert, and neither whoever has the ticket nor anybody on call can be told: {title}",
		"joined, channels":      "another alert, nobody reached: by their other channels",
		"joined, on duty":       "another alert, nobody reached: whoever is on call now",
		"joined, managers":      "another alert, nobody reached: every manager",
		"joined, nobody":        "another alert, and nobody at all can be told",
		"once more":             "{step}, once more: {who} ({channel})",
		"out of reach":          "{step}, {group}: nobody on duty can be reached by {channels}",
		"no group":              "{step}, {group}: there is no such group any more",
		"nobody":                "nobody at all can be reached, and no manager",
		"handover":              "{who} is no longer on duty for {group}",
		"all over":              "its sender says that all is well",
		"over meanwhile":        "its sender said meanwhile that all is well",
		"silent":                "source silent, and somebody had taken it",
		"none firing":           "nothing of it fires",
		"firing":                "{n} firing",
		"firing, heard":         "{n} firing, last heard of {at}",
		"firing, silent":        "{n} firing, {silent} of them silent",
		"firing, silent, heard": "{n} firing, {silent} of them silent, last heard of {at}",
	},

	TakeIt: "I'll take it", StartIt: "I'm starting", CheckIt: "Check again", GiveIt: "Pass on", ResolveIt: "Resolve", UndoIt: "Undo resolve", NoteIt: "Add note",
	GiveTaken: "Somebody has it: passing it on takes it back and wakes the next people.", GiveSure: "Yes, pass it on",
	ResolveSure: "Yes, it is resolved", ResolveText: "What was done (optional)", ConfirmIt: "Paging ends and those who were paged hear of it.", NoteLong: "Note for the ticket",
	Facts: "State", GTIWord: "GTI", NextWord: "Next page", TicketWord: "Ticket",
	Alarms: "Alerts", Happened: "What happened", More: "more", Earlier: "earlier", AllOver: "Nothing fires any more.",

	oneTicket: "1 ticket", manyTickets: "%d tickets", OpenWord: "Nobody has taken", TakenWord: "Taken", OverWord: "Over",
	TakeAll: "I'll take all", StartAll: "I'm starting all", CheckAll: "Check all again", GiveAll: "Pass all on", ResolveAll: "Resolve all", UndoAll: "Undo resolves",
	GiveAllText: "The next people are woken for each ticket.", OthersStay: "What somebody else has taken stays as it is.", NoteAllLong: "Note for all tickets",

	overLink: "This is over.", overAdvice: "What this link stood for is closed. There is nothing left to do.",
	unknownLink: "This link is not known, or no longer valid.", unknownAdvice: "Open the link of your latest page, or answer it by SMS.",
	storeDown: "The pager cannot answer right now.", storeAdvice: "Nothing is certain: what you pressed may not have been recorded. Go back and try again, or answer by SMS.",
	badRequest: "This cannot be done.", badAdvice: "Go back and try again.",
	otherSite: "This came from another site's page, and was not done.", otherAdvice: "Open the link of your page, and press the button there.",
}

var french = phrases{
	Lang: "fr", pagePhrases: frenchPage,
	urgency: [...]string{"ALERTE", "FAIBLE", "MINEUR", "MAJEUR", "CRITIQUE"},
	since:   "depuis", day: "j",
	untaken: "Personne ne l'a pris", taken: "Pris", working: "Commencé", resolved: "Résolu", closed: "Clos",
	byWord: "par", you: "vous", system: "le système", tokenWord: "jeton",
	left: "reste %s", met: "tenue", missed: "dépassée",
	takenBy: "Rien n'a changé : pris par %s à %s.",
	heard:   "vu %d×, dernière fois %s", stepWord: "étape", roundWord: "tour", everyManager: "tous les responsables",
	outcomes: map[string]string{
		"acknowledge": "C'est à vous. Touchez « Je commence » en démarrant.",
		"pickup":      "En cours : c'est à vous, la GTI est arrêtée.",
		"recheck":     "Vérifié : voyez ce qui est en alerte.",
		"escalate":    "Passé : les suivants sont appelés.",
		"resolve":     "Résolu. Annulable pendant 5 minutes.",
		"undo":        "Plus résolu : tout est comme avant.",
		"note":        "La note est sur le ticket.",
		doneTaken:     "Rien n'a changé : quelqu'un d'autre l'avait pris.",
		doneOver:      "Rien n'a changé : c'est terminé.",
		doneLate:      "Rien n'a changé : trop tard pour annuler.",
		doneEmpty:     "Rien n'a changé : la note était vide.",
		doneMany:      "La note n'a PAS été gardée : ce ticket en a trop.",
		doneStale:     "Rien n'a changé : la page datait. Voici où en est le ticket.",
		doneNobody:    "Rien n'a changé : il n'y a plus personne à appeler.",
	},
	outcomesOfAll: map[escalation.Action]string{
		escalation.ActAcknowledge: "C'est à vous : %d. Touchez « Je commence » en démarrant.",
		escalation.ActPickUp:      "En cours et à vous : %d. Leurs GTI sont arrêtées.",
		escalation.ActRecheck:     "Vérifiés : %d.",
		escalation.ActEscalate:    "Passés : %d. Les suivants sont appelés.",
		escalation.ActResolve:     "Résolus : %d. Annulable pendant 5 minutes.",
		escalation.ActUndo:        "Plus résolus : %d.",
		escalation.ActNote:        "La note est sur les tickets : %d.",
	},
	nothingDone: "Rien n'a changé.",
	leftAlone:   "Laissés tels quels : %d (pris par quelqu'un d'autre, terminés, ou changés entre-temps).",
	statuses:    map[ticket.AlertStatus]string{ticket.Firing: "en alerte", ticket.Silent: "muette", ticket.Resolved: "terminée"},
	events: map[ticket.EntryKind]string{
		ticket.EntryOpened: "Ouvert", ticket.EntryJoined: "Alerte de plus", ticket.EntryRecovered: "Alerte terminée",
		ticket.EntrySilent: "Source muette", ticket.EntryUrgency: "Urgence relevée", ticket.EntryEpisode: "Les appels reprennent",
		ticket.EntryPaged: "Appels", ticket.EntryPage: "Envoi", ticket.EntryUnreachable: "Injoignable",
		ticket.EntryHandover: "Relève", ticket.EntryAcknowledged: "Pris", ticket.EntryPickedUp: "Intervention commencée",
		ticket.EntryEscalated: "Passé", ticket.EntryNote: "Note", ticket.EntryAssigned: "Attribué",
		ticket.EntryAckExpired: "Pris, mais pas commencé à temps", ticket.EntryResolved: "Résolu",
		ticket.EntryUndone: "Résolution annulée", ticket.EntryReopened: "Rouvert", ticket.EntryClosed: "Clos",
		ticket.EntryRecheck: "Vérifié", ticket.EntryFolded: "À partir d'ici, alertes et envois sont seulement comptés",
	},
	vias: map[string]string{"sms": "par SMS", "link": "par lien", "api": "par API", "cli": "ligne de commande"},
	sentences: map[string]string{
		"again":                 "{sending} (nouvel essai : le précédent reste incertain)",
		"forgotten":             "{sending} ; appareils disparus : {n}",
		"bundled":               "envoyé en un SMS pour {n} tickets, le pire {worst}",
		"sent":                  "envoyé{error}",
		"delivered":             "remis{error}",
		"undelivered":           "non remis{error}",
		"failed":                "échec{error}",
		"unclear":               "sans réponse, peut-être envoyé ; renvoyé faute d'accusé : {error}",
		"refused":               "refusé pour l'instant, nouvel essai dans {wait} : {error}",
		"held":                  "retenu jusqu'à ses heures",
		"dropped":               "non envoyé : {why}",
		"unknown":               "cette personne ou ce canal n'existe plus",
		"unpaged":               "aucun appel à cette personne n'est parti",
		"old":                   "trop ancien",
		"overtaken":             "un tour suivant est passé avant",
		"replaced":              "une étape suivante le remplace",
		"off duty":              "plus d'astreinte",
		"joined":                "alerte de plus, alors qu'il était pris : {title}",
		"joined unseen":         "alerte de plus, et ni qui l'a pris ni l'astreinte ne sont joignables : {title}",
		"joined, channels":      "alerte de plus, personne de joint : par leurs autres moyens",
		"joined, on duty":       "alerte de plus, personne de joint : qui est d'astreinte maintenant",
		"joined, managers":      "alerte de plus, personne de joint : tous les responsables",
		"joined, nobody":        "alerte de plus, et personne n'est joignable",
		"once more":             "{step}, encore une fois : {who} ({channel})",
		"out of reach":          "{step}, {group} : personne d'astreinte n'est joignable par {channels}",
		"no group":              "{step}, {group} : ce groupe n'existe plus",
		"nobody":                "personne n'est joignable, pas même les responsables",
		"handover":              "{who} n'est plus d'astreinte pour {group}",
		"all over":              "la source dit que tout est terminé",
		"over meanwhile":        "la source a dit entre-temps que tout est terminé",
		"silent":                "source muette, et quelqu'un l'avait pris",
		"none firing":           "plus rien n'est en alerte",
		"firing":                "{n} en alerte",
		"firing, heard":         "{n} en alerte, dernière nouvelle {at}",
		"firing, silent":        "{n} en alerte, dont {silent} muettes",
		"firing, silent, heard": "{n} en alerte, dont {silent} muettes, dernière nouvelle {at}",
	},

	TakeIt: "Je prends", StartIt: "Je commence", CheckIt: "Vérifier", GiveIt: "Passer", ResolveIt: "Terminer", UndoIt: "Annuler la résolution", NoteIt: "Ajouter la note",
	GiveTaken: "Quelqu'un l'a pris : le passer le lui retire et réveille les suivants.", GiveSure: "Oui, passer",
	ResolveSure: "Oui, c'est résolu", ResolveText: "Ce qui a été fait (facultatif)", ConfirmIt: "Les appels cessent, et les personnes appelées en sont averties.", NoteLong: "Note pour le ticket",
	Facts: "État", GTIWord: "GTI", NextWord: "Prochain appel", TicketWord: "Ticket",
	Alarms: "Alertes", Happened: "Déroulement", More: "de plus", Earlier: "plus anciens", AllOver: "Plus rien n'est en alerte.",

	oneTicket: "1 ticket", manyTickets: "%d tickets", OpenWord: "Personne ne les a pris", TakenWord: "Pris", OverWord: "Terminés",
	TakeAll: "Je prends tout", StartAll: "Je commence tout", CheckAll: "Tout vérifier", GiveAll: "Tout passer", ResolveAll: "Tout terminer", UndoAll: "Annuler les résolutions",
	GiveAllText: "Les suivants sont réveillés pour chaque ticket.", OthersStay: "Ce que quelqu'un d'autre a pris ne change pas.", NoteAllLong: "Note pour tous les tickets",

	overLink: "C'est terminé.", overAdvice: "Ce que ce lien désignait est clos. Il n'y a plus rien à faire.",
	unknownLink: "Ce lien est inconnu, ou n'est plus valable.", unknownAdvice: "Ouvrez le lien du dernier message reçu, ou répondez-y par SMS.",
	storeDown: "Impossible de répondre pour le moment.", storeAdvice: "Rien n'est sûr : votre action n'est peut-être pas enregistrée. Revenez en arrière et réessayez, ou répondez par SMS.",
	badRequest: "Cette action est impossible.", badAdvice: "Revenez en arrière et réessayez.",
	otherSite: "Cette demande vient de la page d'un autre site : rien n'a été fait.", otherAdvice: "Ouvrez le lien du message, et appuyez sur le bouton.",
}

//nolint:misspell // Italian
var italian = phrases{
	Lang: "it", pagePhrases: italianPage,
	urgency: [...]string{"ALLARME", "BASSO", "MINORE", "MAGGIORE", "CRITICO"},
	since:   "dalle", day: "g",
	untaken: "Nessuno l'ha preso", taken: "Preso", working: "Iniziato", resolved: "Risolto", closed: "Chiuso",
	byWord: "da", you: "te", system: "il sistema", tokenWord: "token",
	left: "restano %s", met: "rispettata", missed: "superata",
	takenBy: "Niente è cambiato: preso da %s alle %s.",
	heard:   "visto %d×, ultima volta %s", stepWord: "passo", roundWord: "giro", everyManager: "tutti i responsabili",
	outcomes: map[string]string{
		"acknowledge": "È tuo. Premi «Comincio» quando inizi.",
		"pickup":      "In corso: è tuo, la GTI è ferma.",
		"recheck":     "Controllato: guarda cosa è in allarme.",
		"escalate":    "Passato: si chiamano i prossimi.",
		"resolve":     "Risolto. Annullabile per 5 minuti.",
		"undo":        "Non più risolto: tutto come prima.",
		"note":        "La nota è sul ticket.",
		doneTaken:     "Niente è cambiato: l'aveva preso un altro.",
		doneOver:      "Niente è cambiato: è finito.",
		doneLate:      "Niente è cambiato: troppo tardi per annullare.",
		doneEmpty:     "Niente è cambiato: la nota era vuota.",
		doneMany:      "La nota NON è stata conservata: questo ticket ne ha troppe.",
		doneStale:     "Niente è cambiato: la pagina era vecchia. Ecco a che punto è il ticket.",
		doneNobody:    "Niente è cambiato: non c'è più nessuno da chiamare.",
	},
	outcomesOfAll: map[escalation.Action]string{
		escalation.ActAcknowledge: "Sono tuoi: %d. Premi «Comincio» quando inizi.",
		escalation.ActPickUp:      "In corso e tuoi: %d. Le loro GTI sono ferme.",
		escalation.ActRecheck:     "Controllati: %d.",
		escalation.ActEscalate:    "Passati: %d. Si chiamano i prossimi.",
		escalation.ActResolve:     "Risolti: %d. Annullabile per 5 minuti.",
		escalation.ActUndo:        "Non più risolti: %d.",
		escalation.ActNote:        "La nota è sui ticket: %d.",
	},
	nothingDone: "Niente è cambiato.",
	leftAlone:   "Lasciati com'erano: %d (li ha presi un altro, sono finiti, o sono cambiati nel frattempo).",
	statuses:    map[ticket.AlertStatus]string{ticket.Firing: "in allarme", ticket.Silent: "muto", ticket.Resolved: "finito"},
	events: map[ticket.EntryKind]string{
		ticket.EntryOpened: "Aperto", ticket.EntryJoined: "Altro allarme", ticket.EntryRecovered: "Allarme finito",
		ticket.EntrySilent: "Fonte muta", ticket.EntryUrgency: "Urgenza aumentata", ticket.EntryEpisode: "Le chiamate riprendono",
		ticket.EntryPaged: "Chiamate", ticket.EntryPage: "Invio", ticket.EntryUnreachable: "Irraggiungibile",
		ticket.EntryHandover: "Cambio turno", ticket.EntryAcknowledged: "Preso", ticket.EntryPickedUp: "Intervento iniziato",
		ticket.EntryEscalated: "Passato", ticket.EntryNote: "Nota", ticket.EntryAssigned: "Assegnato",
		ticket.EntryAckExpired: "Preso, ma non iniziato in tempo", ticket.EntryResolved: "Risolto",
		ticket.EntryUndone: "Risoluzione annullata", ticket.EntryReopened: "Riaperto", ticket.EntryClosed: "Chiuso",
		ticket.EntryRecheck: "Controllato", ticket.EntryFolded: "Da qui in poi allarmi e invii sono solo contati",
	},
	vias: map[string]string{"sms": "per SMS", "link": "dal link", "api": "da API", "cli": "riga di comando"},
	sentences: map[string]string{
		"again":                 "{sending} (di nuovo: il tentativo precedente è incerto)",
		"forgotten":             "{sending}; dispositivi spariti: {n}",
		"bundled":               "inviato in un SMS per {n} ticket, il peggiore {worst}",
		"sent":                  "inviato{error}",
		"delivered":             "consegnato{error}",
		"undelivered":           "non consegnato{error}",
		"failed":                "fallito{error}",
		"unclear":               "nessuna risposta, forse inviato; reinviato se non arriva una ricevuta: {error}",
		"refused":               "rifiutato per ora, nuovo tentativo tra {wait}: {error}",
		"held":                  "trattenuto fino al suo orario",
		"dropped":               "non inviato: {why}",
		"unknown":               "questa persona o questo canale non esiste più",
		"unpaged":               "nessuna chiamata a questa persona è partita",
		"old":                   "non è più una novità",
		"overtaken":             "un giro successivo è arrivato prima",
		"replaced":              "lo sostituisce un passo successivo",
		"off duty":              "non più di turno",
		"joined":                "altro allarme, mentre era preso: {title}",
		"joined unseen":         "altro allarme, e né chi l'ha preso né i reperibili sono raggiungibili: {title}",
		"joined, channels":      "altro allarme, nessuno raggiunto: per gli altri canali",
		"joined, on duty":       "altro allarme, nessuno raggiunto: chi è reperibile ora",
		"joined, managers":      "altro allarme, nessuno raggiunto: tutti i responsabili",
		"joined, nobody":        "altro allarme, e nessuno è raggiungibile",
		"once more":             "{step}, ancora una volta: {who} ({channel})",
		"out of reach":          "{step}, {group}: nessuno di turno è raggiungibile per {channels}",
		"no group":              "{step}, {group}: questo gruppo non esiste più",
		"nobody":                "nessuno è raggiungibile, nemmeno un responsabile",
		"handover":              "{who} non è più di turno per {group}",
		"all over":              "la fonte dice che tutto è finito",
		"over meanwhile":        "la fonte ha detto intanto che tutto è finito",
		"silent":                "fonte muta, e qualcuno l'aveva preso",
		"none firing":           "niente è più in allarme",
		"firing":                "{n} in allarme",
		"firing, heard":         "{n} in allarme, ultima notizia {at}",
		"firing, silent":        "{n} in allarme, di cui {silent} muti",
		"firing, silent, heard": "{n} in allarme, di cui {silent} muti, ultima notizia {at}",
	},

	TakeIt: "Lo prendo", StartIt: "Comincio", CheckIt: "Controlla", GiveIt: "Passa", ResolveIt: "Risolto", UndoIt: "Annulla la risoluzione", NoteIt: "Aggiungi nota",
	GiveTaken: "Qualcuno l'ha preso: passarlo glielo toglie e sveglia i prossimi.", GiveSure: "Sì, passalo",
	ResolveSure: "Sì, è risolto", ResolveText: "Cosa è stato fatto (facoltativo)", ConfirmIt: "Le chiamate finiscono, e chi è stato chiamato lo viene a sapere.", NoteLong: "Nota per il ticket",
	Facts: "Stato", GTIWord: "GTI", NextWord: "Prossima chiamata", TicketWord: "Ticket",
	Alarms: "Allarmi", Happened: "Cronologia", More: "altri", Earlier: "precedenti", AllOver: "Niente è più in allarme.",

	oneTicket: "1 ticket", manyTickets: "%d ticket", OpenWord: "Nessuno li ha presi", TakenWord: "Presi", OverWord: "Finiti",
	TakeAll: "Prendo tutto", StartAll: "Comincio tutto", CheckAll: "Controlla tutto", GiveAll: "Passa tutto", ResolveAll: "Tutto risolto", UndoAll: "Annulla le risoluzioni",
	GiveAllText: "I prossimi vengono svegliati per ogni ticket.", OthersStay: "Quello che ha preso un altro resta com'è.", NoteAllLong: "Nota per tutti i ticket",

	overLink: "È finita.", overAdvice: "Ciò a cui portava questo link è chiuso. Non c'è più nulla da fare.",
	unknownLink: "Questo link non è noto, o non è più valido.", unknownAdvice: "Apri il link dell'ultimo messaggio, o rispondi per SMS.",
	storeDown: "Ora non è possibile rispondere.", storeAdvice: "Niente è certo: la tua azione forse non è stata registrata. Torna indietro e riprova, o rispondi per SMS.",
	badRequest: "Questa azione non è possibile.", badAdvice: "Torna indietro e riprova.",
	otherSite: "Questa richiesta viene dalla pagina di un altro sito: niente è stato fatto.", otherAdvice: "Apri il link del messaggio, e premi il pulsante.",
}
