package lang

// SignIn is what the pages of signing in say. Templates name its fields.
type SignIn struct {
	SignIn, Name, Password, Provider, Forgotten                     string
	Wrong, Slow, Busy, Off, StoreDown                               string // Slow: in how many seconds
	Short, Long, Common, Rule                                       string
	UsedUp, UsedUpText                                              string
	Hello, Welcome, Choose                                          string // Welcome: the name
	NewPassword, SetPassword                                        string
	OldPassword, ChangePassword                                     string
	WrongOld, Changed                                               string
	EnrolTitle, EnrolText, Enrol                                    string // EnrolTitle: the name
	MadeTitle, Made, SendIt                                         string // MadeTitle: the name
	Until, Once                                                     string
	Ways                                                            map[string]string // of signing in
	PhoneWord                                                       string
	Used, Here, End, EndAll, NoSession                              string
	Invite                                                          string
	ProviderAway, ProviderUnknown, ProviderWrong                    string
	Passkey, AddPasskey, Passkeys, NoPasskey                        string
	PasskeyFailed, PasskeyNever, RemovePasskey, PasskeyName, Unbind string // PasskeyNever: it has not been used
	MakePasskey, NeedsPasskey                                       string
}

var signInEnglish = SignIn{
	SignIn: "Sign in", Name: "Name or e-mail address", Password: "Password", Provider: "Sign in with your organisation",
	Forgotten: "Forgotten your password, or no way in? Ask an administrator for an invitation.",
	Wrong:     "This does not sign you in. Check the name and the password.", Slow: "There were too many tries. Try again in {n} s.",
	Busy: "Too many are signing in at once. Try again in a moment.", Off: "This way to sign in is turned off here.",
	StoreDown: "Nobody can sign in right now. Paging goes on. Try again in a moment.",
	Short:     "A password has at least 12 characters.", Long: "A password has at most 1024 bytes.", Common: "Everybody tries this password first. Choose another one.",
	Rule:   "12 characters at least. Several words are easy to remember.",
	UsedUp: "This link no longer works", UsedUpText: "It works once, and not for long. Ask for another one.",
	Hello: "Welcome,", Welcome: "Welcome, {name}", Choose: "Choose a password. You are signed in then, and signed out everywhere else.",
	NewPassword: "New password", SetPassword: "Set the password", OldPassword: "Present password", ChangePassword: "Change the password",
	WrongOld: "The present password is not right. Nothing changed.", Changed: "The password is changed. You are signed out everywhere else.",
	EnrolTitle: "A phone for {name}", EnrolText: "This signs the phone in, and it stays signed in until that is ended.", Enrol: "Sign this phone in",
	MadeTitle: "An invitation for {name}", Made: "An invitation for",
	SendIt: "Send this link to nobody but that person.", Until: "Good until", Once: "It works once and is shown only now.",
	Ways:      map[string]string{"password": "password", "passkey": "passkey", "oidc": "organisation", "invitation": "invitation", "demo": "demo"},
	PhoneWord: "phone", Used: "last used", Here: "here", End: "Sign out", EndAll: "Sign out everywhere else", NoSession: "Nobody is signed in.",
	Invite:          "Make an invitation",
	ProviderAway:    "Your organisation's sign-in does not answer. Passwords and passkeys work, and who is signed in stays so.",
	ProviderUnknown: "Nobody here has this address. Ask an administrator.", ProviderWrong: "That did not sign you in. Try again.",
	Passkey: "Sign in with a passkey", AddPasskey: "Add a passkey", Passkeys: "Passkeys", NoPasskey: "There is no passkey.",
	PasskeyFailed: "That passkey did not work.", PasskeyNever: "not used yet", RemovePasskey: "Remove",
	PasskeyName: "What to call this passkey", Unbind: "Unbind from the organisation's sign-in",
	MakePasskey:  "A passkey stays on your device, and there is nothing to remember. You are signed in by it then, and signed out everywhere else.",
	NeedsPasskey: "This invitation sets a passkey. Open it in a browser that has passkeys, with scripts on.",
}

