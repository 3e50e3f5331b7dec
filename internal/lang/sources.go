package lang

// Sources is what is said of sources: what they last posted, and what was made of it.
type Sources struct {
	State, Type, Heard, Counts, When, From, Path, Answer, WhyRefused, MadeOf, Payload, Try, Back string

	IfNow, NotTaken, Masked, Longer, Test, Alerts, WouldPage, NoPages, NoCustomer, Nothing, Never string

	// Counted has the places taken, tests, refused, failed and strange; Made, More and
	// Short have n; Key has key, Policy has policy.
	Counted, Made, More, Short, Key, Policy string

	States, Headings, Statuses map[string]string
	// Why says why a request was not taken, by the code of its answer; "" for any other.
	Why map[string]string
}

var sourcesEnglish = Sources{
	State: "State", Type: "Type", Heard: "Last taken", Counts: "Since the start", When: "When", From: "From", Path: "Path", Answer: "Answered", WhyRefused: "Why",
	MadeOf: "What was made of it", Payload: "What it posted", Try: "Try it again", Back: "All sources",
	IfNow: "If it came now", NotTaken: "It was only read: nothing is taken, and nobody is paged.", Masked: "Another daemon heard it, or this one before its start: it was read with its secrets masked.",
	Longer: "It is longer than what is kept of it, so it cannot be read again.", Test: "A test message: it is answered, and opens nothing.",
	Alerts: "Alerts", WouldPage: "Who would be paged, if nobody did anything", NoPages: "Nobody would be paged.", NoCustomer: "no known customer",
	Nothing: "Nothing is known of any request.", Never: "nothing known",
	Counted: "{taken} taken ({tests} tests), {refused} refused, {failed} that could not be taken just then, {strange} with a wrong token or from elsewhere",
	Made:    "alerts taken: {n}", More: "and {n} more", Short: "Its beginning; it had {n} bytes.", Key: "key {key}", Policy: "policy {policy}",
	States:   map[string]string{"well": "well", "refused": "refused", "silent": "silent"},
	Headings: map[string]string{"taken": "The last request that was taken", "refused": "The last request that was refused", "strange": "The last request that may be anybody's"},
	Statuses: map[string]string{"firing": "firing", "resolved": "over", "": "unsaid"},
	Why: map[string]string{
		"": "It was not what the source's type expects.", "unauthorized": "The token was missing or wrong.", "forbidden": "It came from an address that the source is not heard from.",
		"wrong_type": "It was posted to the address of another type of source.", "method_not_allowed": "It was sent by a method that the address does not take.",
		"too_large": "It was longer than the source may post.", "unsupported_encoding": "It was packed in a way that is not understood.",
		"bad_body": "It could not be read.", "bad_alerts": "Some of its alerts could not be read; the others were taken.",
		"not_durable": "It could not be written down: its sender is to send it again.", "busy": "There was no room for it just then: its sender is to send it again.",
		"unverified": "Its signature could not be judged just then: its sender is to send it again.", "misuse": "The other pager would have refused it too.",
	},
}

