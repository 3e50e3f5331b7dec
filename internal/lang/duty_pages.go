package lang

// DutyPages are what the console says of changes of who is on call. Templates name
// its fields.
type DutyPages struct {
	Change, ChangeIt, Back                      string
	TakeOver, TakeFor, TakeUntil                string // TakeFor: {n} hours; TakeUntil: {at}
	CoverTurn, ICover, NoTurns                  string
	Asked, Accept, Decline, Undo                string
	List, None, Void                            string // Void: {n}
	ByWhom, Nobody, StandsIn                    string // ByWhom: {who}
	Drag                                        string
	Kind, Group, Person, InsteadOf, From, To    string
	With, TheirFrom, TheirTo, Note, SwapOnly    string
	Everybody, Choose, NowHint, Show, Save      string
	SaveOver, Does, Nothing, Asks, FromNow      string // Asks: {who}
	Gap, RestDay, RestWeek, Twice, Overlap      string
	Cover, CoverAll, As, Swap                   string // {who}, {of}, {hours}, {theirs}
	Span                                        string // {from}, {to}
	Past, OffersOnly, Refused, Busy, NothingFor string
	TooMany                                     string
	Kinds, States, Done, Wrong                  map[string]string
}

var dutyPagesEnglish = DutyPages{
	Change: "Change who is on call", ChangeIt: "Change who is on call …", Back: "Back to the month",
	TakeOver: "I take over from now", TakeFor: "{n} h", TakeUntil: "until {at}",
	CoverTurn: "Cover a colleague's turn", ICover: "I cover it", NoTurns: "No colleague's turn begins in the next four weeks.",
	Asked: "You are asked", Accept: "Accept", Decline: "Decline", Undo: "Undo",
	List: "Replacements", None: "None in this month.", Void: "Replacements that are void, because somebody whom they name, or their group, is not configured any more: {n}. They change nothing.",
	ByWhom: "made by {who}", Nobody: "NOBODY", StandsIn: "stands in",
	Drag: "Drag over days of a group to fill the form in.",
	Kind: "What", Group: "Group", Person: "Who", InsteadOf: "In whose place", From: "From", To: "Until",
	With: "Swaps with", TheirFrom: "That one's hours from", TheirTo: "until", Note: "Why", SwapOnly: "Of a swap only",
	Everybody: "everybody's", Choose: "choose …", NowHint: "empty: from now on", Show: "Show what it does", Save: "Save",
	SaveOver: "Replace that one, and save", Does: "What it does", Nothing: "Nothing is doubtful: there is somebody at all hours, rest is long enough, nobody is in two places.",
	Asks: "It is an offer: it holds once {who} accepts it.", FromNow: "now",
	Gap: "{group}: NOBODY on call, {hours}", RestDay: "{who} rests {rest} h between two duties, {hours}: {due} h are due",
	RestWeek: "{who} has no rest of {due} h in more than seven days, {hours}", Twice: "{who} is on call in {one} and in {other} at once, {hours}",
	Overlap: "It takes the place of another one: {what}", Cover: "{who} in the place of {of}, {hours}", CoverAll: "{who} in everybody's place, {hours}",
	As: "{who} as well, {hours}", Swap: "{who} takes {hours} of {of}, who takes {theirs}", Span: "{from} to {to}",
	Past: "over", OffersOnly: "You take hours over yourself. What you ask of a colleague is an offer that the colleague accepts.",
	Refused: "Nothing was saved.", Busy: "Who is on call cannot be changed while the store is away. Paging goes on.", NothingFor: "Nobody's duty is touched: whoever's place it takes is not on call then.",
	TooMany: "You made too many replacements. Undo some that are still to come, or try again tomorrow.",
	Kinds:   map[string]string{"cover": "In somebody's place", "besides": "As well", "swap": "Swap hours"},
	States:  map[string]string{"offered": "offered to {who}", "planned": "planned", "declined": "declined", "lapsed": "nobody accepted it in time", "dropped": "undone", "void": "void"},
	Done: map[string]string{
		"made": "Saved: it holds at once.", "offered": "Offered: it holds once it is accepted.", "accept": "Accepted: it holds.", "decline": "Declined: nothing changes.", "drop": "Undone.",
		"over": "Nothing changed: it was accepted, declined, undone or over by then.", "forbidden": "Nothing changed: that is for the person concerned, or a manager.", "overlap": "Nothing changed: another replacement has that place by now.",
	},
	Wrong: map[string]string{
		"group": "There is no such group.", "person": "Choose who is on call.", "instead_of": "In whose place? Choose somebody else, or everybody.", "with": "Choose with whom hours are swapped.",
		"kind": "Choose what it is.", "from": "The beginning cannot be read, or is too far ahead.", "to": "The end is missing, before the beginning, or too late: a year is the longest.",
		"their_from": "The beginning of the other hours cannot be read.", "their_to": "The end of the other hours is missing, or before their beginning.", "note": "The note is too long.",
	},
}