var signInFrench = SignIn{
	SignIn: "Se connecter", Name: "Nom ou adresse e-mail", Password: "Mot de passe", Provider: "Se connecter avec votre organisation",
	Forgotten: "Mot de passe oublié, ou aucun accès ? Demandez une invitation à un administrateur.",
	Wrong:     "Cela ne vous connecte pas. Vérifiez le nom et le mot de passe.", Slow: "Trop d'essais. Réessayez dans {n} s.",
	Busy: "Trop de connexions à la fois. Réessayez dans un instant.", Off: "Cette façon de se connecter est désactivée ici.",
	StoreDown: "Personne ne peut se connecter en ce moment. Les appels continuent. Réessayez dans un instant.",
	Short:     "Un mot de passe a au moins 12 caractères.", Long: "Un mot de passe a au plus 1024 octets.", Common: "Tout le monde essaie ce mot de passe en premier. Choisissez-en un autre.",
	Rule:   "12 caractères au moins. Plusieurs mots se retiennent bien.",
	UsedUp: "Ce lien ne fonctionne plus", UsedUpText: "Il ne sert qu'une fois, et pas longtemps. Demandez-en un autre.",
	Hello: "Bienvenue,", Welcome: "Bienvenue, {name}", Choose: "Choisissez un mot de passe. Vous serez connecté ici, et déconnecté partout ailleurs.",
	NewPassword: "Nouveau mot de passe", SetPassword: "Enregistrer le mot de passe", OldPassword: "Mot de passe actuel", ChangePassword: "Changer le mot de passe",
	WrongOld: "Le mot de passe actuel n'est pas le bon. Rien n'a changé.", Changed: "Le mot de passe est changé. Vous êtes déconnecté partout ailleurs.",
	EnrolTitle: "Un téléphone pour {name}", EnrolText: "Ceci connecte le téléphone, qui le reste jusqu'à ce qu'on y mette fin.", Enrol: "Connecter ce téléphone",
	MadeTitle: "Une invitation pour {name}", Made: "Une invitation pour",
	SendIt: "N'envoyez ce lien qu'à cette personne.", Until: "Valable jusqu'à", Once: "Il ne sert qu'une fois et n'est montré que maintenant.",
	Ways:      map[string]string{"password": "mot de passe", "passkey": "clé d'accès", "oidc": "organisation", "invitation": "invitation", "demo": "démo"},
	PhoneWord: "téléphone", Used: "dernier usage", Here: "ici", End: "Déconnecter", EndAll: "Déconnecter partout ailleurs", NoSession: "Personne n'est connecté.",
	Invite:          "Créer une invitation",
	ProviderAway:    "La connexion de votre organisation ne répond pas. Les mots de passe et les clés d'accès fonctionnent, et qui est connecté le reste.",
	ProviderUnknown: "Personne ici n'a cette adresse. Demandez à un administrateur.", ProviderWrong: "Cela ne vous a pas connecté. Réessayez.",
	Passkey: "Se connecter avec une clé d'accès", AddPasskey: "Ajouter une clé d'accès", Passkeys: "Clés d'accès", NoPasskey: "Il n'y a pas de clé d'accès.",
	PasskeyFailed: "Cette clé d'accès n'a pas fonctionné.", PasskeyNever: "pas encore utilisée", RemovePasskey: "Retirer",
	PasskeyName: "Nom de cette clé d'accès", Unbind: "Délier de la connexion de l'organisation",
	MakePasskey:  "Une clé d'accès reste sur votre appareil, et il n'y a rien à retenir. Vous serez connecté ici, et déconnecté partout ailleurs.",
	NeedsPasskey: "Cette invitation crée une clé d'accès. Ouvrez-la dans un navigateur qui en a, scripts activés.",
}

var signInItalian = SignIn{
	SignIn: "Accedi", Name: "Nome o indirizzo e-mail", Password: "Password", Provider: "Accedi con la sua organizzazione",
	Forgotten: "Password dimenticata, o nessun accesso? Chieda un invito a un amministratore.",
	Wrong:     "Così non si accede. Controlli il nome e la password.", Slow: "Troppi tentativi. Riprovi tra {n} s.",
	Busy: "Troppi accessi insieme. Riprovi tra un momento.", Off: "Questo modo di accedere qui è disattivato.",
	StoreDown: "Ora nessuno può accedere. Le chiamate continuano. Riprovi tra un momento.",
	Short:     "Una password ha almeno 12 caratteri.", Long: "Una password ha al massimo 1024 byte.", Common: "È una password che tutti provano per prima. Ne scelga un'altra.",
	Rule:   "Almeno 12 caratteri. Più parole si ricordano bene.",
	UsedUp: "Questo link non funziona più", UsedUpText: "Serve una volta sola, e non a lungo. Ne chieda un altro.",
	Hello: "Buongiorno,", Welcome: "Buongiorno, {name}", Choose: "Scelga una password. Accederà qui, e uscirà da ogni altro dispositivo.",
	NewPassword: "Nuova password", SetPassword: "Salva la password", OldPassword: "Password attuale", ChangePassword: "Cambia la password",
	WrongOld: "La password attuale non è giusta. Niente è cambiato.", Changed: "La password è cambiata. È uscito da ogni altro dispositivo.",
	EnrolTitle: "Un telefono per {name}", EnrolText: "Questo fa accedere il telefono, che resta connesso finché non si revoca.", Enrol: "Collega questo telefono",
	MadeTitle: "Un invito per {name}", Made: "Un invito per",
	SendIt: "Mandi questo link solo a quella persona.", Until: "Valido fino a", Once: "Serve una volta e si vede solo ora.",
	Ways:      map[string]string{"password": "password", "passkey": "passkey", "oidc": "organizzazione", "invitation": "invito", "demo": "demo"},
	PhoneWord: "telefono", Used: "ultimo uso", Here: "qui", End: "Disconnetti", EndAll: "Disconnetti ovunque tranne qui", NoSession: "Nessuno è connesso.",
	Invite:          "Crea un invito",
	ProviderAway:    "L'accesso della sua organizzazione non risponde. Password e passkey funzionano, e chi è connesso lo resta.",
	ProviderUnknown: "Nessuno qui ha questo indirizzo. Chieda a un amministratore.", ProviderWrong: "Così non si è acceduto. Riprovi.",
	Passkey: "Accedi con una passkey", AddPasskey: "Aggiungi una passkey", Passkeys: "Passkey", NoPasskey: "Non c'è nessuna passkey.",
	PasskeyFailed: "Questa passkey non ha funzionato.", PasskeyNever: "non ancora usata", RemovePasskey: "Togli",
	PasskeyName: "Nome di questa passkey", Unbind: "Scollega dall'accesso dell'organizzazione",
	MakePasskey:  "Una passkey resta sul suo dispositivo, e non c'è niente da ricordare. Accederà qui, e uscirà da ogni altro dispositivo.",
	NeedsPasskey: "Questo invito crea una passkey. Lo apra in un browser che le ha, con gli script attivi.",
}
