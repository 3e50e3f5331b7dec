package lang

// Away is what pages say while the store is away.
type Away struct {
	Title  string
	Text   string // {at}
	Kept   string // {n} requests
	Paging string // where to see what is paged meanwhile
	Banner string // {at}; above what is paged meanwhile
}

var awayEnglish = Away{
	Title:  "The store is away",
	Text:   "This page needs the store, which is away since {at}. It comes back with it.",
	Kept:   "Alerts are kept: {n} requests so far. They are paged from here after half a minute, and then stand on Now.",
	Paging: "Alerts that came since are paged, and stand on Now. They can be taken there.",
	Banner: "The store is away since {at}. Here is only what came to this daemon since then. Tickets from before are not shown, and are not paged until it is back.",
}

var awayFrench = Away{
	Title:  "La base est indisponible",
	Text:   "Cette page a besoin de la base, indisponible depuis {at}. Elle revient avec elle.",
	Kept:   "Les alertes sont gardées : {n} requêtes jusqu'ici. Elles sont signalées d'ici après une demi-minute, et figurent alors sur la première page.",
	Paging: "Les alertes arrivées depuis sont signalées et figurent sur la première page. On peut les y prendre.",
	Banner: "La base est indisponible depuis {at}. Ne figure ici que ce qui est arrivé à ce service depuis. Les tickets d'avant ne sont pas montrés, et n'appellent personne avant son retour.",
}

var awayItalian = Away{
	Title:  "L'archivio non risponde",
	Text:   "Questa pagina ha bisogno dell'archivio, che non risponde da {at}. Torna con lui.",
	Kept:   "Gli allarmi sono conservati: {n} richieste finora. Dopo mezzo minuto chiamano da qui, e compaiono sulla prima pagina.",
	Paging: "Gli allarmi arrivati da allora chiamano, e compaiono sulla prima pagina. Lì si possono prendere.",
	Banner: "L'archivio non risponde da {at}. Qui c'è solo ciò che è arrivato a questo servizio da allora. I ticket di prima non si vedono, e non chiamano nessuno finché non torna.",
}
