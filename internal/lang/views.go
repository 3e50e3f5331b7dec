package lang

// Views is what the console says of the list's ready filters, and of those beyond state,
// urgency, customer and person.
type Views struct {
	Views                        string // heads those that are ready
	Mine, Pool, Soon             string
	InGroup                      string // of which group
	Tier, Category, Within, Pick string // Pick: heads those that are ticked
	Unassigned, Breached         string
	Hours                        string // how many; "1" has its own
	Hour                         string
}

var viewsEnglish = Views{
	Views: "Ready filters", Mine: "Mine", Pool: "Pool", Soon: "Breaching soon", InGroup: "In {group}",
	Tier: "Tier", Category: "Category", Within: "Due within", Pick: "Only",
	Unassigned: "what nobody has", Breached: "missed promises", Hours: "{n} hours", Hour: "1 hour",
}

var viewsFrench = Views{
	Views: "Filtres prêts", Mine: "Les miens", Pool: "Pot commun", Soon: "Bientôt en retard", InGroup: "Chez {group}",
	Tier: "Niveau", Category: "Catégorie", Within: "Échéance d'ici", Pick: "Seulement",
	Unassigned: "ce que personne n'a", Breached: "promesses manquées", Hours: "{n} heures", Hour: "1 heure",
}

var viewsItalian = Views{
	Views: "Filtri pronti", Mine: "I miei", Pool: "Da prendere", Soon: "In scadenza", InGroup: "In {group}",
	Tier: "Livello", Category: "Categoria", Within: "Scade entro", Pick: "Solo",
	Unassigned: "quelli di nessuno", Breached: "promesse mancate", Hours: "{n} ore", Hour: "1 ora",
}
