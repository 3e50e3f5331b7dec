package lang

import (
	"cmp"
	"strconv"
)

// Pool is what the console says of where a ticket stands at the desk: in whose pool, in
// which tier, who answers for it and who helps.
type Pool struct {
	Tier, Pool, Common, Owner, With string // facts; Common: the pool of everybody
	Place                           string // heads what moves a ticket
	Take, Edit, TakeNote            string // TakeNote: what taking does to a ticket that pages
	Release, ReleaseNote            string // ReleaseNote: what that does to one that somebody had taken
	Up, Down                        string
	To, ToGroup, Owns, Helps        string // To: which group; the others are buttons
	NoHelp                          string // who
	Messages                        map[string]string

	Here   string            // who else is at the ticket, and since when
	Fits   string            // heads those who are proposed
	Whys   map[string]string // why somebody is: with the group, the skill, or how many tickets
	Skills map[string]string
}

// Reason says why somebody is proposed for a ticket.
func (p *Pool) Reason(why, group, skill string, n int) string {
	if skill = p.Skills[skill]; skill == "" {
		skill = p.Skills["standard"]
	}
	return Fill(cmp.Or(p.Whys[why], why), "group", group, "skill", skill, "n", strconv.Itoa(n))
}

var poolEnglish = Pool{
	Tier: "Tier", Pool: "In the pool of", Common: "everybody", Owner: "Answers for it", With: "Helps",
	Place: "Pool and tier", Take: "I take it", Edit: "I take it and edit it", TakeNote: "Nobody has it. Whoever takes it stops the pages.",
	Release: "Back into the pool", ReleaseNote: "Nobody has it any more: paging starts again.",
	Up: "Up a tier", Down: "Down a tier", To: "Group", ToGroup: "Into its pool", Owns: "Answers for it", Helps: "Helps", NoHelp: "{who} helps no more",
	Messages: map[string]string{
		"take": "You have it.", "edit": "You have it.", "release": "It is in the pool: nobody has it.",
		"escalate_tier": "It is a tier further up.", "deescalate_tier": "It is a tier further down.", "no_tier": "There is no tier further on.",
	},
	Here: "{who} has opened it to edit it, at {at}.",
	Fits: "Who fits best now",
	Whys: map[string]string{
		"referent": "referent of the customer",
		"group":    "of {group}, whose pool it is",
		"tier":     "of {group}, of this tier",
		"duty":     "on call ({group})",
		"customer": "works for this customer",
		"skill":    "skill: {skill}",
		"below":    "skill only: {skill}",
		"contract": "free enough for the GTI",
		"load":     "tickets now: {n}",
	},
	Skills: map[string]string{
		"standard":  "standard",
		"confirmed": "confirmed",
		"expert":    "expert",
	},
}

var poolFrench = Pool{
	Tier: "Niveau", Pool: "Dans le pot de", Common: "tous", Owner: "En répond", With: "En renfort",
	Place: "Pot commun et niveau", Take: "Je prends", Edit: "Je prends et je modifie", TakeNote: "Personne ne l'a. Qui le prend arrête les appels.",
	Release: "Remettre au pot", ReleaseNote: "Plus personne ne l'a : les appels recommencent.",
	Up: "Niveau supérieur", Down: "Niveau inférieur", To: "Groupe", ToGroup: "Dans son pot", Owns: "En répond", Helps: "En renfort", NoHelp: "Sans le renfort de {who}",
	Messages: map[string]string{
		"take": "Il est à vous.", "edit": "Il est à vous.", "release": "Remis au pot : personne ne l'a.",
		"escalate_tier": "Passé au niveau supérieur.", "deescalate_tier": "Passé au niveau inférieur.", "no_tier": "Il n'y a pas de niveau plus loin.",
	},
	Here: "{who} l'a ouvert pour le modifier, à {at}.",
	Fits: "Qui convient le mieux",
	Whys: map[string]string{
		"referent": "référent du client",
		"group":    "de {group}, dont c'est le pot",
		"tier":     "de {group}, de ce niveau",
		"duty":     "d'astreinte ({group})",
		"customer": "travaille pour ce client",
		"skill":    "compétence : {skill}",
		"below":    "compétence seulement : {skill}",
		"contract": "assez libre pour la GTI",
		"load":     "tickets en cours : {n}",
	},
	Skills: map[string]string{
		"standard":  "standard",
		"confirmed": "confirmé",
		"expert":    "expert",
	},
}

var poolItalian = Pool{
	Tier: "Livello", Pool: "Nel gruppo di", Common: "tutti", Owner: "Ne risponde", With: "In aiuto",
	Place: "Gruppo e livello", Take: "Lo prendo", Edit: "Lo prendo e lo modifico", TakeNote: "Non ce l'ha nessuno. Chi lo prende ferma le chiamate.",
	Release: "Rimetti nel gruppo", ReleaseNote: "Non ce l'ha più nessuno: le chiamate ricominciano.",
	Up: "Livello superiore", Down: "Livello inferiore", To: "Gruppo", ToGroup: "Al gruppo", Owns: "Ne risponde", Helps: "In aiuto", NoHelp: "Senza l'aiuto di {who}",
	Messages: map[string]string{
		"take": "È suo.", "edit": "È suo.", "release": "È nel gruppo: non ce l'ha nessuno.",
		"escalate_tier": "Passato al livello superiore.", "deescalate_tier": "Passato al livello inferiore.", "no_tier": "Non c'è un livello oltre.",
	},
	Here: "{who} l'ha aperto per modificarlo, alle {at}.",
	Fits: "Chi è più adatto",
	Whys: map[string]string{
		"referent": "referente del cliente",
		"group":    "di {group}, che ha il ticket",
		"tier":     "di {group}, di questo livello",
		"duty":     "reperibile ({group})",
		"customer": "lavora per questo cliente",
		"skill":    "competenza: {skill}",
		"below":    "competenza soltanto: {skill}",
		"contract": "abbastanza libero per la GTI",
		"load":     "ticket in corso: {n}",
	},
	Skills: map[string]string{
		"standard":  "standard",
		"confirmed": "confermata",
		"expert":    "esperta",
	},
}
