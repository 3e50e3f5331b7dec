package lang

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// Clock is what is said of a ticket's clock. Templates name its fields.
type Clock struct {
	Title, Table, Picture, Empty string
	From, To, Lasts, Counts, Why string // of the table's columns
	Yes, No                      string
	Ahead                        string // what is still to come, above a part of the table
	Started, Due, Stopped        string
	Within, Used, Left, Over     string
	Paused                       string // of the state, in place of a due time
	Pause, Resume                string // of buttons
	PauseFor                     string // the label of the reasons
	Contract                     string // that the contract names no reason

	Kinds  map[ticket.ClockKind]string // what each of the other clocks is called
	Others string                      // above them
	// EndedBy is who did what ended it, or its run before; EndedTask says it of a task.
	EndedBy, EndedTask string // who, at
	Earlier            string // n: how many earlier runs of it were missed
	Called             string // what ends it is written down as a task of the kind call

	// Treatment is what the time of treatment is called. Treated says it: length, minutes;
	// TreatedTasks says the tasks' minutes alone.
	Treatment, Treated, TreatedTasks string

	Reasons map[ticket.PauseReason]string
	Spans   map[ticket.SpanWhy]string // calendar, day, holiday, reason, who
	States  map[ticket.GTIState]string
	Whys    map[string]string // why it cannot rest or go on (escalation.ClockWhy)

	// Sum is the whole in a sentence: began, within, calendar, used; SumDue, SumLeft and
	// SumOver follow it, by the state.
	Sum, SumDue, SumPaused, SumMet, SumMissed, SumLate string
	Recounted                                          string // was, now
	Result                                             string // within, calendar, due
	ResultPaused                                       string // within, calendar
	NoPromise                                          string
	Open                                               string // a link to it
}

var clockEnglish = Clock{
	Title: "The clock", Table: "Every minute", Picture: "Day by day", Empty: "Nothing was promised for this ticket.",
	From: "From", To: "To", Lasts: "Length", Counts: "Counts", Why: "Why", Yes: "yes", No: "no", Ahead: "Still to come",
	Started: "Began", Due: "Due", Stopped: "Stopped", Within: "Promised", Used: "Used", Left: "Left", Over: "Late by",
	Paused: "paused", Pause: "Pause the clock", Resume: "Let the clock go on", PauseFor: "Why it rests", Contract: "The contract names no reason for which the clock may rest.",
	Kinds: map[ticket.ClockKind]string{
		ticket.ClockRespond: "Response", ticket.ClockResolve: "Resolution", ticket.ClockCallBack: "Call-back", ticket.ClockNews: "News to the customer",
	},
	Others: "Other promises", Earlier: "missed before: {n}", EndedBy: "ended by {who}", EndedTask: "ended by {who}, with the task of {at}", Called: "a task of the kind “call” ends it",
	Treatment: "Time of treatment", Treated: "{length} since the pick-up, on the hours of the promise; tasks: {minutes}", TreatedTasks: "tasks: {minutes}",
	Reasons: map[ticket.PauseReason]string{ticket.WaitingForCustomer: "waiting for the customer", ticket.AgreedDate: "a date was agreed"},
	Spans: map[ticket.SpanWhy]string{
		ticket.SpanAlways: "every hour counts ({calendar})", ticket.SpanHours: "within the hours of {calendar}", ticket.SpanClosed: "outside the hours of {calendar}",
		ticket.SpanHoliday: "public holiday: {holiday}", ticket.SpanPause: "paused by {who}: {reason}", ticket.SpanSum: "{counted} of it counts ({calendar}); too long ago for each part",
	},
	States: map[ticket.GTIState]string{
		ticket.GTINone: "none", ticket.GTIRunning: "running", ticket.GTIPaused: "paused", ticket.GTIMet: "met", ticket.GTIMissed: "missed",
	},
	Whys: map[string]string{
		"none": "no clock runs: nothing was promised", "stopped": "its clock has stopped", "reason": "the contract does not name this reason",
		"paused": "its clock rests already", "runs": "its clock does not rest", "many": "its clock has rested too often, and rests no more",
	},
	Sum: "The clock began {began}. Promised: {within} on {calendar}. Used: {used}.", SumDue: "Due {due}; {left} left.", SumPaused: "It rests; {left} left.",
	SumMet: "Kept, with {left} to spare.", SumMissed: "Missed by {over} of counted time.", SumLate: "It was due {due}; {over} of counted time late so far.",
	Recounted: "counted again from the opening: {was} → {now}", Result: "{within} on {calendar}, due {due}", ResultPaused: "{within} on {calendar}, paused", NoPromise: "no promise",
	Open: "Every minute explained",
}

