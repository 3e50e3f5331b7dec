package lang

// Lookahead is what managers are told of the coming months. group, other (another group),
// who, policy, customer, urgency, at, times, day and week (hours of rest) are places.
type Lookahead struct {
	Title, Heading, None         string // of the message, of the console's list; nothing is doubtful
	Known, NoNews, Still         string // Known: {n} more that are known; Still: {what}
	MoreLines                    string
	Kinds                        map[string]string
	GapPolicy, NeverProven       string
	Others                       string // customers: {customer}, {n}
	Span, From, To, Always, More string // {from}, {to}; Always: {n} days; More: {times}, {n}
}

var lookaheadEnglish = Lookahead{
	Title: "Looking ahead", Heading: "In the coming 90 days", None: "Nothing is doubtful: there is somebody at all hours, who can be woken in time.",
	Known: "As before: {n}", NoNews: "Nothing is new.", Still: "Still: {what}", MoreLines: "and {n} more",
	Kinds: map[string]string{
		"nobody":      "{policy}: nobody is paged for {customer}, {urgency}, for instance on {at}",
		"gap":         "{group}: nobody is on call {times}",
		"unconfirmed": "{group}: {who} has not confirmed being on call since {at}",
		"late":        "{policy}: the first page goes out once the GTI is used, for {customer}, {urgency}, for instance on {at}",
		"second":      "{policy}: if {who} does not answer, a second person is reached only once the GTI is used, for {customer}, {urgency}, for instance on {at}",
		"twice":       "{who} is on call in {group} and in {other} at once {times}",
		"rest_day":    "{who} rests less than {day} h between two duties {times}",
		"rest_week":   "{who} has no rest of {week} h in more than seven days {times}",
		"unproven":    "{who}: no page is known to arrive, the last one was on {at}. A drill tells",
		"void":        "{group}: a replacement by {who} is void, somebody or something that it names is gone",
	},
	GapPolicy: "{policy}: no step pages anybody {times}", NeverProven: "{who}: no page is known to have ever arrived. A drill tells",
	Others: "{customer} and {n} more customers",
	Span:   "from {from} to {to}", From: "from {from} on", To: "until {to}", Always: "in all of the coming {n} days", More: "{times}, and {n} more times",
}

var lookaheadFrench = Lookahead{
	Title: "Les jours à venir", Heading: "Dans les 90 jours à venir", None: "Rien de douteux : il y a quelqu'un à toute heure, que l'on peut réveiller à temps.",
	Known: "Comme avant : {n}", NoNews: "Rien de nouveau.", Still: "Toujours : {what}", MoreLines: "et {n} de plus",
	Kinds: map[string]string{
		"nobody":      "{policy} : personne n'est appelé pour {customer}, {urgency}, par exemple {at}",
		"gap":         "{group} : personne d'astreinte {times}",
		"unconfirmed": "{group} : {who} n'a pas confirmé son astreinte depuis {at}",
		"late":        "{policy} : le premier appel part quand la GTI est épuisée, pour {customer}, {urgency}, par exemple {at}",
		"second":      "{policy} : si {who} ne répond pas, une deuxième personne n'est jointe qu'une fois la GTI épuisée, pour {customer}, {urgency}, par exemple {at}",
		"twice":       "{who} est d'astreinte dans {group} et dans {other} à la fois {times}",
		"rest_day":    "{who} se repose moins de {day} h entre deux astreintes {times}",
		"rest_week":   "{who} n'a aucun repos de {week} h en plus de sept jours {times}",
		"unproven":    "{who} : aucun appel n'est connu pour arriver, le dernier date de {at}. Un exercice le dira",
		"void":        "{group} : un remplacement par {who} est sans effet, quelqu'un ou quelque chose qu'il nomme n'existe plus",
	},
	GapPolicy: "{policy} : aucune étape n'appelle personne {times}", NeverProven: "{who} : aucun appel n'est connu pour être jamais arrivé. Un exercice le dira",
	Others: "{customer} et {n} clients de plus",
	Span:   "de {from} à {to}", From: "à partir de {from}", To: "jusqu'à {to}", Always: "pendant les {n} jours à venir", More: "{times}, et {n} fois de plus",
}

var lookaheadItalian = Lookahead{
	Title: "I giorni a venire", Heading: "Nei prossimi 90 giorni", None: "Niente di dubbio: c'è qualcuno a ogni ora, e lo si può svegliare in tempo.",
	Known: "Come prima: {n}", NoNews: "Niente di nuovo.", Still: "Ancora: {what}", MoreLines: "e altri {n}",
	Kinds: map[string]string{
		"nobody":      "{policy}: nessuno viene chiamato per {customer}, {urgency}, per esempio {at}",
		"gap":         "{group}: nessuno è reperibile {times}",
		"unconfirmed": "{group}: {who} non ha confermato la reperibilità da {at}",
		"late":        "{policy}: la prima chiamata parte quando la GTI è esaurita, per {customer}, {urgency}, per esempio {at}",
		"second":      "{policy}: se {who} non risponde, una seconda persona è raggiunta solo a GTI esaurita, per {customer}, {urgency}, per esempio {at}",
		"twice":       "{who} è reperibile in {group} e in {other} insieme {times}",
		"rest_day":    "{who} riposa meno di {day} h tra due reperibilità {times}",
		"rest_week":   "{who} non ha un riposo di {week} h in più di sette giorni {times}",
		"unproven":    "{who}: nessuna chiamata si sa arrivata, l'ultima è di {at}. Un'esercitazione lo dirà",
		"void":        "{group}: una sostituzione di {who} è senza effetto, qualcuno o qualcosa che nomina non c'è più",
	},
	GapPolicy: "{policy}: nessun passo chiama qualcuno {times}", NeverProven: "{who}: nessuna chiamata si sa mai arrivata. Un'esercitazione lo dirà",
	Others: "{customer} e altri {n} clienti",
	Span:   "da {from} a {to}", From: "da {from} in poi", To: "fino a {to}", Always: "in tutti i prossimi {n} giorni", More: "{times}, e altre {n} volte",
}
