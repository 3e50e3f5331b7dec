package lang

import "github.com/astreinte/astreinte/internal/ticket"

var consoleFrench = Console{
	Now: "Maintenant", Tickets: "Tickets", OnCall: "Astreinte", People: "Équipe", Sources: "Sources", Health: "Santé", MyPage: "Ma page", SignOut: "Se déconnecter",
	Skip: "Aller au contenu", Main: "Principal", ZoneNote: "Heures de {zone}. Vu à {at}.",
	Stale: "Ce qui est affiché date de {ago} : le service est injoignable.", Away: "Reconnexion…", Reload: "Recharger",
	NotFound: "Il n'y a rien ici", NotFoundText: "L'adresse est fausse, ou ce qu'elle montrait n'existe plus.",
	Forbidden: "Votre rôle ne le permet pas", ForbiddenText: "Quelqu'un d'un autre rôle peut le faire.",
	BadRequest: "C'est illisible", BadRequestText: "Revenez, corrigez, et réessayez.",
	StoreDown: "Le service ne peut pas répondre", StoreDownText: "On ne sait pas si quelque chose a été fait. Les appels continuent. Réessayez dans un instant.",
	SignedOut: "Vous n'êtes pas connecté", SignedOutText: "Reconnectez-vous pour continuer.",
	Gone: "C'est terminé",

	AsksNow: "Demande quelqu'un", NobodyNow: "Rien ne demande personne.", TakenNow: "Pris", NoneTaken: "Rien n'est pris.",
	Until: "jusqu'à {at}", Next: "puis {who}", Always: "toujours", Nobody: "personne",
	PagerWell: "Le service va bien.", PagerWrong: "Quelque chose ne va pas dans le service", SeeHealth: "Voir la santé",
	Compared: "Il y en a beaucoup. De chaque urgence, les {n} plus récents sont comparés.", MoreOpen: "encore {n} ouverts", MoreTaken: "encore {n} pris",
	Take: "Je prends",

	Lacks: map[ticket.Missing]string{
		ticket.MissingClosed: "L’archive est indisponible : seuls les tickets ouverts sont ici.",
		ticket.MissingRecent: "L’archive est en retard : certains tickets peuvent être montrés tels qu’ils étaient.",
	},
	Search: "Chercher", Words: "Mots", WordsHint: "numéro, titre, client, notes", Apply: "Afficher", Clear: "Tout afficher",
	State: "État", Urgency: "Urgence", Customer: "Client", Assignee: "Attribué à",
	Anybody: "n'importe qui", Any: "tous", Since: "Ouverts depuis", UntilDay: "Ouverts avant",
	None: "Aucun ticket ne correspond.", Found: "{n} sur cette page", More: "Suite", First: "Retour aux plus récents",
	TakeChosen: "Je prends ceux choisis", ChooseAll: "Tout choisir", Choose: "Choisir {number}",
	Saved: "Filtres gardés", SaveAs: "Garder ce filtre sous le nom", Save: "Garder", Forget: "Oublier {name}", ManySaved: "Vous avez déjà autant de filtres qu'il se peut. Oubliez-en un d'abord.",
	BulkDone: "Pris : {n}.", BulkLeft: "Laissés tels quels, car quelqu'un les a ou c'est terminé : {n}.", BulkNone: "Aucun n'était choisi.",
	Keys: "Touches", KeyNext: "suivant", KeyBack: "précédent", KeyOpen: "ouvrir", KeyTake: "prendre", KeySearch: "chercher", KeyHelp: "cette aide",
	States: map[ticket.State]string{
		ticket.Open: "ouvert", ticket.Acknowledged: "pris", ticket.InProgress: "en cours", ticket.StateResolved: "résolu", ticket.Closed: "clos",
	},
	Opened: "Ouvert", GTI: "GTI", Title: "Quoi", Number: "Numéro",

	Paged: "Qui a été appelé", NobodyPaged: "Personne n'a été appelé.", By: "par", At: "à", Arrived: "arrivé {at}",
	PageStates: map[ticket.PageState]string{
		ticket.PageQueued: "attend", ticket.PageSending: "en cours d'envoi", ticket.PageSent: "envoyé, sans accusé", ticket.PageDelivered: "arrivé",
		ticket.PageUndelivered: "non remis", ticket.PageFailed: "échec", ticket.PageUnknown: "incertain", ticket.PageBundled: "envoyé avec d'autres",
		ticket.PageCancelled: "plus nécessaire",
	},
	Kinds: map[ticket.Kind]string{ticket.Incident: "panne", ticket.Request: "demande"},
	Kind:  "Genre", Policy: "Politique", Contract: "Contrat", Source: "Source",
	Assign: "Attribuer", AssignTo: "Attribuer à", Reopen: "Rouvrir", Close: "Clore",
	MoreActions: "Autres actions", ReopenSure: "Le rouvrir : les appels commencent.", CloseSure: "Le clore : ses liens s'éteignent.",
	Damaged: "{n} parties illisibles sont laissées de côté.", LeftOut: "{n} lignes n'avaient plus de place et manquent.",
	UTC: "UTC", OnlyLook: "Votre rôle permet de regarder, pas d'agir.",
	Messages: map[string]string{"pause": "Le compteur est en pause.", "resume": "Le compteur a repris.", "clock": "Rien n'a été fait : le compteur ne peut être ni mis en pause ni repris ainsi.", "qualify": "Enregistré.", "unchanged": "Rien n'a été modifié.", "opened": "Le ticket est ouvert.", "assign": "Attribué.", "reopen": "Rouvert : les appels commencent.", "close": "Clos.", "forbidden": "Votre rôle ne le permet pas."},

	Group: "Groupe", Person: "Personne", Month: "Mois", Earlier: "Avant", Later: "Après", Today: "Aujourd'hui", Changes: "Relève",
	MonthNames: map[string]string{
		"1": "janvier", "2": "février", "3": "mars", "4": "avril", "5": "mai", "6": "juin",
		"7": "juillet", "8": "août", "9": "septembre", "10": "octobre", "11": "novembre", "12": "décembre",
	},
	DayNames: map[string]string{"1": "lun.", "2": "mar.", "3": "mer.", "4": "jeu.", "5": "ven.", "6": "sam.", "0": "dim."},

	Numbers: "Numéros", Devices: "Appareils", NoNumber: "Aucun numéro n'est configuré.", NoDevice: "Aucun appareil n'est enregistré.", Language: "Langue",
	Role: "Rôle", Email: "Courriel", Test: "Envoyer un essai", TestAll: "par tous les moyens", Try: "Essayer", TestBy: "par {channel}", LastTest: "Dernier essai",
	NeverTested: "Aucun essai n'a encore été envoyé.", Proven: "prouvé", Unproven: "sans preuve depuis 30 jours", ProvenAt: "dernière preuve {at}",
	Remove: "Retirer", Registered: "enregistré {at}", Signing: "Sessions et clés d'accès",
	Roles:     map[string]string{"reader": "lecteur", "technician": "technicien", "manager": "responsable", "admin": "administrateur"},
	Platforms: map[string]string{"android": "Android", "ios": "iOS", "web": "Web"},
	Languages: map[string]string{"fr": "français", "en": "anglais", "it": "italien"},
	NoWay:     "Il n'y a ni numéro ni appareil à essayer.", TooMany: "Cela fait beaucoup d'essais. Attendez quelques minutes.",

	TestHeard: "message d'essai",
	LastHeard: "Dernière nouvelle", NeverHeard: "rien de connu", Refused: "refusée", Silent: "muette",
	TicketsOpen: "Tickets", Bound: "À sa limite", Type: "Type",
	Well: "va bien", Trouble: "ne va pas", Provider: "Opérateur", Channel: "Canal",
	Store: "Base", Queue: "Envois en attente", Oldest: "le plus ancien depuis {ago}", Late: "Échéances en retard", Doubts: "Doutes de check",
	Warnings: "Avertissements", Unread: "illisible", Version: "Version", Reason: "Pourquoi",
	NoTrouble: "Rien.",
	Troubles:  map[string]string{"store": "La base ne peut pas être écrite : de nouvelles alertes peuvent être refusées.", "provider": "{name} ({channel}) est en échec.", "source": "La source {name} est refusée depuis {at} : ses alertes n'entrent pas.", "waits": "Un envoi attend depuis {ago}.", "warnings": "Il y a des avertissements."},

	Wall: "Mur", WallSound: "Son à chaque nouveau ticket", WallNew: "Créer une adresse pour un écran mural", WallAddress: "Elle n'est montrée qu'une fois. Qui l'a voit les titres, les clients et qui est d'astreinte.",
	WallRevoke: "Révoquer", WallText: "Adresses d'écrans muraux", OpenNow: "ouverts",
}
