package web

// pagePhrases are the words of the bar, of what an alert said and of whom one
// can call, in one language.
type pagePhrases struct {
	LastIt, LastAll, Back           string
	CallWord, ToldWord, CalledWord  string
	nobodyElse, wouldCall, nowCalls string // wouldCall, nowCalls: whom
	firesStill, firesAgain          string // firesStill: how many
	gaveAll                         string // of a bundle: how many, whom they call
	allFireStill                    string // of a bundle: how many tickets
	noWord, lastSaid                string // lastSaid: by which source, how long ago
	runbookWord, graphWord          string
	dashboardWord                   string
	customerWord, hasIt, onDuty     string
	managerWord                     string
}

var englishPage = pagePhrases{
	LastIt: "Latest word", LastAll: "Latest words", Back: "Back, changing nothing",
	CallWord: "Call", ToldWord: "All that the alert says", CalledWord: "Being called",
	nobodyElse: "nobody else to call", wouldCall: "It would call: %s.", nowCalls: "Passed on. Being called: %s.",
	gaveAll:    "Passed on: %d. Being called: %s.",
	firesStill: "Still firing: %d.", firesAgain: "Unless it stops, paging begins again.",
	allFireStill: "Alerts still fire in %d of them. Unless they stop, paging begins again.",
	noWord:       "No source speaks of it: it was opened by hand.", lastSaid: "Latest word: %s, %s ago.",
	runbookWord: "Runbook", graphWord: "Graph", dashboardWord: "Dashboard",
	customerWord: "customer", hasIt: "has it", onDuty: "on duty", managerWord: "manager",
}

//nolint:misspell // French
var frenchPage = pagePhrases{
	LastIt: "Dernière nouvelle", LastAll: "Dernières nouvelles", Back: "Retour, sans rien changer",
	CallWord: "Appeler", ToldWord: "Tout ce que dit l'alerte", CalledWord: "On appelle",
	nobodyElse: "plus personne à appeler", wouldCall: "Seraient appelés : %s.", nowCalls: "Passé. On appelle : %s.",
	gaveAll:    "Passés : %d. On appelle : %s.",
	firesStill: "Encore en alerte : %d.", firesAgain: "Si cela ne cesse pas, les appels reprennent.",
	allFireStill: "Des alertes durent encore pour %d d'entre eux. Si elles ne cessent pas, les appels reprennent.",
	noWord:       "Aucune source n'en parle : il a été ouvert à la main.", lastSaid: "Dernière nouvelle : %s, il y a %s.",
	runbookWord: "Procédure", graphWord: "Graphique", dashboardWord: "Tableau de bord",
	customerWord: "client", hasIt: "l'a pris", onDuty: "d'astreinte", managerWord: "responsable",
}

//nolint:misspell // Italian
var italianPage = pagePhrases{
	LastIt: "Ultima notizia", LastAll: "Ultime notizie", Back: "Indietro, senza cambiare nulla",
	CallWord: "Chiama", ToldWord: "Tutto ciò che dice l'allarme", CalledWord: "Si chiama",
	nobodyElse: "nessun altro da chiamare", wouldCall: "Si chiamerebbe: %s.", nowCalls: "Passato. Si chiama: %s.",
	gaveAll:    "Passati: %d. Si chiama: %s.",
	firesStill: "Ancora in allarme: %d.", firesAgain: "Se non smette, le chiamate riprendono.",
	allFireStill: "Per %d di essi gli allarmi durano ancora. Se non smettono, le chiamate riprendono.",
	noWord:       "Nessuna fonte ne parla: è stato aperto a mano.", lastSaid: "Ultima notizia: %s, %s fa.",
	runbookWord: "Procedura", graphWord: "Grafico", dashboardWord: "Dashboard",
	customerWord: "cliente", hasIt: "l'ha preso", onDuty: "di turno", managerWord: "responsabile",
}
