package lang

import (
	"strconv"

	"github.com/astreinte/astreinte/internal/ticket"
)

// Work is what people read of tasks, interventions, links and the plan.
type Work struct {
	Tasks, AddTask, TaskText, Minutes, Public, Shown string
	Treatment                                        string            // minutes
	Kinds                                            map[string]string // of tasks

	Interventions, Plan, From, Until, Place, Who, Nobody string
	States                                               map[string]string // of interventions
	Mark                                                 map[string]string // of the buttons that change them

	Links, AddLink, Number, Link, Untie string
	LinkKinds, LinkBacks                map[string]string // what this one says of the other, and the other of this one

	Checklist, Questions, Tick, Untick, Required string
	DueAt, Overdue, DoneBy                       string // at; at; who and at
	SeenBefore, LastSolved, LastOver             string // how many; who and at; at

	Meeting, Meet, MeetAt, MeetMade string

	Planning, Week, Everybody, Show, Before, ThisWeek, Next, NothingPlanned string

	ForCustomer string // after a task in a timeline
	Messages    map[string]string
}

var workEnglish = Work{
	Tasks: "What was done", AddTask: "Write a task down", TaskText: "What was done", Minutes: "Minutes", Public: "The customer may read it", Shown: "for the customer",
	Treatment: "Treatment: {n} min",
	Kinds:     map[string]string{ticket.TaskCall: "Call", ticket.TaskNoAnswer: "Call without answer", ticket.TaskRemote: "Remote work", ticket.TaskOnSite: "On site", ticket.TaskOther: "Other"},

	Interventions: "Planned interventions", Plan: "Plan an intervention", From: "From", Until: "Until", Place: "Place", Who: "Who", Nobody: "not decided",
	States: map[string]string{ticket.InterventionPlanned: "planned", ticket.InterventionDone: "done", ticket.InterventionCancelled: "cancelled"},
	Mark:   map[string]string{ticket.InterventionDone: "Done", ticket.InterventionCancelled: "Cancel"},

	Links: "Other tickets", AddLink: "Link to another ticket", Number: "Number", Link: "Link", Untie: "Take the link to {ticket} away",
	LinkKinds: map[string]string{ticket.LinkDuplicate: "duplicate of", ticket.LinkParent: "part of", ticket.LinkCause: "caused by", ticket.LinkSee: "see"},
	LinkBacks: map[string]string{ticket.LinkDuplicate: "has the duplicate", ticket.LinkParent: "has the part", ticket.LinkCause: "causes", ticket.LinkSee: "see"},

	Checklist: "Checklist", Questions: "To ask", Tick: "Done: {point}", Untick: "Not done after all: {point}", Required: "needed before the end",
	DueAt: "due {at}", Overdue: "was due {at}", DoneBy: "{who}, {at}",
	SeenBefore: "The same device and check in the 30 days before: {n}", LastSolved: "Last solved by {who}, {at}:", LastOver: "Last over {at}:",

	Meeting: "Meeting", Meet: "Set up a meeting with the user", MeetAt: "Address, as https://…", MeetMade: "Address; left empty, one is made",

	Planning: "Planning", Week: "Week of", Everybody: "everybody", Show: "Show", Before: "before", ThisWeek: "this week", Next: "next", NothingPlanned: "Nothing is planned this week.",

	ForCustomer: " (for the customer)",
	Messages: map[string]string{
		"task": "Written down.", "intervention": "Planned.", "link": "Linked.", "tick": "Noted.", "meeting": "The link is on the ticket.",
		"work_full": "The ticket has as many of these as it takes.", "work_theirs": "Somebody else wrote it: it needs a manager.", "work_wrong": "That cannot be taken: {field}.",
		"work_gone": "There is no such thing any more.", "work_closed": "The ticket is closed.",
	},
}

var workFrench = Work{
	Tasks: "Ce qui a été fait", AddTask: "Noter une tâche", TaskText: "Ce qui a été fait", Minutes: "Minutes", Public: "Le client peut le lire", Shown: "pour le client",
	Treatment: "Traitement : {n} min",
	Kinds:     map[string]string{ticket.TaskCall: "Appel", ticket.TaskNoAnswer: "Appel sans réponse (pdr)", ticket.TaskRemote: "À distance", ticket.TaskOnSite: "Sur site", ticket.TaskOther: "Autre"},

	Interventions: "Interventions prévues", Plan: "Prévoir une intervention", From: "De", Until: "À", Place: "Lieu", Who: "Qui", Nobody: "pas encore décidé",
	States: map[string]string{ticket.InterventionPlanned: "prévue", ticket.InterventionDone: "faite", ticket.InterventionCancelled: "annulée"},
	Mark:   map[string]string{ticket.InterventionDone: "Faite", ticket.InterventionCancelled: "Annuler"},

	Links: "Autres tickets", AddLink: "Lier à un autre ticket", Number: "Numéro", Link: "Lier", Untie: "Retirer le lien vers {ticket}",
	LinkKinds: map[string]string{ticket.LinkDuplicate: "doublon de", ticket.LinkParent: "fait partie de", ticket.LinkCause: "causé par", ticket.LinkSee: "voir"},
	LinkBacks: map[string]string{ticket.LinkDuplicate: "a pour doublon", ticket.LinkParent: "comprend", ticket.LinkCause: "cause", ticket.LinkSee: "voir"},

	Checklist: "Liste de contrôle", Questions: "À demander", Tick: "Fait : {point}", Untick: "Finalement pas fait : {point}", Required: "nécessaire avant la fin",
	DueAt: "à échéance {at}", Overdue: "était à échéance {at}", DoneBy: "{who}, {at}",
	SeenBefore: "Même matériel et même contrôle dans les 30 jours d'avant : {n}", LastSolved: "Résolu la dernière fois par {who}, {at} :", LastOver: "Terminé la dernière fois {at} :",

	Meeting: "Réunion", Meet: "Organiser une réunion avec l'utilisateur", MeetAt: "Adresse, comme https://…", MeetMade: "Adresse ; vide, elle est créée",

	Planning: "Planning", Week: "Semaine du", Everybody: "tous", Show: "Afficher", Before: "avant", ThisWeek: "cette semaine", Next: "après", NothingPlanned: "Rien n'est prévu cette semaine.",

	ForCustomer: " (pour le client)",
	Messages: map[string]string{
		"task": "Noté.", "intervention": "Prévu.", "link": "Lié.", "tick": "Noté.", "meeting": "Le lien est sur le ticket.",
		"work_full": "Le ticket en a autant qu'il se peut.", "work_theirs": "Quelqu'un d'autre l'a écrit : il faut un responsable.", "work_wrong": "C'est impossible ainsi : {field}.",
		"work_gone": "Cela n'existe plus.", "work_closed": "Le ticket est clos.",
	},
}

