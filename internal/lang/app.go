package lang

// App is what the application says of what is under way, and of phones that are gone.
type App struct {
	Doing      string // what was pressed
	DeviceGone string // when
	GoneOne    string // of one person: one phone is gone
	GoneMany   string // … how many are
	GoneForget string // takes the line away
}

var appEnglish = App{
	Doing:      "{what}: under way …",
	DeviceGone: "gone since {at}: its push service no longer knows it. Add it anew.",
	GoneOne:    "one phone is gone", GoneMany: "{n} phones are gone", GoneForget: "Hide",
}

var appFrench = App{
	Doing:      "{what} : en cours…",
	DeviceGone: "perdu depuis {at} : son service de push ne le connaît plus. À ajouter de nouveau.",
	GoneOne:    "un téléphone perdu", GoneMany: "{n} téléphones perdus", GoneForget: "Masquer",
}

var appItalian = App{
	Doing:      "{what}: in corso…",
	DeviceGone: "perso dal {at}: il suo servizio push non lo conosce più. Va aggiunto di nuovo.",
	GoneOne:    "un telefono perso", GoneMany: "{n} telefoni persi", GoneForget: "Nascondi",
}