var dutyPagesFrench = DutyPages{
	Change: "Changer qui est d'astreinte", ChangeIt: "Changer qui est d'astreinte…", Back: "Retour au mois",
	TakeOver: "Je prends l'astreinte maintenant", TakeFor: "{n} h", TakeUntil: "jusqu'à {at}",
	CoverTurn: "Remplacer un collègue", ICover: "Je remplace", NoTurns: "Aucun tour de collègue ne commence dans les quatre semaines.",
	Asked: "On vous demande", Accept: "Accepter", Decline: "Refuser", Undo: "Annuler",
	List: "Remplacements", None: "Aucun ce mois-ci.", Void: "Remplacements sans effet, car une personne ou un groupe n'est plus configuré : {n}. Ils ne changent rien.",
	ByWhom: "fait par {who}", Nobody: "PERSONNE", StandsIn: "remplace",
	Drag: "Glissez sur les jours d'un groupe pour remplir le formulaire.",
	Kind: "Quoi", Group: "Groupe", Person: "Qui", InsteadOf: "À la place de", From: "De", To: "Jusqu'à",
	With: "Échange avec", TheirFrom: "Ses heures, de", TheirTo: "jusqu'à", Note: "Pourquoi", SwapOnly: "Pour un échange seulement",
	Everybody: "tout le monde", Choose: "choisir…", NowHint: "vide : dès maintenant", Show: "Voir ce que cela fait", Save: "Enregistrer",
	SaveOver: "Remplacer celui-là et enregistrer", Does: "Ce que cela fait", Nothing: "Rien d'anormal : il y a quelqu'un à toute heure, le repos suffit, personne n'est à deux endroits.",
	Asks: "C'est une proposition : elle vaut dès que {who} accepte.", FromNow: "maintenant",
	Gap: "{group} : PERSONNE d'astreinte, {hours}", RestDay: "{who} n'a que {rest} h de repos entre deux astreintes, {hours} : il en faut {due}",
	RestWeek: "{who} n'a pas de repos de {due} h en plus de sept jours, {hours}", Twice: "{who} est d'astreinte dans {one} et dans {other} à la fois, {hours}",
	Overlap: "Il prend la place d'un autre : {what}", Cover: "{who} à la place de {of}, {hours}", CoverAll: "{who} à la place de tout le monde, {hours}",
	As: "{who} en plus, {hours}", Swap: "{who} prend {hours} de {of}, qui prend {theirs}", Span: "{from} au {to}",
	Past: "passé", OffersOnly: "Vous prenez vous-même des heures. Ce que vous demandez à un collègue est une proposition qu'il accepte.",
	Refused: "Rien n'a été enregistré.", Busy: "L'astreinte ne peut pas être changée tant que la base est absente. Les appels continuent.", NothingFor: "L'astreinte de personne n'est touchée : qui est remplacé n'est pas d'astreinte alors.",
	TooMany: "Vous avez fait trop de remplacements. Annulez-en qui sont à venir, ou réessayez demain.",
	Kinds:   map[string]string{"cover": "À la place de quelqu'un", "besides": "En plus", "swap": "Échanger des heures"},
	States:  map[string]string{"offered": "proposé à {who}", "planned": "prévu", "declined": "refusé", "lapsed": "personne n'a accepté à temps", "dropped": "annulé", "void": "sans effet"},
	Done: map[string]string{
		"made": "Enregistré : cela vaut tout de suite.", "offered": "Proposé : cela vaut dès que c'est accepté.", "accept": "Accepté : cela vaut.", "decline": "Refusé : rien ne change.", "drop": "Annulé.",
		"over": "Rien n'a changé : c'était déjà accepté, refusé, annulé ou passé.", "forbidden": "Rien n'a changé : c'est à la personne concernée, ou à un responsable.", "overlap": "Rien n'a changé : un autre remplacement a cette place.",
	},
	Wrong: map[string]string{
		"group": "Ce groupe n'existe pas.", "person": "Choisissez qui est d'astreinte.", "instead_of": "À la place de qui ? Choisissez quelqu'un d'autre, ou tout le monde.", "with": "Choisissez avec qui échanger.",
		"kind": "Choisissez ce que c'est.", "from": "Le début est illisible, ou trop lointain.", "to": "La fin manque, précède le début, ou est trop tardive : un an au plus.",
		"their_from": "Le début des autres heures est illisible.", "their_to": "La fin des autres heures manque, ou précède leur début.", "note": "La note est trop longue.",
	},
}

