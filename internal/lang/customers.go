package lang

// Customers is what people read of customers and their contacts.
type Customers struct {
	Title, None                                      string
	Contract, NoContract, Sites, Referent, Reach     string
	Promises, Within, Hours, Always, NoPromises      string
	Off, OffAll                                      string // of hours: without public holidays (of {country}), without any
	Acknowledged                                     string // that an acknowledgement is a pick-up
	Others                                           string // that some alerts are under other contracts
	Month                                            string // {month}
	Opened, Resolved, Kept, Missed, Running, Unbound string
	Median, All, Urgency                             string
	Open, NoOpen, MoreOpen                           string
	Away                                             string // the archive is: nothing is counted

	Contacts, NoContacts, AllOf, Search, Find, EndedToo string
	New, Change, Name, Emails, Phones, Site, Language   string
	Ref, Notes, Strategic, SeesAll, Documents, Customer string
	Each                                                string // of addresses and numbers: one a line
	Save, End, Revive, Ended, Anonymise, AnonymiseWhy   string
	Anonymous, AnonymisedAt                             string
	Tickets                                             string // of a contact
	Known                                               string // who may be calling, to be chosen
	Export, More                                        string
	Saved, Overtaken, Taken, Refused, Gone              string // Refused: field
	Done                                                string // anonymised: tickets, later

	Import, ImportWhy, File, Try, Take, Column, Field, Ignore string
	Result, NothingTaken, TakenAll, BadLine                   string
	BadFile                                                   string
}

var customersEnglish = Customers{
	Title: "Customers", None: "No customer is configured that you see.",
	Contract: "Contract", NoContract: "none: what is done is to be billed", Sites: "Sites", Referent: "Referent", Reach: "Reached by",
	Promises: "What the contract promises", Within: "Picked up within", Hours: "Counted in", Always: "every hour of every day", NoPromises: "It promises no time.",
	Off: "without public holidays ({country})", OffAll: "without some days", Acknowledged: "An acknowledgement counts as the pick-up.",
	Others: "Some alerts are under other contracts: {contracts}.",
	Month:  "This month: {month}", Opened: "Opened", Resolved: "Resolved", Kept: "In time", Missed: "Too late", Running: "Still in time", Unbound: "No promise",
	Median: "Median time to pick-up", All: "All", Urgency: "Urgency",
	Open: "Open tickets", NoOpen: "None is open.", MoreOpen: "All that are open",
	Away:     "The archive is away: nothing can be counted, and there are no contacts to be seen. Tickets and pages go on.",
	Contacts: "Contacts", NoContacts: "Nobody is found.", AllOf: "All contacts of {customer}", Search: "Name, mail or telephone", Find: "Search", EndedToo: "Ended ones too",
	New: "New contact", Change: "Change", Name: "Name", Emails: "Mail addresses", Phones: "Telephones", Site: "Site", Language: "Language",
	Ref: "Reference in another system", Notes: "Notes", Strategic: "Strategic", SeesAll: "Sees all tickets of the customer (portal)", Documents: "May add documents (portal)", Customer: "Customer",
	Each: "one a line, the preferred one first", Save: "Save", End: "End it", Revive: "Is a contact again", Ended: "ended",
	Anonymise: "Anonymise", AnonymiseWhy: "Deletes name, addresses, numbers and notes for good. Tickets keep the mark {id}; the evidence still holds.",
	Anonymous: "anonymous", AnonymisedAt: "Anonymised", Tickets: "Tickets", Known: "Contacts, to be chosen:", Export: "Export (CSV)", More: "More",
	Saved: "Saved.", Overtaken: "Somebody else changed the contact first. This is how it is now: write your change again.", Taken: "Another contact of the customer has that reference or address.",
	Refused: "This cannot be taken: {field}.", Gone: "The contact was anonymised: it stays so.",
	Done:   "Anonymised: {tickets} tickets now, {later} once they have left the daily work.",
	Import: "Import a file", ImportWhy: "CSV with a line of titles. A contact is known again by its reference, else by its address. All of the file is taken, or nothing.",
	File: "File", Try: "Try it", Take: "Import it", Column: "Column", Field: "is", Ignore: "not read",
	Result: "{new} new, {changed} changed, {same} as they were, {bad} that cannot be taken.", NothingTaken: "Nothing was written.", TakenAll: "All of it was written.",
	BadLine: "Line {line}", BadFile: "The file cannot be read.",
}

