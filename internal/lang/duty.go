package lang

// Duty holds what is said of changes of who is on call.
type Duty struct {
	Phone DutyPhone
	Pages DutyPages
}

// DutyPhone is the part of Duty that phones read, written as Phone is.
type DutyPhone struct {
	Line, Always string // who is on call in a group; Always: without an end
	Nobody       string
	Take, Choose string // how to take over; Choose: {n} is the group's number in the list

	Took             string // from now on
	Gave, NothingOut string // it was given back; nothing was taken
	Which            string // of several groups
	NoGroup, NoneOf  string // no such number; no group at all
	Shared           string // two people have this telephone
	Wrong            string // {most}: hours
}

var dutyEnglish = Duty{
	Pages: dutyPagesEnglish,
	Phone: DutyPhone{
		Line: "{group}: {who} until {at}", Always: "{group}: {who}", Nobody: "NOBODY",
		Take: "DUTY 8h = you take over", Choose: "DUTY {n} 8h = you take over",
		Took:       "{group}: YOU are on call until {at}. DUTY 0 gives it back",
		Gave:       "Given back. ",
		NothingOut: "NOTHING changed, you have not taken over by SMS. ",
		Which:      "NOTHING changed. Which group?",
		NoGroup:    "NOTHING changed: there is no group {n}. DUTY lists yours",
		NoneOf:     "NOTHING changed: you take turns in no group",
		Shared:     "NOTHING changed: several people have this telephone. Use one of your own, or the app",
		Wrong:      "NOTHING changed. DUTY = who is on call, DUTY 8h = you take over (1h to {most}h), DUTY 0 = give it back",
	},
}

var dutyFrench = Duty{
	Pages: dutyPagesFrench,
	Phone: DutyPhone{
		Line: "{group}: {who} jusqu'a {at}", Always: "{group}: {who}", Nobody: "PERSONNE",
		Take: "GARDE 8h = vous prenez la garde", Choose: "GARDE {n} 8h = vous prenez la garde",
		Took:       "{group}: VOUS etes d'astreinte jusqu'a {at}. GARDE 0 pour la rendre",
		Gave:       "Rendue. ",
		NothingOut: "RIEN n'a change, vous n'avez pris aucune garde par SMS. ",
		Which:      "RIEN n'a change. Quel groupe?",
		NoGroup:    "RIEN n'a change: pas de groupe {n}. GARDE liste les votres",
		NoneOf:     "RIEN n'a change: vous n'etes d'astreinte dans aucun groupe",
		Shared:     "RIEN n'a change: ce telephone est a plusieurs personnes. Prenez le votre, ou l'application",
		Wrong:      "RIEN n'a change. GARDE = qui est d'astreinte, GARDE 8h = vous la prenez (1h a {most}h), GARDE 0 = la rendre",
	},
}

var dutyItalian = Duty{
	Pages: dutyPagesItalian,
	Phone: DutyPhone{
		Line: "{group}: {who} fino a {at}", Always: "{group}: {who}", Nobody: "NESSUNO",
		Take: "TURNO 8h = subentra lei", Choose: "TURNO {n} 8h = subentra lei",
		Took:       "{group}: LEI e' reperibile fino a {at}. TURNO 0 per restituirlo",
		Gave:       "Restituito. ",
		NothingOut: "NIENTE e' cambiato, non ha preso turni per SMS. ",
		Which:      "NIENTE e' cambiato. Quale gruppo?",
		NoGroup:    "NIENTE e' cambiato: non c'e' il gruppo {n}. TURNO elenca i suoi",
		NoneOf:     "NIENTE e' cambiato: non fa turni in nessun gruppo",
		Shared:     "NIENTE e' cambiato: questo telefono e' di piu persone. Usi il suo, o l'applicazione",
		Wrong:      "NIENTE e' cambiato. TURNO = chi e' reperibile, TURNO 8h = subentra lei (da 1h a {most}h), TURNO 0 = restituirlo",
	},
}