var dutyPagesItalian = DutyPages{
	Change: "Cambiare chi è reperibile", ChangeIt: "Cambiare chi è reperibile…", Back: "Torna al mese",
	TakeOver: "Subentro da adesso", TakeFor: "{n} h", TakeUntil: "fino a {at}",
	CoverTurn: "Sostituire un collega", ICover: "Lo sostituisco", NoTurns: "Nessun turno di un collega inizia nelle prossime quattro settimane.",
	Asked: "Le si chiede", Accept: "Accetta", Decline: "Rifiuta", Undo: "Annulla",
	List: "Sostituzioni", None: "Nessuna in questo mese.", Void: "Sostituzioni senza effetto, perché una persona o un gruppo non è più configurato: {n}. Non cambiano nulla.",
	ByWhom: "fatta da {who}", Nobody: "NESSUNO", StandsIn: "sostituisce",
	Drag: "Trascini sui giorni di un gruppo per compilare il modulo.",
	Kind: "Cosa", Group: "Gruppo", Person: "Chi", InsteadOf: "Al posto di", From: "Da", To: "Fino a",
	With: "Scambia con", TheirFrom: "Le sue ore, da", TheirTo: "fino a", Note: "Perché", SwapOnly: "Solo per uno scambio",
	Everybody: "tutti", Choose: "scegliere…", NowHint: "vuoto: da adesso", Show: "Mostra cosa fa", Save: "Salva",
	SaveOver: "Sostituisci quella e salva", Does: "Che cosa fa", Nothing: "Niente di dubbio: c'è qualcuno a ogni ora, il riposo basta, nessuno è in due posti.",
	Asks: "È una proposta: vale appena {who} accetta.", FromNow: "adesso",
	Gap: "{group}: NESSUNO reperibile, {hours}", RestDay: "{who} riposa {rest} h tra due turni, {hours}: ne servono {due}",
	RestWeek: "{who} non ha un riposo di {due} h in più di sette giorni, {hours}", Twice: "{who} è reperibile in {one} e in {other} insieme, {hours}",
	Overlap: "Prende il posto di un'altra: {what}", Cover: "{who} al posto di {of}, {hours}", CoverAll: "{who} al posto di tutti, {hours}",
	As: "{who} in più, {hours}", Swap: "{who} prende {hours} di {of}, che prende {theirs}", Span: "{from} al {to}",
	Past: "passata", OffersOnly: "Lei prende ore per sé. Ciò che chiede a un collega è una proposta che il collega accetta.",
	Refused: "Niente è stato salvato.", Busy: "Chi è reperibile non si può cambiare finché il database è assente. Le chiamate continuano.", NothingFor: "Il turno di nessuno è toccato: chi viene sostituito non è reperibile allora.",
	TooMany: "Lei ha creato troppe sostituzioni. Ne annulli alcune future, o riprovi domani.",
	Kinds:   map[string]string{"cover": "Al posto di qualcuno", "besides": "In più", "swap": "Scambiare ore"},
	States:  map[string]string{"offered": "proposta a {who}", "planned": "prevista", "declined": "rifiutata", "lapsed": "nessuno l'ha accettata in tempo", "dropped": "annullata", "void": "senza effetto"},
	Done: map[string]string{
		"made": "Salvata: vale subito.", "offered": "Proposta: vale appena è accettata.", "accept": "Accettata: vale.", "decline": "Rifiutata: non cambia nulla.", "drop": "Annullata.",
		"over": "Niente è cambiato: era già accettata, rifiutata, annullata o passata.", "forbidden": "Niente è cambiato: spetta alla persona interessata, o a un responsabile.", "overlap": "Niente è cambiato: un'altra sostituzione ha quel posto.",
	},
	Wrong: map[string]string{
		"group": "Questo gruppo non esiste.", "person": "Scelga chi è reperibile.", "instead_of": "Al posto di chi? Scelga qualcun altro, o tutti.", "with": "Scelga con chi scambiare.",
		"kind": "Scelga che cosa è.", "from": "L'inizio non si legge, o è troppo lontano.", "to": "La fine manca, precede l'inizio, o è troppo tardi: un anno al massimo.",
		"their_from": "L'inizio delle altre ore non si legge.", "their_to": "La fine delle altre ore manca, o precede il loro inizio.", "note": "La nota è troppo lunga.",
	},
}
