package lang

// Audit is what the page says that lists who changed what.
type Audit struct {
	Title, Why, None, Older, AboutWhat, OfWhom, Daemon string

	About, What, Via map[string]string
}

var auditEnglish = Audit{
	Title: "Who changed what", Why: "Changes of duty, devices, sessions, settings and contacts, the newest first, kept for 400 days.", None: "Nothing was changed.", Older: "Older ones",
	AboutWhat: "About", OfWhom: "Of whom, or which group", Daemon: "the pager",
	About: map[string]string{"duty": "duty", "device": "device", "session": "session", "setting": "setting", "contact": "contact"},
	What:  map[string]string{"made": "made", "changed": "changed", "removed": "removed", "ended": "ended", "anonymised": "anonymised", "imported": "imported"},
	Via:   map[string]string{"web": "in the console", "api": "by the API", "sms": "by SMS"},
}

var auditFrench = Audit{
	Title: "Qui a changé quoi", Why: "Les changements d'astreinte, d'appareils, de sessions, de réglages et de contacts, les plus récents d'abord, gardés 400 jours.", None: "Rien n'a été changé.", Older: "Plus anciens",
	AboutWhat: "À propos de", OfWhom: "De qui, ou de quel groupe", Daemon: "le service d'astreinte",
	About: map[string]string{"duty": "astreinte", "device": "appareil", "session": "session", "setting": "réglage", "contact": "contact"},
	What:  map[string]string{"made": "créé", "changed": "changé", "removed": "supprimé", "ended": "terminé", "anonymised": "anonymisé", "imported": "importés"},
	Via:   map[string]string{"web": "dans la console", "api": "par l'API", "sms": "par SMS"},
}

var auditItalian = Audit{
	Title: "Chi ha cambiato che cosa", Why: "I cambiamenti di reperibilità, dispositivi, sessioni, impostazioni e contatti, dal più recente, conservati 400 giorni.", None: "Niente è stato cambiato.", Older: "Più vecchi",
	AboutWhat: "Riguardo a", OfWhom: "Di chi, o di quale gruppo", Daemon: "il servizio di reperibilità",
	About: map[string]string{"duty": "reperibilità", "device": "dispositivo", "session": "sessione", "setting": "impostazione", "contact": "contatto"},
	What:  map[string]string{"made": "creato", "changed": "cambiato", "removed": "rimosso", "ended": "terminato", "anonymised": "anonimizzato", "imported": "importati"},
	Via:   map[string]string{"web": "nella console", "api": "con l'API", "sms": "per SMS"},
}
