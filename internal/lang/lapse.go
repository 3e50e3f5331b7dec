package lang

// Lapse is what both are told of an offer that nobody accepted before its first hour.
// It is written as Ready is, for an SMS. group, from, to, who (whose hours) and other
// (who was asked) are places.
type Lapse struct{ Title, Yours, Asked string }

var lapseEnglish = Lapse{
	Title: "Not accepted: {group}",
	Yours: "{other} has NOT ACCEPTED your hours of {group}, {from} to {to}: they stay YOURS",
	Asked: "The offer of {who}, {group} {from} to {to}, is over: nothing changes for you",
}

var lapseFrench = Lapse{
	Title: "Pas accepté: {group}",
	Yours: "{other} n'a PAS ACCEPTE vos heures {group}, {from} - {to}: elles restent les VOTRES",
	Asked: "La demande de {who}, {group} {from} - {to}, est terminée: rien ne change pour vous",
}

var lapseItalian = Lapse{
	Title: "Non accettato: {group}",
	Yours: "{other} NON HA ACCETTATO le sue ore di {group}, {from} - {to}: restano SUE",
	Asked: "La richiesta di {who}, {group} {from} - {to}, è finita: per lei non cambia nulla",
}
