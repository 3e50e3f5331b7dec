"use strict";
// What the page says, in the browser's language.
const WORDS = {
  en: {
    demo: "demo: the real daemon, stand-in phones", monitoring: "Your monitoring", monitoringHint: "Raise an alert, then watch who is woken.",
    raise: "Raise", recover: "Recover", byCurl: "or from your shell", copy: "Copy", copied: "Copied", providers: "Break a provider",
    works: "works", down: "down (503)", undelivered: "not delivered", refused: "number refused", tickets: "Tickets", noTickets: "No ticket yet.",
    onCall: "on call", manager: "manager", technician: "technician", openLink: "open the link", write: "answer by SMS", send: "Send", quiet: "silence",
    mine: "mine", go: "I start", again: "test again", pass: "pass on", since: "since", nextPage: "next page", gti: "GTI due", by: "taken by",
    running: "running", met: "met", missed: "missed", lost: "The daemon does not answer any more.",
    open: "open", acknowledged: "acknowledged", in_progress: "in progress", resolved: "resolved", closed: "closed",
    critical: "CRITICAL", major: "MAJOR", minor: "MINOR", low: "LOW",
  },
  fr: {
    demo: "démo : le vrai démon, des téléphones simulés", monitoring: "Votre supervision", monitoringHint: "Déclenchez une alerte et regardez qui est réveillé.",
    raise: "Déclencher", recover: "Rétablir", byCurl: "ou depuis votre terminal", copy: "Copier", copied: "Copié", providers: "Casser un opérateur",
    works: "fonctionne", down: "en panne (503)", undelivered: "non remis", refused: "numéro refusé", tickets: "Tickets", noTickets: "Aucun ticket pour l'instant.",
    onCall: "d'astreinte", manager: "manager", technician: "technicien", openLink: "ouvrir le lien", write: "répondre par SMS", send: "Envoyer", quiet: "silence",
    mine: "je prends", go: "je commence", again: "tester", pass: "passer", since: "depuis", nextPage: "prochain appel", gti: "GTI à", by: "pris par",
    running: "court", met: "tenue", missed: "dépassée", lost: "Le démon ne répond plus.",
    open: "ouvert", acknowledged: "pris en compte", in_progress: "en cours", resolved: "résolu", closed: "clos",
    critical: "CRITIQUE", major: "MAJEUR", minor: "MINEUR", low: "FAIBLE",
  },
  it: {
    demo: "demo: il vero demone, telefoni simulati", monitoring: "Il vostro monitoraggio", monitoringHint: "Fate scattare un allarme e guardate chi viene svegliato.",
    raise: "Scatena", recover: "Ripristina", byCurl: "o dal vostro terminale", copy: "Copia", copied: "Copiato", providers: "Guastare un operatore",
    works: "funziona", down: "guasto (503)", undelivered: "non recapitato", refused: "numero rifiutato", tickets: "Ticket", noTickets: "Ancora nessun ticket.",
    onCall: "reperibile", manager: "manager", technician: "tecnico", openLink: "apri il link", write: "rispondi per SMS", send: "Invia", quiet: "silenzio",
    mine: "lo prendo", go: "inizio", again: "testa", pass: "passa", since: "dalle", nextPage: "prossima chiamata", gti: "GTI alle", by: "preso da",
    running: "in corso", met: "rispettata", missed: "scaduta", lost: "Il demone non risponde più.",
    open: "aperto", acknowledged: "preso in carico", in_progress: "in corso", resolved: "risolto", closed: "chiuso",
    critical: "CRITICO", major: "MAGGIORE", minor: "MINORE", low: "BASSO",
  },
};
