package calendar

import "time"

// italy has the days of law 260 of 27 May 1949 as it stands: law 54 of 1977 took
// days away, DPR 792 of 1985 gave Epiphany back and law 336 of 2000 the
// Republic's. Law 151 of 8 October 2025 makes 4 October a national holiday again,
// from 2026 on. Easter is a Sunday like the others that article 2 names.
//
// The province of Bolzano has Whit Monday in the place of a patron saint's day. In
// Rome DPR 792 makes the day of Saint Peter and Saint Paul a holiday; elsewhere the
// patron saint's day is one by the agreements of each trade.
func italy() country {
	return country{
		code: "IT",
		rules: []rule{
			fixed(time.January, 1, "Capodanno"),
			fixed(time.January, 6, "Epifania"),
			easter(1, "Lunedì dell'Angelo"),
			fixed(time.April, 25, "Liberazione"),
			fixed(time.May, 1, "Festa del lavoro"),
			fixed(time.June, 2, "Festa della Repubblica"),
			fixed(time.August, 15, "Assunzione"),
			fixed(time.October, 4, "San Francesco d'Assisi").since(2026),
			fixed(time.November, 1, "Ognissanti"),
			fixed(time.December, 8, "Immacolata Concezione"),
			fixed(time.December, 25, "Natale"),
			fixed(time.December, 26, "Santo Stefano"),
		},
		regions: []region{{[]string{"IT-BZ"}, []rule{easter(50, "Lunedì di Pentecoste")}}},
		cities:  patrons(),
	}
}

// patrons are the chief towns of provinces whose patron saint's day is kept on one
// date, in order of name.
func patrons() []city {
	at := func(name string, month time.Month, day int, saint string) city {
		return city{name: name, rules: []rule{fixed(month, day, saint)}}
	}
	return []city{
		at("Agrigento", time.February, 25, "San Gerlando"),
		at("Alessandria", time.November, 10, "San Baudolino"),
		at("Ancona", time.May, 4, "San Ciriaco"),
		at("Aosta", time.September, 7, "San Grato"),
		at("Arezzo", time.August, 7, "San Donato"),
		at("Ascoli Piceno", time.August, 5, "Sant'Emidio"),
		{name: "Asti", rules: []rule{moving("San Secondo", func(year int, _ Date) (Date, bool) {
			return nth(1, time.Tuesday, year, time.May), true
		})}},
		at("Bari", time.December, 6, "San Nicola"),
		at("Belluno", time.November, 11, "San Martino"),
		at("Bergamo", time.August, 26, "Sant'Alessandro"),
		at("Bologna", time.October, 4, "San Petronio"),
		{name: "Bolzano", region: "IT-BZ"},
		at("Brescia", time.February, 15, "Santi Faustino e Giovita"),
		at("Cagliari", time.October, 30, "San Saturnino"),
		at("Campobasso", time.April, 23, "San Giorgio"),
		at("Caserta", time.January, 20, "San Sebastiano"),
		at("Catania", time.February, 5, "Sant'Agata"),
		at("Catanzaro", time.July, 16, "San Vitaliano"),
		at("Como", time.August, 31, "Sant'Abbondio"),
		at("Cremona", time.November, 13, "Sant'Omobono"),
		at("Cuneo", time.September, 29, "San Michele"),
		at("Ferrara", time.April, 23, "San Giorgio"),
		at("Firenze", time.June, 24, "San Giovanni Battista"),
		at("Forlì", time.February, 4, "Madonna del Fuoco"),
		at("Genova", time.June, 24, "San Giovanni Battista"),
		at("Grosseto", time.August, 10, "San Lorenzo"),
		at("L'Aquila", time.June, 10, "San Massimo"),
		at("La Spezia", time.March, 19, "San Giuseppe"),
		at("Latina", time.April, 25, "San Marco"),
		at("Lecce", time.August, 26, "Sant'Oronzo"),
		at("Lecco", time.December, 6, "San Nicolò"),
		at("Livorno", time.May, 22, "Santa Giulia"),
		at("Lodi", time.January, 19, "San Bassiano"),
		at("Lucca", time.July, 12, "San Paolino"),
		at("Mantova", time.March, 18, "Sant'Anselmo"),
		at("Matera", time.July, 2, "Madonna della Bruna"),
		at("Messina", time.June, 3, "Madonna della Lettera"),
		at("Milano", time.December, 7, "Sant'Ambrogio"),
		at("Modena", time.January, 31, "San Geminiano"),
		at("Monza", time.June, 24, "San Giovanni Battista"),
		at("Napoli", time.September, 19, "San Gennaro"),
		at("Novara", time.January, 22, "San Gaudenzio"),
		at("Padova", time.June, 13, "Sant'Antonio"),
		at("Palermo", time.July, 15, "Santa Rosalia"),
		at("Parma", time.January, 13, "Sant'Ilario"),
		at("Pavia", time.December, 9, "San Siro"),
		at("Perugia", time.January, 29, "San Costanzo"),
		at("Pescara", time.October, 10, "San Cetteo"),
		at("Piacenza", time.July, 4, "Sant'Antonino"),
		at("Pisa", time.June, 17, "San Ranieri"),
		at("Pistoia", time.July, 25, "San Jacopo"),
		at("Potenza", time.May, 30, "San Gerardo"),
		at("Prato", time.December, 26, "Santo Stefano"),
		at("Ravenna", time.July, 23, "Sant'Apollinare"),
		at("Reggio Emilia", time.November, 24, "San Prospero"),
		at("Rimini", time.October, 14, "San Gaudenzo"),
		at("Roma", time.June, 29, "Santi Pietro e Paolo"),
		at("Rovigo", time.November, 26, "San Bellino"),
		at("Salerno", time.September, 21, "San Matteo"),
		at("Sassari", time.December, 6, "San Nicola"),
		at("Savona", time.March, 18, "Nostra Signora della Misericordia"),
		at("Siena", time.December, 1, "Sant'Ansano"),
		at("Siracusa", time.December, 13, "Santa Lucia"),
		at("Taranto", time.May, 10, "San Cataldo"),
		at("Terni", time.February, 14, "San Valentino"),
		at("Torino", time.June, 24, "San Giovanni Battista"),
		at("Trapani", time.August, 7, "Sant'Alberto"),
		at("Trento", time.June, 26, "San Vigilio"),
		at("Treviso", time.April, 27, "San Liberale"),
		at("Trieste", time.November, 3, "San Giusto"),
		at("Varese", time.May, 8, "San Vittore"),
		at("Venezia", time.April, 25, "San Marco"),
		at("Verona", time.May, 21, "San Zeno"),
		at("Vicenza", time.September, 8, "Madonna di Monte Berico"),
		at("Viterbo", time.September, 4, "Santa Rosa"),
	}
}
