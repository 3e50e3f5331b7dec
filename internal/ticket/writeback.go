package ticket

import (
	"crypto/sha256"
	"encoding/base32"
	"regexp"
	"strings"
)

// BackRecords is the kind of the records that say what a tool was told of a ticket, and
// what of that is to be taken back (package internal/effect/back).
const BackRecords = "written back"

// ToldReleased says that nobody has a ticket any more whom somebody had taken. Tools are
// told that; webhooks are not.
const ToldReleased = "ticket.released"

// Mark tells what this installation writes into monitoring tools from what others write
// there, people and other installations. It is the same for all daemons of a store,
// whatever becomes of the store. The zero Mark is that of an installation without an
// address, and of every one before marks said whose they are.
type Mark string

// markLength is how long a mark is: two installations out of many have different ones.
const markLength = 5

// MarkOf is the mark of the installation that people reach at an address.
func MarkOf(public string) Mark {
	if public == "" {
		return ""
	}
	sum := sha256.Sum256([]byte("mark\x00" + strings.ToLower(strings.TrimRight(public, "/"))))
	return Mark(strings.ToLower(base32.StdEncoding.EncodeToString(sum[:])[:markLength]))
}

// On begins what is written into a tool about a ticket.
func (m Mark) On(number string) string {
	if m == "" {
		return AnyMark(number) + ")"
	}
	return AnyMark(number) + " " + string(m) + ")"
}

// AnyMark begins what any installation writes into a tool about a ticket of that number.
func AnyMark(number string) string { return number + " (Astreinte" }

// Signs says whether a text in a tool is ours about a ticket. So is one whose mark does not
// say whose it is: it was written before marks did.
func (m Mark) Signs(text, number string) bool {
	return strings.HasPrefix(text, m.On(number)) || strings.HasPrefix(text, Mark("").On(number))
}

var marked = regexp.MustCompile(`^([IS]\d{6}_\d{4,}) \(Astreinte(?: ([a-z2-7]{5}))?\)`)

// Echo says whether a remark is what this installation wrote into the tool itself, and of
// which ticket. It comes back if the tool tells of what is done in it, and says nothing
// new.
func (m Mark) Echo(r *Remark) (number string, ours bool) {
	if r == nil {
		return "", false
	}
	found := marked.FindStringSubmatch(r.Text)
	if len(found) != 3 || found[2] != "" && found[2] != string(m) {
		return "", false
	}
	return found[1], true
}
