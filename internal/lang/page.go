package lang

import (
	"fmt"
	"strconv"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// Page is the page behind a link. Templates name its fields.
type Page struct {
	Lang string // the tag

	SinceWord, Day                                                     string
	UntakenState, TakenState, WorkingState, ResolvedState, ClosedState string
	You                                                                string
	Left, Met, Missed                                                  string // of the GTI
	TakenBy                                                            string // who, when
	Heard                                                              string // how often, last when

	Outcomes      map[string]string // by action, and by the reason why nothing was done
	OutcomesOfAll map[string]string // of a bundle's buttons: how many it was done to
	NothingDone   string            // to none of them
	LeftAlone     string            // how many
	Statuses      map[ticket.AlertStatus]string

	SnoozeIt                                                           string
	TakeIt, StartIt, CheckIt, GiveIt, ResolveIt, UndoIt, NoteIt        string
	GiveTaken, GiveSure, ResolveSure, ResolveText, ConfirmIt, NoteLong string
	Facts, GTIWord, NextWord, TicketWord                               string
	Alarms, Happened, More, Earlier, AllOver                           string

	OneTicket, ManyTickets                                    string // of a bundle
	OpenWord, TakenWord, OverWord                             string
	TakeAll, StartAll, CheckAll, GiveAll, ResolveAll, UndoAll string
	GiveAllText, OthersStay, NoteAllLong                      string

	UnknownLink, UnknownAdvice string
	OverLink, OverAdvice       string
	StoreDown, StoreAdvice     string
	BadRequest, BadAdvice      string
	OtherSite, OtherAdvice     string

	// The bar, what an alert said, and whom one can call.
	LastIt, LastAll, Back                    string
	CallWord, ToldWord, CalledWord           string
	NobodyElse, WouldCall, NowCalls          string // WouldCall, NowCalls: whom
	FiresStill, FiresAgain                   string // FiresStill: how many
	GaveAll                                  string // of a bundle: how many, whom they call
	AllFireStill                             string // of a bundle: how many tickets
	NoWord, LastSaid                         string // LastSaid: by which source, how long ago
	RunbookWord, GraphWord, DashboardWord    string
	CustomerWord, HasIt, OnDuty, ManagerWord string
}

// Lasted writes a time span in two units at most.
func (p *Page) Lasted(d time.Duration) string {
	minutes := int(max(d, 0) / time.Minute)
	switch {
	case minutes < 1:
		return "< 1 min"
	case minutes < 60:
		return fmt.Sprintf("%d min", minutes)
	case minutes < 24*60:
		return fmt.Sprintf("%d h %02d", minutes/60, minutes%60)
	}
	return fmt.Sprintf("%d %s %d h", minutes/(24*60), p.Day, minutes/60%24)
}

// AllOf says for how many tickets a link stands.
func (p *Page) AllOf(n int) string {
	if n == 1 {
		return p.OneTicket
	}
	return Fill(p.ManyTickets, "n", strconv.Itoa(n))
}
