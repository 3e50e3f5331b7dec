package paging

import (
	"strings"

	"github.com/astreinte/astreinte/internal/ticket"
)

// LinkRoom is how many characters of an SMS a link below a public address
// takes, with its line end, and how many it leaves for the rest. Kept says that
// every text that asks for an answer still has its link, in each language.
func LinkRoom(public string) (taken, left int, kept bool) {
	link := public + linkSegment + strings.Repeat("0", linkLength)
	written := plainLink(link)
	taken = length(written) + 1
	kept = true
	for _, lang := range []string{"en", "fr", "it"} {
		for _, f := range []Facts{{Tickets: 999}, {Kind: ticket.KindJoined}} {
			f.Urgency, f.Code, f.Link = ticket.Critical, mostCode, link
			kept = kept && strings.HasSuffix(SMS(lang, f), "\n"+written)
		}
	}
	return taken, gsmSingle - taken, kept
}
