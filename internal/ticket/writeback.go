package ticket

import "regexp"

// BackRecords is the kind of the records that say what a tool was told of a ticket, and
// what of that is to be taken back (package internal/effect/back).
const BackRecords = "written back"

// ToldReleased says that nobody has a ticket any more whom somebody had taken. Tools are
// told that; webhooks are not.
const ToldReleased = "ticket.released"

// BackMark begins what this daemon writes into a tool about a ticket.
func BackMark(number string) string { return number + " (Astreinte)" }

var backMark = regexp.MustCompile(`^[IS]\d{6}_\d{4,} \(Astreinte\)`)

// Echo says whether the remark is what a daemon wrote into the tool itself. It comes back
// if the tool tells of what is done in it. Then it says nothing new, not even that the
// alert fires.
func (r *Remark) Echo() bool { return r != nil && backMark.MatchString(r.Text) }
