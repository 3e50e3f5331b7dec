package lang

// Heartbeats is what is said of heartbeats. In the titles name and for are places.
type Heartbeats struct {
	Silent, NeverHeard, Failed, Overrun string // titles of tickets

	Title, Explain, New, Name, Every, Grace, RunsFor, Customer, Any, Severity, Labels, Make string
	None, Watch, End, Configured, FromAlerts, Once, OnceResult, Last, Never, Due, By        string

	// Late is the line about one that is an alert; Calls that about an address of
	// heartbeat_to that is not called. name, state, host and why are places.
	Late, Calls, Heading string

	States map[string]string
}

var heartbeatsEnglish = Heartbeats{
	Silent: "{name}: no heartbeat for {for}", NeverHeard: "{name}: no heartbeat yet, within {for}", Failed: "{name}: it failed", Overrun: "{name}: it has run for more than {for}",
	Title: "Heartbeats", Explain: "Whatever must be heard of: a backup, a cron job, a monitoring server. One that falls silent opens a ticket; its next beat ends it.",
	New: "Watch something", Name: "Name", Every: "At least every (5m, 1h, 1d)", Grace: "Grace", RunsFor: "Its runs end within (if it says that they begin)", Customer: "Customer", Any: "none", Severity: "Severity", Labels: "More labels, name=value, one a line", Make: "Watch it",
	None: "Nothing is watched by heartbeats.", Watch: "Watched", End: "Watch it no more", Configured: "of the configuration", FromAlerts: "alerts of source {source} beat it",
	Once: "Its token is shown this once. Copy this line into the job:", OnceResult: "With the result of a command:", Last: "last beat {at}", Never: "never heard of", Due: "due by {at}", By: "by {name}",
	Late: "heartbeat {name}: {state}", Calls: "our own heartbeat to {host}: {why}", Heading: "Heartbeats",
	States: map[string]string{"new": "waits", "up": "beats", "late": "silent", "failed": "failed", "overrun": "runs too long"},
}

var heartbeatsFrench = Heartbeats{
	Silent: "{name} : aucun signe de vie depuis {for}", NeverHeard: "{name} : toujours aucun signe de vie, en {for}", Failed: "{name} : en échec", Overrun: "{name} : dure depuis plus de {for}",
	Title: "Signes de vie", Explain: "Tout ce qui doit se faire entendre : une sauvegarde, une tâche cron, un serveur de supervision. Celui qui se tait ouvre un ticket ; son prochain signe le termine.",
	New: "Surveiller", Name: "Nom", Every: "Au moins toutes les (5m, 1h, 1d = un jour)", Grace: "Tolérance", RunsFor: "Ses exécutions durent au plus (s'il annonce leur début)", Customer: "Client", Any: "aucun", Severity: "Gravité", Labels: "Autres étiquettes, nom=valeur, une par ligne", Make: "Surveiller",
	None: "Rien n'est surveillé ainsi.", Watch: "Surveillés", End: "Ne plus surveiller", Configured: "de la configuration", FromAlerts: "par les alertes de la source {source}",
	Once: "Son jeton n'est montré qu'une fois. Copiez cette ligne dans la tâche :", OnceResult: "Avec le résultat d'une commande :", Last: "dernier signe {at}", Never: "jamais entendu", Due: "attendu d'ici {at}", By: "par {name}",
	Late: "signe de vie {name} : {state}", Calls: "notre propre signe de vie vers {host} : {why}", Heading: "Signes de vie",
	States: map[string]string{"new": "attendu", "up": "vivant", "late": "silencieux", "failed": "en échec", "overrun": "trop long"},
}

var heartbeatsItalian = Heartbeats{
	Silent: "{name}: nessun segno di vita da {for}", NeverHeard: "{name}: ancora nessun segno di vita, in {for}", Failed: "{name}: fallito", Overrun: "{name}: dura da più di {for}",
	Title: "Segni di vita", Explain: "Tutto ciò che deve farsi sentire: un backup, un lavoro di cron, un server di monitoraggio. Chi tace apre un ticket; il suo prossimo segno lo chiude.",
	New: "Sorvegliare", Name: "Nome", Every: "Almeno ogni (5m, 1h, 1d = un giorno)", Grace: "Tolleranza", RunsFor: "Le sue esecuzioni durano al massimo (se ne annuncia l'inizio)", Customer: "Cliente", Any: "nessuno", Severity: "Gravità", Labels: "Altre etichette, nome=valore, una per riga", Make: "Sorvegliare",
	None: "Niente è sorvegliato così.", Watch: "Sorvegliati", End: "Non sorvegliare più", Configured: "della configurazione", FromAlerts: "dagli allarmi della sorgente {source}",
	Once: "Il suo token è mostrato una volta sola. Copiare questa riga nel lavoro:", OnceResult: "Con il risultato di un comando:", Last: "ultimo segno {at}", Never: "mai sentito", Due: "atteso entro {at}", By: "da {name}",
	Late: "segno di vita {name}: {state}", Calls: "il nostro segno di vita verso {host}: {why}", Heading: "Segni di vita",
	States: map[string]string{"new": "atteso", "up": "vivo", "late": "silenzioso", "failed": "fallito", "overrun": "troppo lungo"},
}
