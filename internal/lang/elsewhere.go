package lang

// Elsewhere is what a ticket's page says of those that are told of it beside pages: rooms
// of chat, the tool that its alerts come from, webhooks.
type Elsewhere struct {
	Title               string
	Told, Waits, Failed string            // how it stands
	Events              map[string]string // what was told
}

var elsewhereEnglish = Elsewhere{
	Title: "Who else was told", Told: "has heard it", Waits: "is still to hear it", Failed: "could not be told",
	Events: map[string]string{
		"ticket.opened": "opened", "ticket.acknowledged": "taken", "ticket.picked_up": "being worked on", "ticket.released": "nobody has it any more",
		"ticket.resolved": "over", "ticket.closed": "closed", "ticket.reopened": "open again",
	},
}

var elsewhereFrench = Elsewhere{
	Title: "Qui d'autre est prévenu", Told: "le sait", Waits: "pas encore prévenu", Failed: "n'a pas pu être prévenu",
	Events: map[string]string{
		"ticket.opened": "ouvert", "ticket.acknowledged": "pris", "ticket.picked_up": "en traitement", "ticket.released": "plus personne ne l'a",
		"ticket.resolved": "terminé", "ticket.closed": "clos", "ticket.reopened": "rouvert",
	},
}

var elsewhereItalian = Elsewhere{
	Title: "Chi altro è avvisato", Told: "lo sa", Waits: "ancora da avvisare", Failed: "non si è potuto avvisare",
	Events: map[string]string{
		"ticket.opened": "aperto", "ticket.acknowledged": "preso", "ticket.picked_up": "in lavorazione", "ticket.released": "non l'ha più nessuno",
		"ticket.resolved": "finito", "ticket.closed": "chiuso", "ticket.reopened": "riaperto",
	},
}