var clockFrench = Clock{
	Title: "Le compteur", Table: "Chaque minute", Picture: "Jour par jour", Empty: "Rien n'a été promis pour ce ticket.",
	From: "De", To: "À", Lasts: "Durée", Counts: "Compte", Why: "Pourquoi", Yes: "oui", No: "non", Ahead: "Encore à venir",
	Started: "Départ", Due: "Échéance", Stopped: "Arrêt", Within: "Promis", Used: "Consommé", Left: "Reste", Over: "Retard",
	Paused: "en pause", Pause: "Mettre en pause", Resume: "Reprendre le décompte", PauseFor: "Pourquoi une pause", Contract: "Le contrat ne nomme aucun motif de pause.",
	Kinds: map[ticket.ClockKind]string{
		ticket.ClockRespond: "Réponse", ticket.ClockResolve: "Résolution", ticket.ClockCallBack: "Rappel", ticket.ClockNews: "Nouvelles au client",
	},
	Others: "Autres promesses", Earlier: "déjà dépassé {n} fois", EndedBy: "arrêté par {who}", EndedTask: "arrêté par {who}, par la tâche du {at}", Called: "une tâche « appel » l'arrête",
	Treatment: "Temps de traitement", Treated: "{length} depuis la prise en charge, sur les heures de la promesse ; tâches : {minutes}", TreatedTasks: "tâches : {minutes}",
	Reasons: map[ticket.PauseReason]string{ticket.WaitingForCustomer: "en attente du client", ticket.AgreedDate: "date convenue"},
	Spans: map[ticket.SpanWhy]string{
		ticket.SpanAlways: "toute heure compte ({calendar})", ticket.SpanHours: "dans les heures de {calendar}", ticket.SpanClosed: "hors des heures de {calendar}",
		ticket.SpanHoliday: "jour férié : {holiday}", ticket.SpanPause: "pause de {who} : {reason}", ticket.SpanSum: "dont {counted} comptent ({calendar}) ; trop ancien pour le détail",
	},
	States: map[ticket.GTIState]string{
		ticket.GTINone: "aucune", ticket.GTIRunning: "en cours", ticket.GTIPaused: "en pause", ticket.GTIMet: "tenue", ticket.GTIMissed: "dépassée",
	},
	Whys: map[string]string{
		"none": "aucun compteur ne tourne : rien n'a été promis", "stopped": "son compteur est arrêté", "reason": "le contrat ne nomme pas ce motif",
		"paused": "son compteur est déjà en pause", "runs": "son compteur n'est pas en pause", "many": "trop de pauses : il n'y en aura plus",
	},
	Sum: "Départ du compteur : {began}. Promis : {within} sur {calendar}. Consommé : {used}.", SumDue: "Échéance {due} ; il reste {left}.", SumPaused: "En pause ; il reste {left}.",
	SumMet: "Tenue, il restait {left}.", SumMissed: "Dépassée de {over} de temps compté.", SumLate: "L'échéance était {due} ; retard de {over} de temps compté pour l'instant.",
	Recounted: "recompté depuis l'ouverture : {was} → {now}", Result: "{within} sur {calendar}, échéance {due}", ResultPaused: "{within} sur {calendar}, en pause", NoPromise: "aucune promesse",
	Open: "Chaque minute expliquée",
}

