package lang

// PhoneApp is the application on a phone: its checks, and what its service worker
// says. Templates and scripts name its fields.
type PhoneApp struct {
	Title, Intro, NoScript, ThisPhone, Again string

	// Whether a push arrives.
	Push, PushAsk, PushButton, PushHome, PushUnsupported, PushDenied, PushOff string
	PushWorking, PushSent, PushShown, PushConfirm, PushFailed                 string
	Shown, Confirmed, Unconfirmed                                             string // Shown, Confirmed: when
	Thanks                                                                    string

	// Whether the app is installed.
	Install, InstallDone, InstallOffer, InstallButton, InstallOther string
	InstallApple                                                    string
	PictureShare, PictureHome                                       string // what the pictures show

	// Whether it may sound at night.
	Sound, SoundWhy, Android, AndroidSteps, AndroidSleep string
	Apple, AppleSteps, AppleFocus                        string
	PictureSound, PictureFocus                           string

	// The numbers that pages come from.
	Card, CardWhy, CardButton, NoCard string

	// What the web cannot do.
	Limits, LimitSilent, LimitApple, LimitSleep, LimitSo string

	// Adding a phone, and taking one back.
	Phones, Add, AddWhy, AddButton, Scan, ScanUntil, ScanOnce, ScanSecret string // ScanUntil: when
	NoPhones, Added, AddedFrom, NoPush, TakeBack, TakenBack, NotMine      string
	CannotAdd                                                             string

	Worker WorkerWords
}

// WorkerWords are what the service worker says; a title and what stands under it.
type WorkerWords struct {
	Taken, TakenText, TakenLate, TakenLateText string // at: when it was pressed
	Other, OtherText                           string // somebody else was first
	Over, OverText, Some, SomeText             string
	Refused, RefusedText                       string
	Unreached, UnreachedText                   string
	Sending, Something, Again, Open            string
	Old, Seconds, Minutes, Hours               string
	Unknown, Kept, Undone                      string
}

