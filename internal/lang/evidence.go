package lang

// Evidence is what is mailed of a day that is over (evidence_to). Body: where the daemon
// is, the day, how many tickets, the head, and the lines of the days before, made of Line.
type Evidence struct {
	Subject, Body, Line string
	None                string // in place of the days before, if there are none
}

var evidenceEnglish = Evidence{
	Subject: "Evidence of {day}: {head}",
	Body: `{where}

Head of {day} (UTC). It stands for {tickets} tickets that changed on that day, and for all days before:

{head}

Keep this mail where nobody changes it. Nobody can make the same head of another past. To see whether the past is still what it was on that day:

astreinte verify --head {head}

A ticket's proof, which the provider can write for you, shows the heads of the days on which it changed: compare them with those that you were sent.

The days before:
{before}
`,
	Line: "{day}  {head}  ({tickets})", None: "none yet",
}

var evidenceFrench = Evidence{
	Subject: "Empreinte du {day} : {head}",
	Body: `{where}

Empreinte du {day} (UTC). Elle vaut pour les tickets modifiés ce jour-là ({tickets}) et pour tous les jours précédents :

{head}

Conservez cet e-mail là où personne ne le modifie. Personne ne peut tirer la même empreinte d'un autre passé. Pour voir si le passé est resté ce qu'il était ce jour-là :

astreinte verify --head {head}

La preuve d'un ticket, que le prestataire peut établir pour vous, montre les empreintes des jours où il a changé : comparez-les à celles que vous avez reçues.

Les jours précédents :
{before}
`,
	Line: "{day}  {head}  ({tickets})", None: "aucun encore",
}

var evidenceItalian = Evidence{
	Subject: "Impronta del {day}: {head}",
	Body: `{where}

Impronta del {day} (UTC). Vale per i ticket modificati quel giorno ({tickets}) e per tutti i giorni precedenti:

{head}

Conservi questa e-mail dove nessuno la modifica. Nessuno può ricavare la stessa impronta da un altro passato. Per vedere se il passato è rimasto quello che era quel giorno:

astreinte verify --head {head}

La prova di un ticket, che il fornitore può preparare per lei, mostra le impronte dei giorni in cui è cambiato: le confronti con quelle che ha ricevuto.

I giorni precedenti:
{before}
`,
	Line: "{day}  {head}  ({tickets})", None: "ancora nessuno",
}