var clockItalian = Clock{
	Title: "Il contatore", Table: "Ogni minuto", Picture: "Giorno per giorno", Empty: "Niente è stato promesso per questo ticket.",
	From: "Da", To: "A", Lasts: "Durata", Counts: "Conta", Why: "Perché", Yes: "sì", No: "no", Ahead: "Ancora da venire",
	Started: "Inizio", Due: "Scadenza", Stopped: "Fermato", Within: "Promesso", Used: "Usato", Left: "Resta", Over: "In ritardo di",
	Paused: "in pausa", Pause: "Metti in pausa", Resume: "Riprendi il conteggio", PauseFor: "Perché una pausa", Contract: "Il contratto non nomina alcun motivo di pausa.",
	Kinds: map[ticket.ClockKind]string{
		ticket.ClockRespond: "Risposta", ticket.ClockResolve: "Soluzione", ticket.ClockCallBack: "Richiamata", ticket.ClockNews: "Notizie al cliente",
	},
	Others: "Altre promesse", Earlier: "già scaduta: {n}", EndedBy: "fermato da {who}", EndedTask: "fermato da {who}, con l'attività del {at}", Called: "un'attività «chiamata» la ferma",
	Treatment: "Tempo di trattamento", Treated: "{length} dalla presa in carico, negli orari della promessa; attività: {minutes}", TreatedTasks: "attività: {minutes}",
	Reasons: map[ticket.PauseReason]string{ticket.WaitingForCustomer: "in attesa del cliente", ticket.AgreedDate: "data concordata"},
	Spans: map[ticket.SpanWhy]string{
		ticket.SpanAlways: "ogni ora conta ({calendar})", ticket.SpanHours: "negli orari di {calendar}", ticket.SpanClosed: "fuori dagli orari di {calendar}",
		ticket.SpanHoliday: "giorno festivo: {holiday}", ticket.SpanPause: "pausa di {who}: {reason}", ticket.SpanSum: "di cui {counted} contano ({calendar}); troppo tempo fa per il dettaglio",
	},
	States: map[ticket.GTIState]string{
		ticket.GTINone: "nessuna", ticket.GTIRunning: "in corso", ticket.GTIPaused: "in pausa", ticket.GTIMet: "rispettata", ticket.GTIMissed: "scaduta",
	},
	Whys: map[string]string{
		"none": "nessun contatore corre: niente è stato promesso", "stopped": "il suo contatore è fermo", "reason": "il contratto non nomina questo motivo",
		"paused": "il suo contatore è già in pausa", "runs": "il suo contatore non è in pausa", "many": "troppe pause: non ce ne saranno altre",
	},
	Sum: "Inizio del contatore: {began}. Promesso: {within} su {calendar}. Usato: {used}.", SumDue: "Scadenza {due}; restano {left}.", SumPaused: "In pausa; restano {left}.",
	SumMet: "Rispettata, con {left} di margine.", SumMissed: "Scaduta di {over} di tempo contato.", SumLate: "Scadeva {due}; finora {over} di tempo contato in ritardo.",
	Recounted: "contato di nuovo dall'apertura: {was} → {now}", Result: "{within} su {calendar}, scadenza {due}", ResultPaused: "{within} su {calendar}, in pausa", NoPromise: "nessuna promessa",
	Open: "Ogni minuto spiegato",
}

// Exactly writes a time span to the second: "3 h 59 min 30 s".
func Exactly(d time.Duration) string {
	d = max(d, 0).Truncate(time.Second)
	var parts []string
	for _, unit := range []struct {
		of   time.Duration
		name string
	}{{time.Hour, "h"}, {time.Minute, "min"}, {time.Second, "s"}} {
		if n := d / unit.of; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, unit.name))
			d -= n * unit.of
		}
	}
	if len(parts) == 0 {
		return "0 min"
	}
	return strings.Join(parts, " ")
}

