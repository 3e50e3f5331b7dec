package lang

import (
	"cmp"
	"maps"
	"strings"

	"github.com/astreinte/astreinte/internal/ticket"
)

// Desk is what is said of what people say of a ticket.
type Desk struct {
	Fields map[string]string            // by a field's name
	Values map[string]map[string]string // by a field's name, and then by what it may be

	Title, NotSaid, Needed, More, Who, What, How string
	Open, OpenIt, Edit, EditTitle, Save, Back    string
	Name, Email, Phone, Choose, NoCustomer       string
	ByTable                                      string // of the urgency: as the table proposes
	Proposed, NoProposal, Row                    string // Proposed: the urgency, the row, what it says
	BillableYes, BillableNo                      string
	LastOf, NoLast, SameCaller                   string // LastOf: of which customer
	Guessed                                      string // whose number it is
	Conflict, ConflictText, ConflictNow          string // ConflictNow: field, what it is now, by whom
	TooMany, Rules, Full, ClosedNow              string
	Closing, SaveResolve, AlsoEdit               string // of what is said when it is over
}

// Labelled is the language with other words for urgencies: those of labels, where
// it has one.
func (w *Words) Labelled(labels map[ticket.Urgency]string) *Words {
	if len(labels) == 0 {
		return w
	}
	own := *w
	for u, label := range labels {
		if int(u) < len(own.Urgency) {
			own.Urgency[u] = label
		}
	}
	return &own
}

// Field names a field; one that the configuration defines by its name there.
func (w *Words) Field(name string) string {
	return cmp.Or(w.Desk.Fields[name], strings.TrimPrefix(name, ticket.CustomField))
}

// Value says what a field is: a word of ours in the language, what people wrote as
// it is.
func (w *Words) Value(field, text string) string {
	switch {
	case text == "":
		return "–"
	case field == ticket.FieldUrgency:
		if u, err := ticket.ParseUrgency(text); err == nil {
			return w.UrgencyWord(u)
		}
	case field == ticket.FieldKind:
		return cmp.Or(w.Console.Kinds[ticket.Kind(text)], text)
	}
	return cmp.Or(w.Desk.Values[field][text], text)
}

// edited says which fields somebody changed, from what to what.
func (w *Words) edited(a *ticket.Args) string {
	lines := make([]string, len(a.Edited))
	for i := range a.Edited {
		e := &a.Edited[i]
		lines[i] = w.Field(e.Field) + ": " + w.Value(e.Field, e.Was) + " → " + w.Value(e.Field, e.Is)
	}
	return strings.Join(lines, "\n")
}

func answers(yes, no string, more map[string]map[string]string) map[string]map[string]string {
	all := maps.Clone(more)
	for _, field := range []string{"workaround", "strategic", "billable"} {
		all[field] = map[string]string{ticket.Yes: yes, ticket.No: no}
	}
	return all
}

