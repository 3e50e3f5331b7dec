package lang

// Forms is what is said of a form that cannot be taken.
type Forms struct {
	// Refused names the field that is wrong; field is a place, its label.
	Refused string
	// Times is how a length of time is written.
	Times string
}

var formsEnglish = Forms{Refused: "“{field}” cannot be taken like that.", Times: "Write 5m for minutes, 1h for hours, 1d for days, 1w for weeks."}

var formsFrench = Forms{Refused: "« {field} » ne peut pas être pris ainsi.", Times: "Écrivez 5m pour des minutes, 1h pour des heures, 1d pour des jours, 1w pour des semaines."}

var formsItalian = Forms{Refused: "«{field}» non può essere preso così.", Times: "Scriva 5m per i minuti, 1h per le ore, 1d per i giorni, 1w per le settimane."}
