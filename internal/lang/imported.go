package lang

// Imported is what is shown of a group's duty that is read from somebody else's calendar.
// group, host, ago, why, who and what are places.
type Imported struct {
	Read, Never, Old string
	Failed           string // why the last try did not do
	Before           string // what holds is of the address before this one
	Unknown, Odd     string
	Phones           string // the group's telephones
	Telephone        string // before the number of the one that somebody acted by
}

var importedEnglish = Imported{
	Read: "{group}: duty is read from the calendar at {host}; read {ago} ago.", Never: "{group}: the calendar at {host} was never read; nobody is on call by it.",
	Old:    "{group}: the calendar at {host} was last read {ago} ago; what it said then holds.",
	Failed: "The last try did not do: {why}.", Before: "What holds was said by the calendar's address before this one.",
	Unknown: "Events that name nobody who is known: {who}.", Odd: "Events that cannot be understood: {what}.",
	Phones: "{group}: whoever is on call holds {phones}.", Telephone: "telephone",
}

var importedFrench = Imported{
	Read: "{group} : l'astreinte est lue dans l'agenda de {host} ; lue il y a {ago}.", Never: "{group} : l'agenda de {host} n'a jamais été lu ; il ne met personne d'astreinte.",
	Old:    "{group} : l'agenda de {host} a été lu pour la dernière fois il y a {ago} ; ce qu'il disait alors vaut toujours.",
	Failed: "Le dernier essai n'a pas abouti : {why}.", Before: "Ce qui vaut a été dit par l'adresse précédente de l'agenda.",
	Unknown: "Événements qui ne nomment personne de connu : {who}.", Odd: "Événements incompréhensibles : {what}.",
	Phones: "{group} : qui est d'astreinte a en main {phones}.", Telephone: "téléphone",
}

var importedItalian = Imported{
	Read: "{group}: la reperibilità è letta dal calendario di {host}; letta {ago} fa.", Never: "{group}: il calendario di {host} non è mai stato letto; non mette nessuno in reperibilità.",
	Old:    "{group}: il calendario di {host} è stato letto l'ultima volta {ago} fa; vale ancora ciò che diceva allora.",
	Failed: "L'ultimo tentativo non è riuscito: {why}.", Before: "Ciò che vale è stato detto dall'indirizzo precedente del calendario.",
	Unknown: "Eventi che non nominano nessuno di conosciuto: {who}.", Odd: "Eventi incomprensibili: {what}.",
	Phones: "{group}: chi è reperibile ha in mano {phones}.", Telephone: "telefono",
}