var deskEnglish = Desk{
	Fields: map[string]string{
		"title": "Subject", "kind": "Kind", "urgency": "Urgency", "customer": "Customer", "site": "Site",
		"contact": "Contact", "requester": "Requester", "beneficiary": "Beneficiary", "origin": "Came by",
		"description": "Description", "symptoms": "Signs", "application": "Application", "equipment": "Equipment", "category": "Category",
		"domain": "Domain", "service": "Service", "impact": "Who is hit", "business_impact": "Harm to the business", "workaround": "Workaround",
		"strategic": "Strategic user", "requester_urgency": "Urgency for the requester", "complexity": "Complexity", "billable": "Billable", "reported_at": "Began, as the user says",
		"synthesis": "Synthesis", "restored": "How one knows that it works again",
	},
	Values: answers("yes", "no", map[string]map[string]string{
		"origin":            {"alert": "alert", "mail": "mail", "call": "call", "portal": "portal", "hand": "a technician", "api": "API"},
		"impact":            {"person": "one person", "several": "several", "everybody": "everybody"},
		"business_impact":   {"none": "none", "some": "some", "much": "much"},
		"requester_urgency": {"low": "low", "medium": "medium", "high": "high"},
		"complexity":        {"standard": "standard", "confirmed": "confirmed", "expert": "expert"},
	}),
	Title: "What is said of it", NotSaid: "not said", Needed: "needed", More: "More", Who: "Who", What: "What", How: "How bad",
	Open: "Open a ticket", OpenIt: "Open it", Edit: "Change this", EditTitle: "Change {number}", Save: "Save", Back: "Back",
	Name: "Name", Email: "Mail", Phone: "Phone", Choose: "choose", NoCustomer: "no customer",
	ByTable: "as the table proposes", Proposed: "The table proposes {urgency}: row {row}, {when}.", NoProposal: "No row of the table fits yet.", Row: "always",
	BillableYes: "No contract covers it: billable is proposed.", BillableNo: "A contract covers it: not billable is proposed.",
	LastOf: "Last tickets of {customer}", NoLast: "None yet.", SameCaller: "same caller", Guessed: "The number or address is {customer}'s.",
	Conflict: "Somebody else was first", ConflictText: "Nothing of yours is saved yet. Fields that you left alone show what they are now. Save again to write yours over theirs.", ConflictNow: "{field} is now “{now}”, by {who}",
	TooMany: "Too many tickets within a minute: wait a little.", Rules: "a rule",
	Full: "There is no more room for what is said of the ticket.", ClosedNow: "The ticket is closed: only a note can be added.",
	Closing: "When it is over", SaveResolve: "Save and resolve", AlsoEdit: "Put right what is said of it, too",
}

var deskFrench = Desk{
	Fields: map[string]string{
		"title": "Objet", "kind": "Type", "urgency": "Urgence", "customer": "Client", "site": "Site",
		"contact": "Contact", "requester": "Demandeur", "beneficiary": "Bénéficiaire", "origin": "Arrivé par",
		"description": "Description", "symptoms": "Symptômes", "application": "Application", "equipment": "Matériel", "category": "Catégorie",
		"domain": "Domaine", "service": "Service", "impact": "Qui est touché", "business_impact": "Impact sur l'activité", "workaround": "Contournement",
		"strategic": "Utilisateur stratégique", "requester_urgency": "Urgence pour le demandeur", "complexity": "Complexité", "billable": "Facturable", "reported_at": "A commencé, dit l'utilisateur",
		"synthesis": "Synthèse", "restored": "À quoi on voit que cela marche à nouveau",
	},
	Values: answers("oui", "non", map[string]map[string]string{
		"origin":            {"alert": "alerte", "mail": "courriel", "call": "appel", "portal": "portail", "hand": "un technicien", "api": "API"},
		"impact":            {"person": "une personne", "several": "plusieurs", "everybody": "tout le monde"},
		"business_impact":   {"none": "aucun", "some": "un peu", "much": "beaucoup"},
		"requester_urgency": {"low": "basse", "medium": "moyenne", "high": "haute"},
		"complexity":        {"standard": "standard", "confirmed": "confirmé", "expert": "expert"},
	}),
	Title: "Ce qu'on en dit", NotSaid: "non dit", Needed: "nécessaire", More: "Plus", Who: "Qui", What: "Quoi", How: "Gravité",
	Open: "Ouvrir un ticket", OpenIt: "Ouvrir", Edit: "Modifier", EditTitle: "Modifier {number}", Save: "Enregistrer", Back: "Retour",
	Name: "Nom", Email: "Courriel", Phone: "Téléphone", Choose: "choisir", NoCustomer: "aucun client",
	ByTable: "comme la table le propose", Proposed: "La table propose {urgency} : ligne {row}, {when}.", NoProposal: "Aucune ligne de la table ne convient encore.", Row: "toujours",
	BillableYes: "Aucun contrat ne le couvre : facturable est proposé.", BillableNo: "Un contrat le couvre : non facturable est proposé.",
	LastOf: "Derniers tickets de {customer}", NoLast: "Aucun encore.", SameCaller: "même appelant", Guessed: "Ce numéro ou cette adresse est de {customer}.",
	Conflict: "Quelqu'un d'autre a été plus rapide", ConflictText: "Rien de vous n'est encore enregistré. Les champs que vous n'avez pas touchés montrent leur valeur actuelle. Enregistrez de nouveau pour écrire les vôtres par-dessus.", ConflictNow: "{field} vaut maintenant « {now} », par {who}",
	TooMany: "Trop de tickets en une minute : patientez un peu.", Rules: "une règle",
	Full: "Il n'y a plus de place pour ce qu'on dit du ticket.", ClosedNow: "Le ticket est clos : seule une note peut être ajoutée.",
	Closing: "Quand c'est fini", SaveResolve: "Enregistrer et résoudre", AlsoEdit: "Corriger aussi ce qu'on en dit",
}