var phoneAppEnglish = PhoneApp{
	Title: "This phone", Intro: "Four checks, once. Then a page wakes you.", NoScript: "The first check needs JavaScript. The link in each page works without it.",
	ThisPhone: "this phone", Again: "Check again",

	Push: "Does a push arrive?", PushAsk: "The browser asks whether it may notify you: say yes. Then a test page is sent to this phone.", PushButton: "Allow, and send a test",
	PushHome:        "On an iPhone or iPad, pushes come only to the app on the home screen. Install it first (below), open it from there, and come back to this page.",
	PushUnsupported: "This browser takes no pushes. Use Chrome, Edge or Firefox on Android, or Safari on iOS 16.4 or later.",
	PushDenied:      "Notifications are blocked for this site. Allow them in the settings of the browser (or of the phone, under the app's name), and open this page again.",
	PushOff:         "Pushes to browsers are off here (push.web in the configuration). You are paged by the other channels.",
	PushWorking:     "The test is being sent …", PushSent: "The test page is on its way. Lock the phone if you like: it should show it within seconds.",
	PushShown: "This phone has shown the test page. Did you see and hear it?", PushConfirm: "Yes, it came", PushFailed: "It did not work:",
	Shown: "showed a push {at}", Confirmed: "one was confirmed {at}", Unconfirmed: "unproven: no push was shown for 30 days", Thanks: "Noted: pushes arrive on this phone.",

	Install: "Is the app installed?", InstallDone: "Yes: this is the app from the home screen.", InstallOffer: "An app on the home screen opens at once and keeps what it knows without network.",
	InstallButton: "Install", InstallOther: "In the browser's menu: Install app, or Add to home screen.",
	InstallApple: "In Safari: the Share button, then Add to Home Screen, then Add. Open it from the home screen from then on.",
	PictureShare: "The Share button: a square with an arrow upwards", PictureHome: "Add to Home Screen: a square with a plus",

	Sound: "May it sound at night?", SoundWhy: "The phone decides about sound, and a web app cannot override it. Set this once:",
	Android: "Android", AndroidSteps: "Settings, Notifications, the browser or Astreinte: priority high, sound on, and Override Do Not Disturb where the phone has it. In Do Not Disturb, add the app to those that may interrupt.",
	AndroidSleep: "Settings, Battery: set the browser and Astreinte to Unrestricted, or the phone may hold a push back while it sleeps.",
	Apple:        "iPhone", AppleSteps: "Settings, Notifications, Astreinte: Allow Notifications, Lock Screen, Sounds.",
	AppleFocus:   "Settings, Focus, Sleep and Do Not Disturb: add Astreinte under Apps. The ring switch must not be on silent: a web app obeys it.",
	PictureSound: "Switches for notifications and sound, both on", PictureFocus: "A moon, and the app let through it",

	Card: "The numbers that pages come from", CardWhy: "Save this contact, then let it through at night: on an iPhone Edit, Ringtone and Text Tone, Emergency Bypass; on Android mark it as a favourite and let favourites interrupt.",
	CardButton: "Save the contact", NoCard: "No SMS sender with a number is configured.",

	Limits: "What this cannot do", LimitSilent: "It obeys silent mode and Focus.", LimitApple: "On iOS it must be installed on the home screen.",
	LimitSleep: "On Android, a phone in deep sleep may show it a minute late.", LimitSo: "So keep SMS or voice beside it.",

	Phones: "Phones", Add: "Add a phone", AddWhy: "Scan a code with the phone: it is signed in, and asks whether it may notify.", AddButton: "Show a code",
	Scan: "Scan this with the phone's camera", ScanUntil: "It works once, until {at}.", ScanOnce: "Once it is scanned, the phone stands below: check that it is yours.",
	ScanSecret: "Whoever scans it is signed in as {who}. Show it to nobody else.",
	NoPhones:   "No phone is signed in.", Added: "added {at}", AddedFrom: "from {address}", NoPush: "unproven: takes no pushes",
	TakeBack: "Take back", TakenBack: "It is signed out, and gets no pushes any more.", NotMine: "Is one of them not yours? Take it back.", CannotAdd: "Phones cannot be added here.",

	Worker: WorkerWords{
		Taken: "You have it", TakenText: "{ticket} acknowledged {at}", TakenLate: "You have it", TakenLateText: "{ticket} is acknowledged only now; you pressed at {at}",
		Other: "{who} has it", OtherText: "{ticket} was taken at {at}, before you. Nothing changed.", Over: "It is over", OverText: "{ticket} was over already. Nothing changed.",
		Some: "You have {done}", SomeText: "{left} were left as they are: somebody else has them, or they are over.",
		Refused: "NOT acknowledged", RefusedText: "{ticket}: the pager refused it and it is not tried again: {why}",
		Unreached: "NOT acknowledged yet", UnreachedText: "{ticket}: the pager could not be reached, and paging goes on. It is sent as soon as there is network.",
		Sending: "Sending …", Something: "A page from Astreinte", Again: "Try again", Open: "Open",
		Old: "No network. This was known at {at}, {ago} ago.", Seconds: "{n} s", Minutes: "{n} min", Hours: "{n} h",
		Unknown: "No network, and nothing is kept of this page.", Kept: "No network: NOT acknowledged yet, and paging goes on. It is kept, and sent as soon as there is network.",
		Undone: "No network: nothing was done.",
	},
}

