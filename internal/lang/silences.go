package lang

// Silences is what is said of silences and maintenance windows.
type Silences struct {
	Title, Explain, New, Customer, Any, Matchers, From, For, Every, Why, Make string
	Hold, None, Were, End, OfSource, This                                     string

	// Held is the state of a ticket that one holds back; until is a place.
	Held string

	Lengths, Repeats, States map[string]string
}

var silencesEnglish = Silences{
	Title: "Silences and maintenance", Explain: "What a silence matches opens its ticket and pages nobody. What still fires at its end pages then.",
	New: "Silence something", Customer: "Customer", Any: "any", Matchers: "Labels, one a line: all must match", From: "From (now if empty)", For: "For", Every: "Again", Why: "Why", Make: "Silence it",
	Hold: "Now and later", None: "Nothing is silenced.", Were: "Over", End: "End it", OfSource: "of source {source}", This: "Silence this for a while",
	Held:    "Silenced until {until}",
	Lengths: map[string]string{"30m": "30 minutes", "1h": "1 hour", "2h": "2 hours", "4h": "4 hours", "8h": "8 hours", "1d": "1 day", "2d": "2 days", "1w": "1 week"},
	Repeats: map[string]string{"": "once", "1d": "every day", "1w": "every week", "2w": "every two weeks"},
	States:  map[string]string{"pending": "later", "active": "now", "expired": "over"},
}

var silencesFrench = Silences{
	Title: "Silences et maintenances", Explain: "Ce qu'un silence vise ouvre son ticket et n'alerte personne. Ce qui est encore en panne à sa fin alerte alors.",
	New: "Faire taire", Customer: "Client", Any: "tous", Matchers: "Étiquettes, une par ligne : toutes doivent correspondre", From: "À partir de (maintenant si vide)", For: "Pendant", Every: "Répéter", Why: "Pourquoi", Make: "Faire taire",
	Hold: "Maintenant et plus tard", None: "Rien n'est réduit au silence.", Were: "Terminés", End: "Terminer", OfSource: "de la source {source}", This: "Faire taire cela un moment",
	Held:    "En silence jusqu'à {until}",
	Lengths: map[string]string{"30m": "30 minutes", "1h": "1 heure", "2h": "2 heures", "4h": "4 heures", "8h": "8 heures", "1d": "1 jour", "2d": "2 jours", "1w": "1 semaine"},
	Repeats: map[string]string{"": "une fois", "1d": "chaque jour", "1w": "chaque semaine", "2w": "toutes les deux semaines"},
	States:  map[string]string{"pending": "plus tard", "active": "maintenant", "expired": "terminé"},
}

var silencesItalian = Silences{
	Title: "Silenzi e manutenzioni", Explain: "Ciò che un silenzio riguarda apre il suo ticket e non chiama nessuno. Ciò che è ancora guasto alla sua fine chiama allora.",
	New: "Mettere a tacere", Customer: "Cliente", Any: "tutti", Matchers: "Etichette, una per riga: devono corrispondere tutte", From: "Da (adesso se vuoto)", For: "Per", Every: "Ripetere", Why: "Perché", Make: "Mettere a tacere",
	Hold: "Adesso e più tardi", None: "Niente è messo a tacere.", Were: "Finiti", End: "Terminare", OfSource: "della sorgente {source}", This: "Mettere a tacere per un po'",
	Held:    "In silenzio fino alle {until}",
	Lengths: map[string]string{"30m": "30 minuti", "1h": "1 ora", "2h": "2 ore", "4h": "4 ore", "8h": "8 ore", "1d": "1 giorno", "2d": "2 giorni", "1w": "1 settimana"},
	Repeats: map[string]string{"": "una volta", "1d": "ogni giorno", "1w": "ogni settimana", "2w": "ogni due settimane"},
	States:  map[string]string{"pending": "più tardi", "active": "adesso", "expired": "finito"},
}
