package lang

// Feed holds what is said of calendars that show who is on call.
type Feed struct {
	// In the calendar: who and group are places.
	Name         string
	Turn, TurnOf string // of a person's feed; of a group's
	Visit        string // of a person's feed: an intervention; ticket and title are places

	// The page on which a person makes feeds and revokes them.
	Title, Why, Made, Once, Open   string
	New, What, Own, OfGroup, Make  string
	Full, There, None, Revoke, See string
}

var feedEnglish = Feed{
	Name: "On call: {who}", Turn: "On call: {group}", TurnOf: "{group}: {who}", Visit: "Intervention {ticket}: {title}",
	Title: "Calendar feeds", Why: "A calendar program reads such an address by itself and shows the turns on call, replacements too, and one's own interventions: a month back, a year ahead. Changes show once it reads again, mostly within hours.",
	Made: "The new address", Once: "It is shown this once. Whoever has it sees these turns; revoke it if somebody should not.", Open: "Open it in a calendar",
	New: "A new address", What: "Whose turns", Own: "my own, in all groups", OfGroup: "all of {group}", Make: "Make an address",
	Full: "There are as many as there may be: revoke one first.", There: "Addresses that work", None: "There is none.", Revoke: "Revoke", See: "Calendar feeds",
}

var feedFrench = Feed{
	Name: "Astreinte : {who}", Turn: "Astreinte : {group}", TurnOf: "{group} : {who}", Visit: "Intervention {ticket} : {title}",
	Title: "Agendas", Why: "Un logiciel d'agenda lit une telle adresse de lui-même et montre les tours d'astreinte, remplacements compris, et ses propres interventions : un mois en arrière, un an en avant. Un changement se voit à sa prochaine lecture, en quelques heures le plus souvent.",
	Made: "La nouvelle adresse", Once: "Elle n'est montrée qu'une fois. Qui l'a voit ces tours ; révoquez-la si quelqu'un ne doit plus les voir.", Open: "L'ouvrir dans un agenda",
	New: "Une nouvelle adresse", What: "Les tours de qui", Own: "les miens, dans tous les groupes", OfGroup: "tout {group}", Make: "Créer une adresse",
	Full: "Il y en a autant que possible : révoquez-en une d'abord.", There: "Adresses en service", None: "Il n'y en a pas.", Revoke: "Révoquer", See: "Agendas",
}

var feedItalian = Feed{
	Name: "Reperibilità: {who}", Turn: "Reperibilità: {group}", TurnOf: "{group}: {who}", Visit: "Intervento {ticket}: {title}",
	Title: "Calendari", Why: "Un programma di calendario legge da sé un tale indirizzo e mostra i turni di reperibilità, sostituzioni comprese, e i propri interventi: un mese indietro, un anno avanti. Un cambiamento si vede alla lettura successiva, di solito entro qualche ora.",
	Made: "Il nuovo indirizzo", Once: "È mostrato solo questa volta. Chi lo ha vede questi turni; revocarlo se qualcuno non deve più vederli.", Open: "Aprirlo in un calendario",
	New: "Un nuovo indirizzo", What: "I turni di chi", Own: "i miei, in tutti i gruppi", OfGroup: "tutto {group}", Make: "Creare un indirizzo",
	Full: "Ce ne sono quanti possono essercene: revocarne prima uno.", There: "Indirizzi in uso", None: "Non ce ne sono.", Revoke: "Revocare", See: "Calendari",
}