var sourcesFrench = Sources{
	State: "État", Type: "Type", Heard: "Dernier envoi pris", Counts: "Depuis le démarrage", When: "Quand", From: "D'où", Path: "Chemin", Answer: "Réponse", WhyRefused: "Pourquoi",
	MadeOf: "Ce qui en a été fait", Payload: "Ce qui a été envoyé", Try: "Essayer à nouveau", Back: "Toutes les sources",
	IfNow: "Si cela arrivait maintenant", NotTaken: "Cela a seulement été lu : rien n'est pris, et personne n'est alerté.", Masked: "Un autre démon l'a reçu, ou celui-ci avant son démarrage : cela a été lu avec ses secrets masqués.",
	Longer: "C'est plus long que ce qui en est gardé : cela ne peut pas être relu.", Test: "Un message d'essai : il reçoit une réponse et n'ouvre rien.",
	Alerts: "Alertes", WouldPage: "Qui serait alerté, si personne ne faisait rien", NoPages: "Personne ne serait alerté.", NoCustomer: "aucun client connu",
	Nothing: "Aucun envoi n'est connu.", Never: "rien de connu",
	Counted: "{taken} pris ({tests} essais), {refused} refusés, {failed} qui ne pouvaient être pris à ce moment, {strange} avec un mauvais jeton ou d'ailleurs",
	Made:    "alertes prises : {n}", More: "et {n} de plus", Short: "Son début ; il y avait {n} octets.", Key: "clé {key}", Policy: "politique {policy}",
	States:   map[string]string{"well": "bien", "refused": "refusée", "silent": "silencieuse"},
	Headings: map[string]string{"taken": "Le dernier envoi pris", "refused": "Le dernier envoi refusé", "strange": "Le dernier envoi qui peut être de n'importe qui"},
	Statuses: map[string]string{"firing": "en cours", "resolved": "terminée", "": "non dit"},
	Why: map[string]string{
		"": "Ce n'est pas ce que le type de la source attend.", "unauthorized": "Le jeton manquait ou était faux.", "forbidden": "Cela venait d'une adresse d'où la source n'est pas entendue.",
		"wrong_type": "C'était envoyé à l'adresse d'un autre type de source.", "method_not_allowed": "C'était envoyé par une méthode que l'adresse ne prend pas.",
		"too_large": "C'était plus long que ce que la source peut envoyer.", "unsupported_encoding": "C'était compressé d'une façon qui n'est pas comprise.",
		"bad_body": "Cela n'a pas pu être lu.", "bad_alerts": "Certaines alertes n'ont pas pu être lues ; les autres ont été prises.",
		"not_durable": "Cela n'a pas pu être écrit : l'expéditeur doit l'envoyer à nouveau.", "busy": "Il n'y avait pas de place à ce moment : l'expéditeur doit l'envoyer à nouveau.",
		"unverified": "La signature n'a pas pu être jugée à ce moment : l'expéditeur doit l'envoyer à nouveau.", "misuse": "L'autre service d'alerte l'aurait refusé aussi.",
	},
}

var sourcesItalian = Sources{
	State: "Stato", Type: "Tipo", Heard: "Ultimo invio preso", Counts: "Dall'avvio", When: "Quando", From: "Da dove", Path: "Percorso", Answer: "Risposta", WhyRefused: "Perché",
	MadeOf: "Che cosa ne è stato fatto", Payload: "Che cosa è stato inviato", Try: "Provare di nuovo", Back: "Tutte le sorgenti",
	IfNow: "Se arrivasse adesso", NotTaken: "È stato solo letto: niente è preso, e nessuno è chiamato.", Masked: "L'ha ricevuto un altro demone, o questo prima del suo avvio: è stato letto con i segreti mascherati.",
	Longer: "È più lungo di quanto se ne conserva: non può essere riletto.", Test: "Un messaggio di prova: riceve una risposta e non apre niente.",
	Alerts: "Allarmi", WouldPage: "Chi sarebbe chiamato, se nessuno facesse niente", NoPages: "Nessuno sarebbe chiamato.", NoCustomer: "nessun cliente conosciuto",
	Nothing: "Nessun invio è conosciuto.", Never: "niente di conosciuto",
	Counted: "{taken} presi ({tests} prove), {refused} rifiutati, {failed} che in quel momento non si potevano prendere, {strange} con un token sbagliato o da altrove",
	Made:    "allarmi presi: {n}", More: "e altri {n}", Short: "L'inizio; aveva {n} byte.", Key: "chiave {key}", Policy: "politica {policy}",
	States:   map[string]string{"well": "bene", "refused": "rifiutata", "silent": "silenziosa"},
	Headings: map[string]string{"taken": "L'ultimo invio preso", "refused": "L'ultimo invio rifiutato", "strange": "L'ultimo invio che può essere di chiunque"},
	Statuses: map[string]string{"firing": "in corso", "resolved": "finito", "": "non detto"},
	Why: map[string]string{
		"": "Non è ciò che il tipo della sorgente si aspetta.", "unauthorized": "Il token mancava o era sbagliato.", "forbidden": "Veniva da un indirizzo da cui la sorgente non è ascoltata.",
		"wrong_type": "Era inviato all'indirizzo di un altro tipo di sorgente.", "method_not_allowed": "Era inviato con un metodo che l'indirizzo non prende.",
		"too_large": "Era più lungo di quanto la sorgente può inviare.", "unsupported_encoding": "Era compresso in un modo che non è compreso.",
		"bad_body": "Non si è potuto leggere.", "bad_alerts": "Alcuni allarmi non si sono potuti leggere; gli altri sono stati presi.",
		"not_durable": "Non si è potuto scrivere: il mittente deve inviarlo di nuovo.", "busy": "In quel momento non c'era posto: il mittente deve inviarlo di nuovo.",
		"unverified": "In quel momento la firma non si poteva giudicare: il mittente deve inviarlo di nuovo.", "misuse": "L'altro servizio l'avrebbe rifiutato anche lui.",
	},
}