var phoneAppFrench = PhoneApp{
	Title: "Ce téléphone", Intro: "Quatre vérifications, une fois. Ensuite une alerte vous réveille.", NoScript: "La première vérification demande JavaScript. Le lien de chaque message marche sans.",
	ThisPhone: "ce téléphone", Again: "Vérifier de nouveau",

	Push: "Une notification arrive-t-elle ?", PushAsk: "Le navigateur demande s'il peut vous notifier : dites oui. Un message d'essai part alors vers ce téléphone.", PushButton: "Autoriser et essayer",
	PushHome:        "Sur iPhone et iPad, seule l'application de l'écran d'accueil reçoit des notifications. Installez-la d'abord (plus bas), ouvrez-la de là, et revenez à cette page.",
	PushUnsupported: "Ce navigateur ne reçoit pas de notifications. Utilisez Chrome, Edge ou Firefox sur Android, ou Safari sur iOS 16.4 ou plus récent.",
	PushDenied:      "Les notifications sont bloquées pour ce site. Autorisez-les dans les réglages du navigateur (ou du téléphone, au nom de l'application), et rouvrez cette page.",
	PushOff:         "Les notifications de navigateur sont coupées ici (push.web dans la configuration). Vous êtes prévenu par les autres canaux.",
	PushWorking:     "L'essai part …", PushSent: "Le message d'essai est en route. Verrouillez le téléphone si vous voulez : il doit le montrer en quelques secondes.",
	PushShown: "Ce téléphone a montré le message d'essai. L'avez-vous vu et entendu ?", PushConfirm: "Oui, il est arrivé", PushFailed: "Cela n'a pas marché :",
	Shown: "a montré une notification {at}", Confirmed: "une confirmée {at}", Unconfirmed: "sans preuve : aucune notification montrée depuis 30 jours", Thanks: "C'est noté : les notifications arrivent sur ce téléphone.",

	Install: "L'application est-elle installée ?", InstallDone: "Oui : ceci est l'application de l'écran d'accueil.", InstallOffer: "Sur l'écran d'accueil, l'application s'ouvre aussitôt et garde ce qu'elle sait sans réseau.",
	InstallButton: "Installer", InstallOther: "Dans le menu du navigateur : Installer l'application, ou Ajouter à l'écran d'accueil.",
	InstallApple: "Dans Safari : le bouton Partager, puis Sur l'écran d'accueil, puis Ajouter. Ouvrez-la désormais de là.",
	PictureShare: "Le bouton Partager : un carré et une flèche vers le haut", PictureHome: "Sur l'écran d'accueil : un carré avec un plus",

	Sound: "Peut-elle sonner la nuit ?", SoundWhy: "C'est le téléphone qui décide du son, et une application web n'y peut rien. Réglez ceci une fois :",
	Android: "Android", AndroidSteps: "Paramètres, Notifications, le navigateur ou Astreinte : priorité haute, son, et Ignorer Ne pas déranger si le téléphone l'a. Dans Ne pas déranger, ajoutez l'application à celles qui peuvent interrompre.",
	AndroidSleep: "Paramètres, Batterie : mettez le navigateur et Astreinte sans restriction, sinon le téléphone peut retenir une notification quand il dort.",
	Apple:        "iPhone", AppleSteps: "Réglages, Notifications, Astreinte : Autoriser les notifications, Écran verrouillé, Sons.",
	AppleFocus:   "Réglages, Concentration, Sommeil et Ne pas déranger : ajoutez Astreinte sous Apps. Le bouton silence doit être relevé : une application web lui obéit.",
	PictureSound: "Les interrupteurs des notifications et du son, tous deux allumés", PictureFocus: "Une lune, et l'application qui passe",

	Card: "Les numéros d'où viennent les messages", CardWhy: "Enregistrez ce contact, puis laissez-le passer la nuit : sur iPhone Modifier, Sonnerie et Son du SMS, Contourner en urgence ; sur Android, mettez-le en favori et laissez les favoris interrompre.",
	CardButton: "Enregistrer le contact", NoCard: "Aucun expéditeur de SMS avec un numéro n'est configuré.",

	Limits: "Ce que cela ne peut pas", LimitSilent: "Le mode silencieux et les modes de concentration s'appliquent.", LimitApple: "Sur iOS, l'application doit être sur l'écran d'accueil.",
	LimitSleep: "Sur Android, un téléphone en veille profonde peut la montrer une minute plus tard.", LimitSo: "Gardez donc le SMS ou la voix à côté.",

	Phones: "Téléphones", Add: "Ajouter un téléphone", AddWhy: "Scannez un code avec le téléphone : il est connecté, et demande s'il peut notifier.", AddButton: "Montrer un code",
	Scan: "Scannez ceci avec l'appareil photo du téléphone", ScanUntil: "Il sert une fois, jusqu'à {at}.", ScanOnce: "Une fois scanné, le téléphone figure plus bas : vérifiez que c'est le vôtre.",
	ScanSecret: "Qui le scanne est connecté comme {who}. Ne le montrez à personne d'autre.",
	NoPhones:   "Aucun téléphone n'est connecté.", Added: "ajouté {at}", AddedFrom: "depuis {address}", NoPush: "sans preuve : ne reçoit pas de notifications",
	TakeBack: "Reprendre", TakenBack: "Il est déconnecté, et ne reçoit plus de notifications.", NotMine: "L'un d'eux n'est pas le vôtre ? Reprenez-le.", CannotAdd: "On ne peut pas ajouter de téléphone ici.",

	Worker: WorkerWords{
		Taken: "C'est à vous", TakenText: "{ticket} acquitté à {at}", TakenLate: "C'est à vous", TakenLateText: "{ticket} n'est acquitté que maintenant ; vous avez appuyé à {at}",
		Other: "C'est à {who}", OtherText: "{ticket} était pris à {at}, avant vous. Rien n'a changé.", Over: "C'est fini", OverText: "{ticket} était déjà fini. Rien n'a changé.",
		Some: "Vous en avez {done}", SomeText: "{left} restent comme ils sont : un autre les a, ou ils sont finis.",
		Refused: "PAS acquitté", RefusedText: "{ticket} : refusé, et on n'essaie plus : {why}",
		Unreached: "PAS encore acquitté", UnreachedText: "{ticket} : le serveur n'a pas pu être joint, et les appels continuent. Cela part dès qu'il y a du réseau.",
		Sending: "Envoi …", Something: "Un message d'Astreinte", Again: "Réessayer", Open: "Ouvrir",
		Old: "Pas de réseau. Ceci était connu à {at}, il y a {ago}.", Seconds: "{n} s", Minutes: "{n} min", Hours: "{n} h",
		Unknown: "Pas de réseau, et rien n'est gardé de cette page.", Kept: "Pas de réseau : PAS encore acquitté, et les appels continuent. C'est gardé, et part dès qu'il y a du réseau.",
		Undone: "Pas de réseau : rien n'a été fait.",
	},
}