var workItalian = Work{
	Tasks: "Che cosa è stato fatto", AddTask: "Annotare un'attività", TaskText: "Che cosa è stato fatto", Minutes: "Minuti", Public: "Il cliente può leggerlo", Shown: "per il cliente",
	Treatment: "Trattamento: {n} min",
	Kinds:     map[string]string{ticket.TaskCall: "Chiamata", ticket.TaskNoAnswer: "Chiamata senza risposta", ticket.TaskRemote: "Da remoto", ticket.TaskOnSite: "Sul posto", ticket.TaskOther: "Altro"},

	Interventions: "Interventi previsti", Plan: "Prevedere un intervento", From: "Da", Until: "A", Place: "Luogo", Who: "Chi", Nobody: "non ancora deciso",
	States: map[string]string{ticket.InterventionPlanned: "previsto", ticket.InterventionDone: "fatto", ticket.InterventionCancelled: "annullato"},
	Mark:   map[string]string{ticket.InterventionDone: "Fatto", ticket.InterventionCancelled: "Annullare"},

	Links: "Altri ticket", AddLink: "Collegare a un altro ticket", Number: "Numero", Link: "Collegare", Untie: "Togliere il collegamento a {ticket}",
	LinkKinds: map[string]string{ticket.LinkDuplicate: "doppione di", ticket.LinkParent: "fa parte di", ticket.LinkCause: "causato da", ticket.LinkSee: "vedere"},
	LinkBacks: map[string]string{ticket.LinkDuplicate: "ha per doppione", ticket.LinkParent: "comprende", ticket.LinkCause: "causa", ticket.LinkSee: "vedere"},

	Checklist: "Lista di controllo", Questions: "Da chiedere", Tick: "Fatto: {point}", Untick: "Alla fine non fatto: {point}", Required: "necessario prima della fine",
	DueAt: "in scadenza {at}", Overdue: "era in scadenza {at}", DoneBy: "{who}, {at}",
	SeenBefore: "Stesso apparecchio e stesso controllo nei 30 giorni prima: {n}", LastSolved: "Risolto l'ultima volta da {who}, {at}:", LastOver: "Finito l'ultima volta {at}:",

	Meeting: "Riunione", Meet: "Organizzare una riunione con l'utente", MeetAt: "Indirizzo, come https://…", MeetMade: "Indirizzo; se vuoto, viene creato",

	Planning: "Planning", Week: "Settimana del", Everybody: "tutti", Show: "Mostrare", Before: "prima", ThisWeek: "questa settimana", Next: "dopo", NothingPlanned: "Questa settimana niente è previsto.",

	ForCustomer: " (per il cliente)",
	Messages: map[string]string{
		"task": "Annotato.", "intervention": "Previsto.", "link": "Collegato.", "tick": "Annotato.", "meeting": "Il link è sul ticket.",
		"work_full": "Il ticket ne ha quanti può averne.", "work_theirs": "L'ha scritto qualcun altro: serve un responsabile.", "work_wrong": "Così non è possibile: {field}.",
		"work_gone": "Questo non c'è più.", "work_closed": "Il ticket è chiuso.",
	},
}

// LinkWord says what a ticket has to do with another one.
func (w *Work) LinkWord(kind string, back bool) string {
	words := w.LinkKinds
	if back {
		words = w.LinkBacks
	}
	if word, known := words[kind]; known {
		return word
	}
	return kind
}

// taskSaid is a task in a line of a timeline: "Call, 10 min (for the customer): …".
func (w *Words) taskSaid(e *ticket.Entry) string {
	t := e.Args.Task
	if t == nil {
		return ""
	}
	said, known := w.Work.Kinds[t.Kind]
	if !known {
		said = t.Kind
	}
	if t.Minutes > 0 {
		said += ", " + strconv.Itoa(t.Minutes) + " min"
	}
	if t.Public {
		said += w.Work.ForCustomer
	}
	return said
}
