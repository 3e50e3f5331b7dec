package lang

import "github.com/astreinte/astreinte/internal/ticket"

// Phone is what phones read: pages, notices, and replies to answers. It is
// written without accents. It tells nobody to send a word that carriers take
// for opt-out (STOP, END, ARRET …). It names only answers that
// answer.ParseAnswer understands.
type Phone struct {
	// A page: how to answer it, and what goes before and after its first line.
	Ask, Take, Begin, Recheck, Next string
	Clocked                         string                      // n: so many percent of the promise are used
	Reminders                       map[ticket.ClockKind]string // likewise, of the other promises
	Due                             string                      // at: a point of the checklist is due
	Also, Taker                     string                      // a new alert on a ticket that is taken
	Bundle, TakeAll                 string                      // a message for several tickets

	// Notices to the others who were paged.
	NoticeTaken, NoticeOver, By string

	// Replies on one ticket.
	Acked, AckedGTI, AckedLate, AckedGoing string
	TakenBy, Yours, YoursGoing             string
	PickedUp, GTIMet, GTIMissed            string
	Resolved, Undone, UndoneOpen, UndoLate string
	ManyNotes                              string
	ManyActs                               string
	Unfinished                             string // {point}: it is required, and still to do
	Over, OverBy                           string
	Escalated, Nobody                      string
	Noted, NotedOpen                       string
	Heard, Unheard                         string
	ForOther, ForOtherGTI                  string

	// Replies on several, or none.
	Open, Several, Choose, Taken, AllTaken string
	NothingOpen, NoCode, Help, Later       string
	Misread                                string // before help
	Stale, Enough                          string
	BundleTaken, BundleGoing, BundleDone   string // replies to a bundle's code
	BundleUndone, BundleNext, BundleNote   string
	Snoozed, BundleSnoozed                 string // {at}: until when
	BundleChecked, Unchanged               string
	Code                                   string // stands for any code, in help
	Summer, Winter                         string // an hour that comes twice

	// A test page, with accents that GSM-7 has.
	TestTitle, TestBody string
}
