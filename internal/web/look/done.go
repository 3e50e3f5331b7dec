package look

import "github.com/astreinte/astreinte/internal/desk"

// Outcomes beside the names of buttons: why nothing was done.
const (
	DoneTaken  = "taken"  // somebody else has it
	DoneOver   = "over"   // it is resolved or closed
	DoneLate   = "late"   // too late to undo
	DoneEmpty  = "empty"  // a note without words
	DoneMany   = "many"   // on a ticket that takes no more notes, or no more of what is done
	DoneStale  = "stale"  // it was meant for what was so before
	DoneNobody = "nobody" // nobody is left to page
	DoneBusy   = "busy"   // too many checks of late
	DoneClock  = "clock"  // its clock cannot rest, or go on
	DoneNoTier = "no_tier"
	DoneTodo   = "unfinished" // required points of its checklist are to do
)

// DoneOf are the words that a page knows for outcomes: its buttons say Done.
var DoneOf = map[desk.Outcome]string{
	desk.Taken: DoneTaken, desk.Over: DoneOver, desk.Late: DoneLate, desk.Empty: DoneEmpty, desk.Full: DoneMany, desk.Stale: DoneStale,
	desk.NobodyLeft: DoneNobody, desk.Busy: DoneBusy, desk.Clocks: DoneClock, desk.NoTier: DoneNoTier, desk.Unfinished: DoneTodo,
}