// SpanWhy says why a part of a clock's time counts or does not. holiday is what the day is
// called.
func (w *Words) SpanWhy(s *ticket.ClockSpan, calendar, holiday string, r Reader) string {
	c := &w.Clock
	if holiday = strings.TrimSpace(holiday); holiday == "" {
		holiday = s.Day
	} else {
		holiday += " (" + s.Day + ")"
	}
	var who, reason string
	if s.Pause != nil {
		who, reason = w.Who(&s.Pause.By, r), c.Reasons[s.Pause.Reason]
	}
	return Fill(c.Spans[s.Why], "calendar", calendar, "holiday", holiday, "who", who, "reason", reason, "counted", Exactly(s.Counted))
}

// ClockState is how a clock stands, as a sentence needs it.
type ClockState struct {
	State               ticket.GTIState
	Began, Due, Stopped time.Time
	Within, Used        time.Duration
	Calendar            string
}

// ClockSum says the whole of a clock in words.
func (w *Words) ClockSum(s *ClockState, r Reader) string {
	c := &w.Clock
	if s.State == ticket.GTINone {
		return c.Empty
	}
	more := c.SumDue
	switch {
	case s.State == ticket.GTIPaused:
		more = c.SumPaused
	case s.State == ticket.GTIMet:
		more = c.SumMet
	case s.State == ticket.GTIMissed && s.Stopped.IsZero():
		more = c.SumLate
	case s.State == ticket.GTIMissed:
		more = c.SumMissed
	}
	used := s.Used.Truncate(time.Second) // what is used and what is left make the whole, as they are read
	due := ""
	if !s.Due.IsZero() {
		due = r.at(s.Due)
	}
	return Fill(c.Sum+" "+more, "began", r.at(s.Began), "within", Exactly(s.Within), "calendar", s.Calendar, "used", Exactly(used),
		"due", due, "left", Exactly(s.Within-used), "over", Exactly(used-s.Within))
}

// ClockName is what a clock is called; that of no kind is the GTI's.
func (w *Words) ClockName(of ticket.ClockKind) string {
	if of == "" {
		return w.Page.GTIWord
	}
	return cmp.Or(w.Clock.Kinds[of], string(of))
}

// TreatedFor says how long a ticket was treated by the clock, and how long by its tasks;
// empty if there is nothing to say.
func (w *Words) TreatedFor(counted time.Duration, begun bool, minutes int) string {
	tasks := Exactly(time.Duration(minutes) * time.Minute)
	switch {
	case begun:
		return Fill(w.Clock.Treated, "length", Exactly(counted), "minutes", tasks)
	case minutes > 0:
		return Fill(w.Clock.TreatedTasks, "minutes", tasks)
	}
	return ""
}

// recounts says which clocks were counted again, in sentences after another one.
func (w *Words) recounts(a *ticket.Args, r Reader) (told string) {
	if a.Clock != nil {
		told += ". " + Capital(w.recounted(a.Clock, r))
	}
	for i := range a.Clocks {
		told += ". " + w.ClockName(a.Clocks[i].Of) + ": " + w.recounted(&a.Clocks[i], r)
	}
	return told
}

// recounted says that a clock was counted again, with both results.
func (w *Words) recounted(c *ticket.Recount, r Reader) string {
	return Fill(w.Clock.Recounted, "was", w.clockResult(&c.Was, r), "now", w.clockResult(&c.Now, r))
}

func (w *Words) clockResult(c *ticket.ClockResult, r Reader) string {
	text := w.Clock.Result
	switch {
	case c.Within == 0:
		return w.Clock.NoPromise
	case c.DueAt.IsZero():
		return Fill(w.Clock.ResultPaused, "within", Exactly(time.Duration(c.Within)), "calendar", c.Calendar)
	}
	return Fill(text, "within", Exactly(time.Duration(c.Within)), "calendar", c.Calendar, "due", r.at(c.DueAt))
}
