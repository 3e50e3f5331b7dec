package lang

// Ready is what is said of whether people can be woken: messages before a
// handover, at it, of drills, and the proofs that a person's page shows. What
// an SMS says (Ask to Summary, Confirmed and Heard) is written without accents
// that GSM-7 lacks, and names only answers that answer.ParseAnswer
// understands.
type Ready struct {
	// What an SMS or a push says. group, from, until and who are places.
	Ask, Remind, Begin, Stays, Unconfirmed, Drill string
	Reply, Open                                   string // how to confirm: by OK, by the link
	Title, DrillTitle, SummaryTitle               string // of a push
	Summary, SummaryTaken, SummaryWeek            string // open: n; taken: n and by whom; this week: n
	SummaryMore                                   string

	Confirmed, Heard string // replies

	// The page behind the link.
	Page, PageWhy, Confirm, Done, Gone, GoneWhy string

	// What the console shows.
	Proofs, NoProof, Ago            string // Ago: how long
	How                             map[string]string
	DrillOf, DrillAll, DrillRunning string // DrillOf: the group
	Drilled, Answered, NoAnswer     string
	DrillWhen, DrillSent            string
	StaysOn                         string // who, group, other, until
}

var readyEnglish = Ready{
	Ask: "ON CALL {group} from {from} until {until}", Remind: "NOT CONFIRMED: ON CALL {group} from {from}",
	Begin: "NOT CONFIRMED: ON CALL {group} since {from}", Stays: ". {who} stays on until then",
	Unconfirmed: "{who} has not confirmed being on call in {group} since {from}", Drill: "DRILL: can you be woken? Nothing has happened",
	Reply: "REPLY OK = I am ready", Open: "or open",
	Title: "Your turn", DrillTitle: "DRILL", SummaryTitle: "Handover of {group}",
	Summary: "Open: {n}", SummaryTaken: "{n} by {who}", SummaryWeek: "this week: {n}", SummaryMore: "and {n} more",
	Confirmed: "Thank you, you are ready", Heard: "Thank you, we hear you",

	Page: "Can you be woken?", PageWhy: "Press the button: then it is known that you can be reached. No ticket is taken by it.",
	Confirm: "I am ready", Done: "Thank you. It is noted.", Gone: "This link no longer works", GoneWhy: "It was for a handover or a drill that is over.",

	Proofs: "Last proofs", NoProof: "Nothing has ever reached this person, as far as is known.", Ago: "{ago} ago",
	How: map[string]string{
		"answer": "answered", "link": "opened a link and pressed", "app": "was signed in and acted", "drill": "answered a drill",
		"receipt": "a message arrived", "shown": "a push was shown",
	},
	DrillOf: "Drill of {group}", DrillAll: "Drill", DrillRunning: "A drill of it is under way.",
	Drilled: "Drill", Answered: "answered after {ago}", NoAnswer: "no answer", DrillWhen: "{at}, for one minute", DrillSent: "sent",
	StaysOn: "{who} stays on call in {group} until {other} confirms, until {until} at most.",
}

var readyFrench = Ready{
	Ask: "ASTREINTE {group} de {from} a {until}", Remind: "NON CONFIRME: ASTREINTE {group} des {from}",
	Begin: "NON CONFIRME: ASTREINTE {group} depuis {from}", Stays: ". {who} reste en attendant",
	Unconfirmed: "{who} n'a pas confirmé son astreinte {group} depuis {from}", Drill: "EXERCICE: peut-on vous réveiller? Rien n'est arrivé",
	Reply: "REPONDRE OK = je suis pret", Open: "ou ouvrir",
	Title: "Votre tour", DrillTitle: "EXERCICE", SummaryTitle: "Relève de {group}",
	Summary: "Ouverts: {n}", SummaryTaken: "{n} par {who}", SummaryWeek: "cette semaine: {n}", SummaryMore: "et {n} de plus",
	Confirmed: "Merci, vous etes pret", Heard: "Merci, on vous entend",

	Page: "Peut-on vous réveiller ?", PageWhy: "Appuyez sur le bouton : on saura que vous êtes joignable. Aucun ticket n'est pris par là.",
	Confirm: "Je suis prêt", Done: "Merci. C'est noté.", Gone: "Ce lien ne fonctionne plus", GoneWhy: "Il était pour une relève ou un exercice qui est fini.",

	Proofs: "Dernières preuves", NoProof: "Rien n'a jamais atteint cette personne, pour autant qu'on sache.", Ago: "il y a {ago}",
	How: map[string]string{
		"answer": "a répondu", "link": "a ouvert un lien et appuyé", "app": "était connecté et a agi", "drill": "a répondu à un exercice",
		"receipt": "un message est arrivé", "shown": "une notification a été montrée",
	},
	DrillOf: "Exercice de {group}", DrillAll: "Exercice", DrillRunning: "Un exercice est déjà en cours.",
	Drilled: "Exercice", Answered: "a répondu après {ago}", NoAnswer: "pas de réponse", DrillWhen: "{at}, pendant une minute", DrillSent: "envoyé",
	StaysOn: "{who} reste d'astreinte dans {group} jusqu'à ce que {other} confirme, {until} au plus tard.",
}

var readyItalian = Ready{
	Ask: "REPERIBILE {group} da {from} a {until}", Remind: "NON CONFERMATO: REPERIBILE {group} da {from}",
	Begin: "NON CONFERMATO: REPERIBILE {group} dalle {from}", Stays: ". {who} resta fino ad allora",
	Unconfirmed: "{who} non ha confermato la reperibilità {group} da {from}", Drill: "ESERCITAZIONE: la si può svegliare? Non è successo nulla",
	Reply: "RISPONDERE OK = sono pronto", Open: "o aprire",
	Title: "Il suo turno", DrillTitle: "ESERCITAZIONE", SummaryTitle: "Cambio di {group}",
	Summary: "Aperti: {n}", SummaryTaken: "{n} di {who}", SummaryWeek: "questa settimana: {n}", SummaryMore: "e altri {n}",
	Confirmed: "Grazie, la sappiamo pronto", Heard: "Grazie, la sentiamo",

	Page: "La si può svegliare?", PageWhy: "Prema il pulsante: si saprà che è raggiungibile. Nessun ticket viene preso così.",
	Confirm: "Sono pronto", Done: "Grazie. È annotato.", Gone: "Questo link non funziona più", GoneWhy: "Era per un cambio o un'esercitazione che è finita.",

	Proofs: "Ultime prove", NoProof: "Nulla ha mai raggiunto questa persona, per quanto si sappia.", Ago: "{ago} fa",
	How: map[string]string{
		"answer": "ha risposto", "link": "ha aperto un link e premuto", "app": "era collegato e ha agito", "drill": "ha risposto a un'esercitazione",
		"receipt": "un messaggio è arrivato", "shown": "una notifica è stata mostrata",
	},
	DrillOf: "Esercitazione di {group}", DrillAll: "Esercitazione", DrillRunning: "Un'esercitazione è già in corso.",
	Drilled: "Esercitazione", Answered: "ha risposto dopo {ago}", NoAnswer: "nessuna risposta", DrillWhen: "{at}, per un minuto", DrillSent: "inviato",
	StaysOn: "{who} resta reperibile in {group} finché {other} non conferma, al massimo fino a {until}.",
}