var deskItalian = Desk{
	Fields: map[string]string{
		"title": "Oggetto", "kind": "Tipo", "urgency": "Urgenza", "customer": "Cliente", "site": "Sede",
		"contact": "Contatto", "requester": "Richiedente", "beneficiary": "Beneficiario", "origin": "Arrivato per",
		"description": "Descrizione", "symptoms": "Sintomi", "application": "Applicazione", "equipment": "Apparecchiatura", "category": "Categoria",
		"domain": "Ambito", "service": "Servizio", "impact": "Chi è colpito", "business_impact": "Danno all'attività", "workaround": "Soluzione provvisoria",
		"strategic": "Utente strategico", "requester_urgency": "Urgenza per il richiedente", "complexity": "Complessità", "billable": "Fatturabile", "reported_at": "Iniziato, dice l'utente",
		"synthesis": "Sintesi", "restored": "Da che cosa si vede che funziona di nuovo",
	},
	Values: answers("sì", "no", map[string]map[string]string{
		"origin":            {"alert": "allarme", "mail": "posta", "call": "chiamata", "portal": "portale", "hand": "un tecnico", "api": "API"},
		"impact":            {"person": "una persona", "several": "più persone", "everybody": "tutti"},
		"business_impact":   {"none": "nessuno", "some": "un po'", "much": "molto"},
		"requester_urgency": {"low": "bassa", "medium": "media", "high": "alta"},
		"complexity":        {"standard": "standard", "confirmed": "confermato", "expert": "esperto"},
	}),
	Title: "Che cosa se ne dice", NotSaid: "non detto", Needed: "necessario", More: "Altro", Who: "Chi", What: "Che cosa", How: "Gravità",
	Open: "Aprire un ticket", OpenIt: "Aprire", Edit: "Modificare", EditTitle: "Modificare {number}", Save: "Salvare", Back: "Indietro",
	Name: "Nome", Email: "Posta", Phone: "Telefono", Choose: "scegliere", NoCustomer: "nessun cliente",
	ByTable: "come propone la tabella", Proposed: "La tabella propone {urgency}: riga {row}, {when}.", NoProposal: "Nessuna riga della tabella va ancora bene.", Row: "sempre",
	BillableYes: "Nessun contratto lo copre: si propone fatturabile.", BillableNo: "Un contratto lo copre: si propone non fatturabile.",
	LastOf: "Ultimi ticket di {customer}", NoLast: "Ancora nessuno.", SameCaller: "stesso chiamante", Guessed: "Il numero o l'indirizzo è di {customer}.",
	Conflict: "Qualcun altro è stato più veloce", ConflictText: "Niente di tuo è ancora salvato. I campi che non hai toccato mostrano il valore attuale. Salva di nuovo per scrivere i tuoi sopra i loro.", ConflictNow: "{field} adesso è «{now}», da {who}",
	TooMany: "Troppi ticket in un minuto: aspetta un po'.", Rules: "una regola",
	Full: "Non c'è più posto per ciò che si dice del ticket.", ClosedNow: "Il ticket è chiuso: si può aggiungere solo una nota.",
	Closing: "Quando è finito", SaveResolve: "Salvare e risolvere", AlsoEdit: "Correggere anche che cosa se ne dice",
}
