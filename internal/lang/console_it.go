package lang

import "github.com/astreinte/astreinte/internal/ticket"

var consoleItalian = Console{
	Now: "Adesso", Tickets: "Ticket", OnCall: "Reperibilità", People: "Persone", Sources: "Sorgenti", Health: "Salute", MyPage: "La mia pagina", SignOut: "Esci",
	Skip: "Vai al contenuto", Main: "Principale", ZoneNote: "Orari di {zone}. Visto alle {at}.",
	Stale: "Quello che si vede è vecchio di {ago}: il servizio non risponde.", Away: "Riconnessione…", Reload: "Ricarica",
	NotFound: "Qui non c'è niente", NotFoundText: "L'indirizzo è sbagliato, o quello che mostrava non c'è più.",
	Forbidden: "Il suo ruolo non lo permette", ForbiddenText: "Può farlo chi ha un altro ruolo.",
	BadRequest: "Non si può leggere", BadRequestText: "Torni indietro, corregga e riprovi.",
	StoreDown: "Il servizio ora non può rispondere", StoreDownText: "Non si sa se qualcosa è stato fatto. Le chiamate continuano. Riprovi tra un momento.",
	SignedOut: "Non ha effettuato l'accesso", SignedOutText: "Acceda di nuovo per continuare.",
	Gone: "È finito",

	AsksNow: "Serve qualcuno", NobodyNow: "Non serve nessuno.", TakenNow: "Presi", NoneTaken: "Niente è preso.",
	Until: "fino alle {at}", Next: "poi {who}", Always: "sempre", Nobody: "nessuno",
	PagerWell: "Il servizio sta bene.", PagerWrong: "Qualcosa non va nel servizio", SeeHealth: "Vedi la salute",
	Compared: "Sono molti. Di ogni urgenza si confrontano i {n} più recenti.", MoreOpen: "altri {n} aperti", MoreTaken: "altri {n} presi",
	Take: "Lo prendo",

	Lacks: map[ticket.Missing]string{
		ticket.MissingClosed: "L’archivio non è disponibile: qui ci sono solo i ticket aperti.",
		ticket.MissingRecent: "L’archivio è in ritardo: alcuni ticket possono apparire com’erano.",
	},
	Search: "Cerca", Words: "Parole", WordsHint: "numero, titolo, cliente, note", Apply: "Mostra", Clear: "Mostra tutto",
	State: "Stato", Urgency: "Urgenza", Customer: "Cliente", Assignee: "Assegnato a",
	Anybody: "chiunque", Any: "tutti", Since: "Aperti dal", UntilDay: "Aperti prima del",
	None: "Nessun ticket corrisponde.", Found: "{n} in questa pagina", More: "Altri", First: "Torna ai più recenti",
	TakeChosen: "Prendo quelli scelti", ChooseAll: "Scegli tutti", Choose: "Scegli {number}",
	Saved: "Filtri salvati", SaveAs: "Salva questo filtro come", Save: "Salva", Forget: "Dimentica {name}", ManySaved: "Ha già quanti filtri si possono avere. Prima ne dimentichi uno.",
	BulkDone: "Presi: {n}.", BulkLeft: "Lasciati come erano, perché li ha qualcuno o sono finiti: {n}.", BulkNone: "Nessuno era scelto.",
	Keys: "Tasti", KeyNext: "seguente", KeyBack: "precedente", KeyOpen: "apri", KeyTake: "prendi", KeySearch: "cerca", KeyHelp: "questo aiuto",
	States: map[ticket.State]string{
		ticket.Open: "aperto", ticket.Acknowledged: "preso", ticket.InProgress: "in corso", ticket.StateResolved: "risolto", ticket.Closed: "chiuso",
	},
	Opened: "Aperto", GTI: "GTI", Title: "Che cosa", Number: "Numero",

	Paged: "Chi è stato chiamato", NobodyPaged: "Nessuno è stato chiamato.", By: "per", At: "alle", Arrived: "arrivato {at}",
	PageStates: map[ticket.PageState]string{
		ticket.PageQueued: "aspetta", ticket.PageSending: "in invio", ticket.PageSent: "inviato, senza ricevuta", ticket.PageDelivered: "arrivato",
		ticket.PageUndelivered: "non recapitato", ticket.PageFailed: "fallito", ticket.PageUnknown: "incerto", ticket.PageBundled: "inviato con altri",
		ticket.PageCancelled: "non serve più",
	},
	Kinds: map[ticket.Kind]string{ticket.Incident: "guasto", ticket.Request: "richiesta"},
	Kind:  "Tipo", Policy: "Politica", Contract: "Contratto", Source: "Sorgente",
	Assign: "Assegna", AssignTo: "Assegna a", Reopen: "Riapri", Close: "Chiudi",
	MoreActions: "Altre azioni", ReopenSure: "Riaprirlo: le chiamate cominciano.", CloseSure: "Chiuderlo: i suoi link finiscono.",
	Damaged: "{n} parti non si possono leggere e mancano.", LeftOut: "{n} righe non avevano più posto e mancano.",
	UTC: "UTC", OnlyLook: "Il suo ruolo può guardare, non agire.",
	Messages: map[string]string{"pause": "Il contatore è in pausa.", "resume": "Il contatore è ripreso.", "clock": "Niente è stato fatto: il contatore non può essere messo in pausa o ripreso così.", "qualify": "Salvato.", "unchanged": "Non è stato cambiato niente.", "opened": "Il ticket è aperto.", "assign": "Assegnato.", "reopen": "Riaperto: le chiamate cominciano.", "close": "Chiuso.", "forbidden": "Il suo ruolo non lo permette."},

	Group: "Gruppo", Person: "Persona", Month: "Mese", Earlier: "Prima", Later: "Dopo", Today: "Oggi", Changes: "Cambio",
	MonthNames: map[string]string{
		"1": "gennaio", "2": "febbraio", "3": "marzo", "4": "aprile", "5": "maggio", "6": "giugno",
		"7": "luglio", "8": "agosto", "9": "settembre", "10": "ottobre", "11": "novembre", "12": "dicembre",
	},
	DayNames: map[string]string{"1": "lun", "2": "mar", "3": "mer", "4": "gio", "5": "ven", "6": "sab", "0": "dom"},

	Numbers: "Numeri", Devices: "Dispositivi", NoNumber: "Nessun numero è configurato.", NoDevice: "Nessun dispositivo è registrato.", Language: "Lingua",
	Role: "Ruolo", Email: "Posta", Test: "Manda una prova", TestAll: "con ogni mezzo", Try: "Prova", TestBy: "per {channel}", LastTest: "Ultima prova",
	NeverTested: "Nessuna prova è ancora stata mandata.", Proven: "provato", Unproven: "senza prova da 30 giorni", ProvenAt: "ultima prova {at}",
	Remove: "Togli", Registered: "registrato {at}", Signing: "Sessioni e passkey",
	Roles:     map[string]string{"reader": "lettore", "technician": "tecnico", "manager": "responsabile", "admin": "amministratore"},
	Platforms: map[string]string{"android": "Android", "ios": "iOS", "web": "Web"},
	Languages: map[string]string{"fr": "francese", "en": "inglese", "it": "italiano"},
	NoWay:     "Non c'è un numero né un dispositivo da provare.", TooMany: "Sono state molte prove. Aspetti qualche minuto.",

	TestHeard: "messaggio di prova",
	LastHeard: "Ultima notizia", NeverHeard: "niente di conosciuto", Refused: "rifiutata", Silent: "muta",
	TicketsOpen: "Ticket", Bound: "Al suo limite", Type: "Tipo",
	Well: "bene", Trouble: "non va", Provider: "Operatore", Channel: "Canale",
	Store: "Archivio", Queue: "Invii in attesa", Oldest: "il più vecchio da {ago}", Late: "Scadenze in ritardo", Doubts: "Dubbi di check",
	Warnings: "Avvertenze", Unread: "illeggibile", Version: "Versione", Reason: "Perché",
	NoTrouble: "Niente.",
	Troubles:  map[string]string{"store": "L'archivio non si può scrivere: nuovi allarmi possono essere rifiutati.", "provider": "{name} ({channel}) non funziona.", "source": "La sorgente {name} è rifiutata dalle {at}: i suoi allarmi non entrano.", "waits": "Un invio aspetta da {ago}.", "warnings": "Ci sono avvertenze."},

	Wall: "Muro", WallSound: "Suono a ogni nuovo ticket", WallNew: "Crea un indirizzo per uno schermo a muro", WallAddress: "Si vede una volta sola. Chi lo ha vede titoli, clienti e chi è reperibile.",
	WallRevoke: "Revoca", WallText: "Indirizzi di schermi a muro", OpenNow: "aperti",
}
