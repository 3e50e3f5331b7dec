package lang

// Night is what somebody is told who gets the tickets of the night. n is how many; number,
// what and who (had it) are places.
type Night struct{ Title, Intro, Line, LineOf, More string }

var nightEnglish = Night{
	Title: "The night's tickets: {n}", Intro: "These tickets of the night are yours now. Nobody was paged for it.",
	Line: "{number} {what}", LineOf: "{number} {what} ({who} had it)", More: "and {n} more",
}

var nightFrench = Night{
	Title: "Les tickets de la nuit : {n}", Intro: "Ces tickets de la nuit sont maintenant les vôtres. Personne n'a été appelé pour cela.",
	Line: "{number} {what}", LineOf: "{number} {what} ({who} l'avait)", More: "et {n} de plus",
}

var nightItalian = Night{
	Title: "I ticket della notte: {n}", Intro: "Questi ticket della notte ora sono suoi. Nessuno è stato chiamato per questo.",
	Line: "{number} {what}", LineOf: "{number} {what} ({who} lo aveva)", More: "e altri {n}",
}
