package words

import (
	"strings"

	"github.com/astreinte/astreinte/internal/ticket"
)

// What a link's path begins with, how long its token is (77 bits), and the
// largest code. They decide how much of an SMS is left for the rest.
const (
	LinkSegment = "/a/"
	LinkLength  = 13
	MostCode    = 9999
)

// LinkBelow is a link under a public address, as long as a real one.
func LinkBelow(public string) string {
	return public + LinkSegment + strings.Repeat("0", LinkLength)
}

// LinkRoom is how many characters of an SMS a link under a public address
// takes, with its line end, and how many are left for the rest. kept says that
// every text that asks for an answer still has room for its urgency and for
// the beginning of the alert's name, in each language.
func LinkRoom(public string) (taken, left int, kept bool) {
	link := LinkBelow(public)
	written := plainLink(link)
	taken = length(written) + 1
	kept = true
	for _, lang := range []string{"en", "fr", "it"} {
		for _, f := range []Facts{
			{Tickets: 999},
			{Kind: ticket.KindJoined},
			{Kind: ticket.KindClock, Percent: 100},
			{Kind: ticket.KindReminder, Clock: ticket.ClockRespond, Percent: 100},
			{Kind: ticket.KindReminder, Clock: ticket.ClockResolve, Percent: 100},
			{Kind: ticket.KindReminder, Clock: ticket.ClockCallBack, Percent: 100},
			{Kind: ticket.KindReminder, Clock: ticket.ClockNews, Percent: 100},
		} {
			f.Urgency, f.Code, f.Link, f.Title = ticket.Critical, MostCode, link, strings.Repeat("x", GsmSingle)
			m := compose(phrasesIn(lang), &f, smsLimits)
			_, fits := m.squeezed(leastSaid, GsmSingle)
			kept = kept && fits
		}
	}
	return taken, GsmSingle - taken, kept
}
