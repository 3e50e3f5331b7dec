package lang

// Mail is what mails say besides the words of a page.
type Mail struct {
	Fact                            string // a line: its name and its text
	Ticket, Where, Since, GTI       string // names of such lines
	Labels                          string // the name of a line: an alert's labels
	Open, See, Confirm              string // before a link: to a page, to what can only be read, to a question
	Why                             string // at the end of a page
	ForgottenSubject, ForgottenBody string // Body: the person's name, the link, until when it works
	// The page of signing in, and the one after its form. AskedText: for how many minutes.
	Forgotten, ForgottenHow, SendIt, NoWay string
	Asked, AskedText                       string
}

var mailEnglish = Mail{
	Fact: "{name}: {text}", Ticket: "Ticket", Where: "Where", Since: "Since", GTI: "GTI until", Labels: "Labels",
	Open: "To take it, open this and press the button:", See: "More about it:",
	Confirm:          "To confirm, open this and press the button:",
	Why:              "You get this because you are on call. Answers to this mail are read by nobody.",
	ForgottenSubject: "Another password for Astreinte",
	ForgottenBody: `Hello {name},

somebody asked for another password for you on the sign-in page. If it was you, open this link:

{link}

It works once, until {until}. Once you have set a password you are signed out everywhere else.

If it was not you, do nothing: your password stays as it is.
`,
	Forgotten: "Forgotten your password?", ForgottenHow: "A link to set another one can be mailed to you.",
	SendIt: "Mail me a link", NoWay: "No way in at all? Ask an administrator for an invitation.",
	Asked:     "Look at your mail",
	AskedText: "If somebody here is called so, and has a mail address, a link is on its way. It works once, for {n} minutes.",
}

var mailFrench = Mail{
	Fact: "{name} : {text}", Ticket: "Ticket", Where: "Où", Since: "Depuis", GTI: "GTI jusqu'à", Labels: "Étiquettes",
	Open: "Pour le prendre, ouvrez ce lien et appuyez sur le bouton :", See: "Pour en savoir plus :",
	Confirm:          "Pour confirmer, ouvrez ce lien et appuyez sur le bouton :",
	Why:              "Vous recevez ceci parce que vous êtes d'astreinte. Personne ne lit les réponses à cet e-mail.",
	ForgottenSubject: "Un autre mot de passe pour Astreinte",
	ForgottenBody: `Bonjour {name},

quelqu'un a demandé un autre mot de passe pour vous sur la page de connexion. Si c'était vous, ouvrez ce lien :

{link}

Il ne sert qu'une fois, jusqu'à {until}. Une fois le mot de passe enregistré, vous serez déconnecté partout ailleurs.

Si ce n'était pas vous, ne faites rien : votre mot de passe reste le même.
`,
	Forgotten: "Mot de passe oublié ?", ForgottenHow: "Un lien pour en choisir un autre peut vous être envoyé par e-mail.",
	SendIt: "M'envoyer un lien", NoWay: "Aucun accès du tout ? Demandez une invitation à un administrateur.",
	Asked:     "Regardez vos e-mails",
	AskedText: "Si quelqu'un ici porte ce nom, et a une adresse e-mail, un lien est en route. Il ne sert qu'une fois, pendant {n} minutes.",
}

var mailItalian = Mail{
	Fact: "{name}: {text}", Ticket: "Ticket", Where: "Dove", Since: "Da", GTI: "GTI fino a", Labels: "Etichette",
	Open: "Per prenderlo, apra questo link e prema il pulsante:", See: "Per saperne di più:",
	Confirm:          "Per confermare, apra questo link e prema il pulsante:",
	Why:              "Riceve questo messaggio perché è reperibile. Nessuno legge le risposte a questa e-mail.",
	ForgottenSubject: "Un'altra password per Astreinte",
	ForgottenBody: `Buongiorno {name},

qualcuno ha chiesto un'altra password per lei nella pagina di accesso. Se è stato lei, apra questo link:

{link}

Serve una volta sola, fino a {until}. Salvata la password, uscirà da ogni altro dispositivo.

Se non è stato lei, non faccia niente: la sua password resta la stessa.
`,
	Forgotten: "Password dimenticata?", ForgottenHow: "Un link per sceglierne un'altra le può essere inviato per e-mail.",
	SendIt: "Mi mandi un link", NoWay: "Nessun accesso? Chieda un invito a un amministratore.",
	Asked:     "Guardi la posta",
	AskedText: "Se qualcuno qui si chiama così, e ha un indirizzo e-mail, un link è in arrivo. Serve una volta sola, per {n} minuti.",
}
