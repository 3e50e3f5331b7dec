package lang

import (
	"cmp"
	"strconv"

	"github.com/astreinte/astreinte/internal/ticket"
)

// Recheck is what is said of checking again.
type Recheck struct {
	// Waits is said until the answer is there, Busy to whoever asks too often.
	Waits, Busy, BusyText string

	// What was found: since when, what is said of it, when that was seen.
	DownSince, Down, BackSince, Back, Unclear string

	What, Many, One, More string // before what is said; of several alerts; one of them; how many more
	Stays                 string // after what is over
	Reasons               map[ticket.FindingReason]string
}

var recheckEnglish = Recheck{
	Waits: "Checking: the answer comes here within a minute.", Busy: "Too many checks within a minute: wait a little, then ask again.", BusyText: "{code}: NOT checked, too many checks within a minute. Ask again in a minute",
	DownSince: "still down since {since}{what}, checked {at}", Down: "still down{what}, checked {at}",
	BackSince: "back since {since}{what}, checked {at}", Back: "back{what}, checked {at}", Unclear: "could not be checked{what}",
	What: ": {what}", Many: "{down} down, {back} back, {unclear} not known of {n} checked", One: "{title}: {said}", More: " ({n} more were not)",
	Stays: "The ticket stays as it is until its tool says so itself.",
	Reasons: map[ticket.FindingReason]string{
		ticket.ReasonNoAnswer: "no answer", ticket.ReasonRefused: "connection refused", ticket.ReasonUnreachable: "no way leads there", ticket.ReasonTLS: "its certificate is not good", ticket.ReasonCut: "the answer broke off",
		ticket.ReasonUnresolved: "its name is not known", ticket.ReasonForbidden: "its address may not be looked at (recheck_networks)", ticket.ReasonLabel: "its labels name no host", ticket.ReasonNoPing: "this daemon may not ping",
		ticket.ReasonToolAway: "its tool does not answer", ticket.ReasonToolRefuses: "its tool does not let us ask", ticket.ReasonToolUnknown: "its tool does not know it", ticket.ReasonToolSlow: "its tool has no new result yet",
		ticket.ReasonTooLate: "the check was broken off, ask again", ticket.ReasonNothing: "nothing can be asked about it",
	},
}

var recheckFrench = Recheck{
	Waits: "Vérification en cours : la réponse arrive ici dans la minute.", Busy: "Trop de vérifications en une minute : patientez un peu, puis redemandez.", BusyText: "{code}: PAS verifie, trop de verifications en une minute. Redemandez dans une minute",
	DownSince: "toujours en panne depuis {since}{what}, vérifié {at}", Down: "toujours en panne{what}, vérifié {at}",
	BackSince: "rétabli depuis {since}{what}, vérifié {at}", Back: "rétabli{what}, vérifié {at}", Unclear: "n'a pas pu être vérifié{what}",
	What: " : {what}", Many: "{down} en panne, {back} rétablies, {unclear} inconnues sur {n} vérifiées", One: "{title} : {said}", More: " ({n} autres ne l'ont pas été)",
	Stays: "Le ticket reste tel quel jusqu'à ce que son outil le dise lui-même.",
	Reasons: map[ticket.FindingReason]string{
		ticket.ReasonNoAnswer: "pas de réponse", ticket.ReasonRefused: "connexion refusée", ticket.ReasonUnreachable: "aucun chemin n'y mène", ticket.ReasonTLS: "son certificat n'est pas bon", ticket.ReasonCut: "la réponse s'est interrompue",
		ticket.ReasonUnresolved: "son nom est inconnu", ticket.ReasonForbidden: "son adresse ne doit pas être consultée (recheck_networks)", ticket.ReasonLabel: "ses étiquettes ne nomment aucun hôte", ticket.ReasonNoPing: "ce démon n'a pas le droit de faire un ping",
		ticket.ReasonToolAway: "son outil ne répond pas", ticket.ReasonToolRefuses: "son outil ne nous laisse pas demander", ticket.ReasonToolUnknown: "son outil ne le connaît pas", ticket.ReasonToolSlow: "son outil n'a pas encore de nouveau résultat",
		ticket.ReasonTooLate: "vérification interrompue, redemandez", ticket.ReasonNothing: "rien ne peut être demandé à son sujet",
	},
}

