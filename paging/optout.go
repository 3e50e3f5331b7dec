package paging

import (
	"slices"
	"strings"
)

// optOutWords make a provider, or a French carrier, stop all SMS to a number if
// one of them is the whole text.
var optOutWords = []string{"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT", "ARRET"}

// OptsOut reports whether a text asks for no more SMS: the carrier obeys, so
// whoever wrote it cannot be paged by this sender any more.
func OptsOut(text string) bool {
	return slices.Contains(optOutWords, strings.ToUpper(strings.TrimSpace(text)))
}