var customersFrench = Customers{
	Title: "Clients", None: "Aucun client configuré que vous voyez.",
	Contract: "Contrat", NoContract: "aucun : ce qui est fait est à facturer", Sites: "Sites", Referent: "Référent", Reach: "Joignable par",
	Promises: "Ce que promet le contrat", Within: "Pris en charge sous", Hours: "Compté sur", Always: "toute heure, tous les jours", NoPromises: "Il ne promet aucun délai.",
	Off: "hors jours fériés ({country})", OffAll: "hors certains jours", Acknowledged: "Un acquittement vaut prise en charge.",
	Others: "Certaines alertes sont sous d'autres contrats : {contracts}.",
	Month:  "Ce mois : {month}", Opened: "Ouverts", Resolved: "Résolus", Kept: "GTI tenue", Missed: "GTI dépassée", Running: "Encore dans les temps", Unbound: "Sans promesse",
	Median: "Délai médian de prise en charge", All: "Tous", Urgency: "Urgence",
	Open: "Tickets ouverts", NoOpen: "Aucun n'est ouvert.", MoreOpen: "Tous les tickets ouverts",
	Away:     "L'archive est absente : rien ne peut être compté et aucun contact n'est visible. Tickets et alertes continuent.",
	Contacts: "Contacts", NoContacts: "Personne n'est trouvé.", AllOf: "Tous les contacts de {customer}", Search: "Nom, courriel ou téléphone", Find: "Chercher", EndedToo: "Les anciens aussi",
	New: "Nouveau contact", Change: "Modifier", Name: "Nom", Emails: "Adresses de courriel", Phones: "Téléphones", Site: "Site", Language: "Langue",
	Ref: "Référence dans un autre système", Notes: "Notes", Strategic: "Stratégique", SeesAll: "Voit tous les tickets du client (portail)", Documents: "Peut ajouter des documents (portail)", Customer: "Client",
	Each: "un par ligne, le préféré d'abord", Save: "Enregistrer", End: "N'est plus un contact", Revive: "Est de nouveau un contact", Ended: "ancien",
	Anonymise: "Anonymiser", AnonymiseWhy: "Supprime définitivement nom, adresses, numéros et notes. Les tickets gardent la marque {id} ; la preuve tient toujours.",
	Anonymous: "anonyme", AnonymisedAt: "Anonymisé", Tickets: "Tickets", Known: "Contacts, à choisir :", Export: "Exporter (CSV)", More: "Suite",
	Saved: "Enregistré.", Overtaken: "Quelqu'un d'autre a modifié le contact avant vous. Voici ce qu'il est maintenant : refaites votre modification.", Taken: "Un autre contact du client a cette référence ou cette adresse.",
	Refused: "Ceci ne peut être pris : {field}.", Gone: "Le contact a été anonymisé : il le reste.",
	Done:   "Anonymisé : {tickets} tickets maintenant, {later} quand ils auront quitté le travail courant.",
	Import: "Importer un fichier", ImportWhy: "CSV avec une ligne de titres. Un contact est reconnu par sa référence, sinon par son adresse. Tout le fichier est pris, ou rien.",
	File: "Fichier", Try: "Essayer", Take: "Importer", Column: "Colonne", Field: "est", Ignore: "non lue",
	Result: "{new} nouveaux, {changed} modifiés, {same} inchangés, {bad} impossibles à prendre.", NothingTaken: "Rien n'a été écrit.", TakenAll: "Tout a été écrit.",
	BadLine: "Ligne {line}", BadFile: "Le fichier ne peut pas être lu.",
}

var customersItalian = Customers{
	Title: "Clienti", None: "Nessun cliente configurato che lei veda.",
	Contract: "Contratto", NoContract: "nessuno: il lavoro è da fatturare", Sites: "Sedi", Referent: "Referente", Reach: "Raggiungibile a",
	Promises: "Che cosa promette il contratto", Within: "Preso in carico entro", Hours: "Contato su", Always: "ogni ora di ogni giorno", NoPromises: "Non promette alcun tempo.",
	Off: "esclusi i giorni festivi ({country})", OffAll: "esclusi alcuni giorni", Acknowledged: "Una conferma vale come presa in carico.",
	Others: "Alcuni allarmi sono sotto altri contratti: {contracts}.",
	Month:  "Questo mese: {month}", Opened: "Aperti", Resolved: "Risolti", Kept: "In tempo", Missed: "In ritardo", Running: "Ancora in tempo", Unbound: "Senza promessa",
	Median: "Tempo mediano di presa in carico", All: "Tutti", Urgency: "Urgenza",
	Open: "Ticket aperti", NoOpen: "Nessuno è aperto.", MoreOpen: "Tutti i ticket aperti",
	Away:     "L'archivio è assente: nulla può essere contato e non si vedono contatti. Ticket e avvisi continuano.",
	Contacts: "Contatti", NoContacts: "Nessuno trovato.", AllOf: "Tutti i contatti di {customer}", Search: "Nome, posta o telefono", Find: "Cerca", EndedToo: "Anche i passati",
	New: "Nuovo contatto", Change: "Modifica", Name: "Nome", Emails: "Indirizzi di posta", Phones: "Telefoni", Site: "Sede", Language: "Lingua",
	Ref: "Riferimento in un altro sistema", Notes: "Note", Strategic: "Strategico", SeesAll: "Vede tutti i ticket del cliente (portale)", Documents: "Può aggiungere documenti (portale)", Customer: "Cliente",
	Each: "uno per riga, il preferito per primo", Save: "Salva", End: "Non è più un contatto", Revive: "È di nuovo un contatto", Ended: "passato",
	Anonymise: "Anonimizza", AnonymiseWhy: "Elimina per sempre nome, indirizzi, numeri e note. I ticket conservano il segno {id}; la prova regge ancora.",
	Anonymous: "anonimo", AnonymisedAt: "Anonimizzato", Tickets: "Ticket", Known: "Contatti, da scegliere:", Export: "Esporta (CSV)", More: "Altri",
	Saved: "Salvato.", Overtaken: "Qualcun altro ha cambiato il contatto prima. Ecco com'è ora: riscriva la sua modifica.", Taken: "Un altro contatto del cliente ha quel riferimento o indirizzo.",
	Refused: "Questo non si può accettare: {field}.", Gone: "Il contatto è stato anonimizzato: resta così.",
	Done:   "Anonimizzato: {tickets} ticket ora, {later} quando avranno lasciato il lavoro corrente.",
	Import: "Importa un file", ImportWhy: "CSV con una riga di titoli. Un contatto è riconosciuto dal riferimento, altrimenti dall'indirizzo. Tutto il file è preso, o niente.",
	File: "File", Try: "Prova", Take: "Importa", Column: "Colonna", Field: "è", Ignore: "non letta",
	Result: "{new} nuovi, {changed} cambiati, {same} com'erano, {bad} che non si possono accettare.", NothingTaken: "Nulla è stato scritto.", TakenAll: "Tutto è stato scritto.",
	BadLine: "Riga {line}", BadFile: "Il file non si può leggere.",
}
