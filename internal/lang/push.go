package lang

// Push is what a push shows besides the page's words.
type Push struct {
	Acknowledge, Open string // buttons
}

var pushEnglish = Push{Acknowledge: "I take it", Open: "Open"}

var pushFrench = Push{Acknowledge: "Je prends", Open: "Ouvrir"}

var pushItalian = Push{Acknowledge: "Prendo io", Open: "Apri"}