var phoneAppItalian = PhoneApp{
	Title: "Questo telefono", Intro: "Quattro controlli, una volta. Poi una chiamata la sveglia.", NoScript: "Il primo controllo richiede JavaScript. Il link di ogni messaggio funziona senza.",
	ThisPhone: "questo telefono", Again: "Controlla di nuovo",

	Push: "Arriva una notifica?", PushAsk: "Il browser chiede se può inviare notifiche: dica di sì. Poi parte un messaggio di prova verso questo telefono.", PushButton: "Consenti e prova",
	PushHome:        "Su iPhone e iPad le notifiche arrivano solo all'app nella schermata Home. La installi prima (sotto), la apra da lì e torni a questa pagina.",
	PushUnsupported: "Questo browser non riceve notifiche. Usi Chrome, Edge o Firefox su Android, o Safari su iOS 16.4 o successivo.",
	PushDenied:      "Le notifiche sono bloccate per questo sito. Le consenta nelle impostazioni del browser (o del telefono, sotto il nome dell'app) e riapra questa pagina.",
	PushOff:         "Le notifiche ai browser qui sono spente (push.web nella configurazione). La avvisano gli altri canali.",
	PushWorking:     "La prova parte …", PushSent: "Il messaggio di prova è in viaggio. Blocchi pure il telefono: dovrebbe mostrarlo in pochi secondi.",
	PushShown: "Questo telefono ha mostrato il messaggio di prova. Lo ha visto e sentito?", PushConfirm: "Sì, è arrivato", PushFailed: "Non ha funzionato:",
	Shown: "ha mostrato una notifica {at}", Confirmed: "una confermata {at}", Unconfirmed: "senza prova: nessuna notifica mostrata da 30 giorni", Thanks: "Annotato: le notifiche arrivano su questo telefono.",

	Install: "L'app è installata?", InstallDone: "Sì: questa è l'app della schermata Home.", InstallOffer: "Nella schermata Home l'app si apre subito e conserva ciò che sa senza rete.",
	InstallButton: "Installa", InstallOther: "Nel menu del browser: Installa app, o Aggiungi a schermata Home.",
	InstallApple: "In Safari: il pulsante Condividi, poi Aggiungi alla schermata Home, poi Aggiungi. Da allora la apra da lì.",
	PictureShare: "Il pulsante Condividi: un quadrato con una freccia in su", PictureHome: "Aggiungi alla schermata Home: un quadrato con un più",

	Sound: "Può suonare di notte?", SoundWhy: "Sul suono decide il telefono, e un'app web non può scavalcarlo. Imposti questo una volta:",
	Android: "Android", AndroidSteps: "Impostazioni, Notifiche, il browser o Astreinte: priorità alta, suono, e Ignora Non disturbare se il telefono lo ha. In Non disturbare, aggiunga l'app a quelle che possono interrompere.",
	AndroidSleep: "Impostazioni, Batteria: metta il browser e Astreinte senza restrizioni, o il telefono può trattenere una notifica mentre dorme.",
	Apple:        "iPhone", AppleSteps: "Impostazioni, Notifiche, Astreinte: Consenti notifiche, Blocco schermo, Suoni.",
	AppleFocus:   "Impostazioni, Full Immersion, Sonno e Non disturbare: aggiunga Astreinte sotto App. L'interruttore non deve essere su silenzioso: un'app web gli obbedisce.",
	PictureSound: "Gli interruttori delle notifiche e del suono, entrambi accesi", PictureFocus: "Una luna, e l'app che passa",

	Card: "I numeri da cui arrivano i messaggi", CardWhy: "Salvi questo contatto, poi lo lasci passare di notte: su iPhone Modifica, Suoneria e Suono SMS, Ignora in emergenza; su Android lo segni come preferito e lasci interrompere i preferiti.",
	CardButton: "Salva il contatto", NoCard: "Nessun mittente di SMS con un numero è configurato.",

	Limits: "Che cosa non può fare", LimitSilent: "Obbedisce al silenzioso e a Full Immersion.", LimitApple: "Su iOS deve stare nella schermata Home.",
	LimitSleep: "Su Android, un telefono in sonno profondo può mostrarla un minuto dopo.", LimitSo: "Tenga quindi SMS o voce accanto.",

	Phones: "Telefoni", Add: "Aggiungi un telefono", AddWhy: "Scansioni un codice con il telefono: entra, e chiede se può inviare notifiche.", AddButton: "Mostra un codice",
	Scan: "Lo scansioni con la fotocamera del telefono", ScanUntil: "Vale una volta, fino a {at}.", ScanOnce: "Dopo la scansione il telefono compare sotto: controlli che sia il suo.",
	ScanSecret: "Chi lo scansiona entra come {who}. Non lo mostri a nessun altro.",
	NoPhones:   "Nessun telefono è collegato.", Added: "aggiunto {at}", AddedFrom: "da {address}", NoPush: "senza prova: non riceve notifiche",
	TakeBack: "Riprendi", TakenBack: "È scollegato e non riceve più notifiche.", NotMine: "Uno di questi non è suo? Lo riprenda.", CannotAdd: "Qui non si possono aggiungere telefoni.",

	Worker: WorkerWords{
		Taken: "È suo", TakenText: "{ticket} preso alle {at}", TakenLate: "È suo", TakenLateText: "{ticket} è preso solo ora; ha premuto alle {at}",
		Other: "Ce l'ha {who}", OtherText: "{ticket} era preso alle {at}, prima di lei. Nulla è cambiato.", Over: "È finito", OverText: "{ticket} era già finito. Nulla è cambiato.",
		Some: "Ne ha {done}", SomeText: "{left} restano come sono: li ha un altro, o sono finiti.",
		Refused: "NON preso", RefusedText: "{ticket}: rifiutato, e non si riprova: {why}",
		Unreached: "NON ancora preso", UnreachedText: "{ticket}: il server non è raggiungibile, e le chiamate continuano. Parte appena c'è rete.",
		Sending: "Invio …", Something: "Un messaggio di Astreinte", Again: "Riprova", Open: "Apri",
		Old: "Nessuna rete. Questo era noto alle {at}, {ago} fa.", Seconds: "{n} s", Minutes: "{n} min", Hours: "{n} h",
		Unknown: "Nessuna rete, e nulla è conservato di questa pagina.", Kept: "Nessuna rete: NON ancora preso, e le chiamate continuano. È conservato, e parte appena c'è rete.",
		Undone: "Nessuna rete: nulla è stato fatto.",
	},
}