var recheckItalian = Recheck{
	Waits: "Controllo in corso: la risposta arriva qui entro un minuto.", Busy: "Troppi controlli in un minuto: aspetta un po', poi chiedi di nuovo.", BusyText: "{code}: NON controllato, troppi controlli in un minuto. Chiedi di nuovo tra un minuto",
	DownSince: "ancora guasto dalle {since}{what}, controllato {at}", Down: "ancora guasto{what}, controllato {at}",
	BackSince: "ripristinato dalle {since}{what}, controllato {at}", Back: "ripristinato{what}, controllato {at}", Unclear: "non si è potuto controllare{what}",
	What: ": {what}", Many: "{down} guasti, {back} ripristinati, {unclear} sconosciuti su {n} controllati", One: "{title}: {said}", More: " (altri {n} no)",
	Stays: "Il ticket resta com'è finché non lo dice il suo strumento.",
	Reasons: map[ticket.FindingReason]string{
		ticket.ReasonNoAnswer: "nessuna risposta", ticket.ReasonRefused: "connessione rifiutata", ticket.ReasonUnreachable: "nessuna via ci porta", ticket.ReasonTLS: "il suo certificato non è valido", ticket.ReasonCut: "la risposta si è interrotta",
		ticket.ReasonUnresolved: "il suo nome è sconosciuto", ticket.ReasonForbidden: "il suo indirizzo non va guardato (recheck_networks)", ticket.ReasonLabel: "le sue etichette non nominano un host", ticket.ReasonNoPing: "questo demone non può fare ping",
		ticket.ReasonToolAway: "il suo strumento non risponde", ticket.ReasonToolRefuses: "il suo strumento non ci lascia chiedere", ticket.ReasonToolUnknown: "il suo strumento non lo conosce", ticket.ReasonToolSlow: "il suo strumento non ha ancora un nuovo risultato",
		ticket.ReasonTooLate: "controllo interrotto, chiedi di nuovo", ticket.ReasonNothing: "non si può chiedere niente in merito",
	},
}

// Found says what came of checking a ticket again: "still down since 03:12: HTTP 503,
// checked 03:31". Of several alerts it says how many, and then of the one that matters
// most.
func (w *Words) Found(f *ticket.Found, r Reader) string {
	if f == nil {
		return ""
	}
	t := &w.Recheck
	said := w.finding(&f.Finding, r)
	if f.Checked()+f.Left <= 1 {
		return said
	}
	number := strconv.Itoa
	many := Fill(t.Many, "down", number(f.Down), "back", number(f.Back), "unclear", number(f.Unclear), "n", number(f.Checked()))
	if f.Left > 0 {
		many += Fill(t.More, "n", number(f.Left))
	}
	if f.Title != "" {
		said = Fill(t.One, "title", f.Title, "said", said)
	}
	return many + ". " + said
}

// finding says what was found of one alert.
func (w *Words) finding(f *ticket.Finding, r Reader) string {
	t := &w.Recheck
	text := t.Unclear
	switch {
	case f.State == ticket.FoundDown && f.Since.IsZero():
		text = t.Down
	case f.State == ticket.FoundDown:
		text = t.DownSince
	case f.State == ticket.FoundBack && f.Since.IsZero():
		text = t.Back
	case f.State == ticket.FoundBack:
		text = t.BackSince
	}
	what := f.Text
	if f.Reason != "" {
		what = cmp.Or(t.Reasons[f.Reason], string(f.Reason))
		if f.Text != "" {
			what += " (" + f.Text + ")"
		}
	}
	if what != "" {
		what = Fill(t.What, "what", what)
	}
	return Fill(text, "since", r.at(f.Since), "what", what, "at", r.at(f.At))
}
