package lang

// Rooms is what rooms of chat read, and what is said of them. Messages are changed as
// their tickets change: no line counts the time that passes.
type Rooms struct {
	Title, None, NoMessage string // on the pages

	Nobody, Taken, Working string            // Nobody: at; the others: who, at
	Over, OverBy, Closed   string            // at; who, at
	GoesOn                 string            // ticket
	Silenced, Again        string            // until; at
	Called, More           string            // who; n
	GTI, Alerts, Opened    string            // at; n; at
	Meeting                string            // at
	Note, NoteBy           string            // text; who, text
	Acknowledge, PickUp    string            // of buttons
	OpenIt                 string            // of the button that leads to the ticket
	TestHead, TestText     string            // of a test message; by
	States                 map[string]string // of a message
	PostedAt, ChangedAt    string            // at

	// What is said to whoever pressed a button.
	Stranger  string // product, id
	NotHere   string
	MayNot    string // who
	IsTaken   string // who, at
	IsOver    string
	IsChanged string
	// Unfinished is told whoever resolves a ticket while {point} is still to do.
	Unfinished string
	Unknown    string // what the button asks for
}

var roomsEnglish = Rooms{
	Title: "Rooms of chat", None: "None of its steps names a room.", NoMessage: "nothing yet",
	Nobody: "Nobody has it yet, since {at}", Taken: "{who} has it since {at}", Working: "{who} works on it since {at}",
	Over: "Over since {at}", OverBy: "Resolved by {who}, {at}", Closed: "Closed {at}", GoesOn: "It goes on in {ticket}",
	Silenced: "Silenced until {until}", Again: "Reopened {at}", Called: "Paged: {who}", More: "and {n} more",
	GTI: "GTI until {at}", Meeting: "Meeting with the user, set up {at}: its link is on the ticket", Alerts: "{n} alerts fire", Opened: "Opened {at}", Note: "{text}", NoteBy: "{who}: {text}",
	Acknowledge: "I take it", PickUp: "I start", OpenIt: "Open the ticket",
	TestHead: "TEST", TestText: "A test by {by}: messages of tickets arrive here. There is nothing to do.",
	States:   map[string]string{"waiting": "waits", "posted": "is there", "failed": "was refused", "hidden": "may not be shown there"},
	PostedAt: "posted {at}", ChangedAt: "changed {at}",
	Stranger: "I do not know you. Ask an administrator to write people.YOU.chat.{product}: {id} into the configuration.",
	NotHere:  "There is no such ticket in this room.", MayNot: "Your role does not let you do that, {who}: you may look.",
	IsTaken: "Too late: {who} has it since {at}.", IsOver: "It is over already.", Unfinished: "Not resolved: to do first: {point}.", IsChanged: "It has changed meanwhile: look at the message again.",
	Unknown: "This button is of another version. Open the ticket instead.",
}

var roomsFrench = Rooms{
	Title: "Salons de discussion", None: "Aucune de ses étapes ne nomme un salon.", NoMessage: "encore rien",
	Nobody: "Personne ne l'a encore pris, depuis le {at}", Taken: "{who} l'a pris le {at}", Working: "{who} y travaille depuis le {at}",
	Over: "Terminé le {at}", OverBy: "Résolu par {who}, le {at}", Closed: "Clos le {at}", GoesOn: "La suite est dans {ticket}",
	Silenced: "En silence jusqu'au {until}", Again: "Rouvert le {at}", Called: "Appelés : {who}", More: "et {n} autres",
	GTI: "GTI jusqu'au {at}", Meeting: "Réunion avec l'utilisateur, organisée le {at} : le lien est sur le ticket", Alerts: "{n} alertes actives", Opened: "Ouvert le {at}", Note: "{text}", NoteBy: "{who} : {text}",
	Acknowledge: "Je prends", PickUp: "Je commence", OpenIt: "Ouvrir le ticket",
	TestHead: "TEST", TestText: "Un essai de {by} : les messages des tickets arrivent ici. Il n'y a rien à faire.",
	States:   map[string]string{"waiting": "en attente", "posted": "affiché", "failed": "refusé", "hidden": "ne doit pas y être montré"},
	PostedAt: "publié le {at}", ChangedAt: "modifié le {at}",
	Stranger: "Je ne vous connais pas. Demandez à un administrateur d'écrire people.VOUS.chat.{product}: {id} dans la configuration.",
	NotHere:  "Il n'y a pas de tel ticket dans ce salon.", MayNot: "Votre rôle ne le permet pas, {who} : vous pouvez regarder.",
	IsTaken: "Trop tard : {who} l'a pris le {at}.", IsOver: "C'est déjà terminé.", Unfinished: "Non résolu : à faire d'abord : {point}.", IsChanged: "Il a changé entre-temps : regardez de nouveau le message.",
	Unknown: "Ce bouton est d'une autre version. Ouvrez plutôt le ticket.",
}

var roomsItalian = Rooms{
	Title: "Stanze di chat", None: "Nessuno dei suoi passi nomina una stanza.", NoMessage: "ancora niente",
	Nobody: "Nessuno l'ha ancora preso, dal {at}", Taken: "{who} l'ha preso il {at}", Working: "{who} ci lavora dal {at}",
	Over: "Finito il {at}", OverBy: "Risolto da {who}, il {at}", Closed: "Chiuso il {at}", GoesOn: "Continua in {ticket}",
	Silenced: "In silenzio fino al {until}", Again: "Riaperto il {at}", Called: "Chiamati: {who}", More: "e altri {n}",
	GTI: "GTI fino al {at}", Meeting: "Riunione con l'utente, organizzata il {at}: il link è sul ticket", Alerts: "{n} allarmi attivi", Opened: "Aperto il {at}", Note: "{text}", NoteBy: "{who}: {text}",
	Acknowledge: "Lo prendo", PickUp: "Comincio", OpenIt: "Aprire il ticket",
	TestHead: "TEST", TestText: "Una prova di {by}: i messaggi dei ticket arrivano qui. Non c'è niente da fare.",
	States:   map[string]string{"waiting": "in attesa", "posted": "mostrato", "failed": "rifiutato", "hidden": "non può essere mostrato lì"},
	PostedAt: "pubblicato il {at}", ChangedAt: "cambiato il {at}",
	Stranger: "Non la conosco. Chieda a un amministratore di scrivere people.LEI.chat.{product}: {id} nella configurazione.",
	NotHere:  "Non c'è un tale ticket in questa stanza.", MayNot: "Il Suo ruolo non lo permette, {who}: può guardare.",
	IsTaken: "Troppo tardi: {who} l'ha preso il {at}.", IsOver: "È già finito.", Unfinished: "Non risolto: prima da fare: {point}.", IsChanged: "È cambiato nel frattempo: guardi di nuovo il messaggio.",
	Unknown: "Questo pulsante è di un'altra versione. Apra invece il ticket.",
}
