package lang

// MailIn is what health says of the listener for mails of tools.
type MailIn struct {
	Heading, NoMail string
	Listens         string // address
	Last            string // at, ago
	Refused         string // n
	Returned        string // n
	Deaf            string // address
}

var mailInEnglish = MailIn{
	Heading: "Mail in", NoMail: "no mail since the start", Listens: "listens at {address}", Last: "last mail {at} ({ago})",
	Refused: "refused since the start: {n}", Returned: "our own that came back: {n}",
	Deaf: "Mails of tools are not taken: nothing listens at {address}.",
}

var mailInFrench = MailIn{
	Heading: "Courriels reçus", NoMail: "aucun courriel depuis le démarrage", Listens: "écoute sur {address}", Last: "dernier courriel {at} ({ago})",
	Refused: "refusés depuis le démarrage : {n}", Returned: "les nôtres, revenus : {n}",
	Deaf: "Les courriels des outils ne sont pas pris : rien n'écoute sur {address}.",
}

var mailInItalian = MailIn{
	Heading: "Posta in arrivo", NoMail: "nessun messaggio dall'avvio", Listens: "ascolta su {address}", Last: "ultimo messaggio {at} ({ago})",
	Refused: "rifiutati dall'avvio: {n}", Returned: "i nostri, tornati: {n}",
	Deaf: "La posta degli strumenti non è presa: niente ascolta su {address}.",
}
