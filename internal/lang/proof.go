package lang

// Proof is what people read of a ticket's proof.
type Proof struct {
	Link                                   string // to it, on the ticket's page
	Customer, Urgency, State, Opened, Made string
	Page                                   map[string]string // what its page says, also once it has checked itself
}

var proofEnglish = Proof{
	Link: "Proof (a page that checks itself)", Customer: "Customer", Urgency: "Urgency", State: "State", Opened: "Opened", Made: "Proof made",
	Page: map[string]string{
		"checking": "It is being checked …", "holds": "It holds: {lines} lines, the ticket and its pages are as they were sealed.",
		"broken": "It does not hold: line {line} of the timeline is not what was sealed.", "day": "It does not hold: on {day} something else was sealed.",
		"unsealed": "It was copied before there were seals: nothing shows that it is as it was.",
		"ticket":   "The ticket and its clocks, as they were sealed", "told": "In words: this page does not check them",
		"timeline": "Timeline", "heads": "Heads of the days on which it changed", "open": "(that day is not over)",
		"how": "Compare them with those in the provider's logs of that time, or with those that were sent to you: nobody can make the same head of another past.",
	},
}

var proofFrench = Proof{
	Link: "Preuve (une page qui se vérifie)", Customer: "Client", Urgency: "Urgence", State: "État", Opened: "Ouvert", Made: "Preuve établie",
	Page: map[string]string{
		"checking": "Vérification en cours…", "holds": "La preuve tient : {lines} lignes, le ticket et ses appels sont tels qu'ils furent scellés.",
		"broken": "La preuve ne tient pas : la ligne {line} de l'historique n'est pas celle qui fut scellée.", "day": "La preuve ne tient pas : le {day}, autre chose fut scellé.",
		"unsealed": "Copié avant qu'il y ait des sceaux : rien ne montre qu'il est resté tel quel.",
		"ticket":   "Le ticket et ses horloges, tels qu'ils ont été scellés", "told": "En clair : cette page ne vérifie pas ces mots",
		"timeline": "Historique", "heads": "Empreintes des jours où il a changé", "open": "(ce jour n'est pas terminé)",
		"how": "Comparez-les à celles des journaux du prestataire de l'époque, ou à celles qui vous furent envoyées : personne ne peut tirer la même empreinte d'un autre passé.",
	},
}

var proofItalian = Proof{
	Link: "Prova (una pagina che si verifica da sé)", Customer: "Cliente", Urgency: "Urgenza", State: "Stato", Opened: "Aperto", Made: "Prova del",
	Page: map[string]string{
		"checking": "Verifica in corso…", "holds": "La prova regge: {lines} righe, il ticket e le sue chiamate sono come furono sigillati.",
		"broken": "La prova non regge: la riga {line} della cronologia non è quella sigillata.", "day": "La prova non regge: il {day} fu sigillato altro.",
		"unsealed": "Copiato prima che ci fossero sigilli: nulla mostra che sia rimasto com'era.",
		"ticket":   "Il ticket e i suoi orologi, come sono stati sigillati", "told": "A parole: questa pagina non verifica queste parole",
		"timeline": "Cronologia", "heads": "Impronte dei giorni in cui è cambiato", "open": "(quel giorno non è finito)",
		"how": "Confrontatele con quelle nei registri del fornitore di allora, o con quelle che vi furono inviate: nessuno può ricavare la stessa impronta da un altro passato.",
	},
}
