package ticket

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode/utf8"
)

// The most that is kept of anything that comes from outside: the one table of
// limits, for every door. Lengths are in bytes of UTF-8. Cut cuts what is too
// long, and what that belongs to is kept. Each source has its own number of
// alerts in a request and size of a body (sources.X.max_alerts, max_body).
const (
	MaxLabels          = 100      // labels of an alert
	MaxLabelName       = 256      // a label's or an annotation's name
	MaxLabelValue      = 2 << 10  // a label's value
	MaxAnnotations     = 64       // annotations of an alert
	MaxAnnotationValue = 8 << 10  // an annotation's value
	MaxAlertText       = 64 << 10 // labels and annotations of an alert in all
	WholeAlerts        = 5000     // alerts of a source that are kept so; of one more …
	MaxThinText        = 2 << 10  // … labels and annotations in all
	MaxURL             = 2 << 10  // an address that a sender gives
	MaxSenderGroup     = 2 << 10  // a sender's own name of a group
	MaxTitle           = 500      // a ticket's title
	MaxSite            = 200      // a ticket's site
	MaxNote            = 4000     // a note, and any other text that a person writes
	MaxRemarkName      = 200      // whom a tool names, and what it calls that
	MaxEntryText       = 4200     // the text of a line of a timeline
	MaxCalled          = 50       // people whom a line of a timeline names
	MaxMinorEntries    = 600      // lines of a timeline: alerts, rounds and pages; a night of them
	MaxRuleEntries     = 100      // … of what the rules did to it: urgency raised, an acknowledgement's end
	MaxActEntries      = 200      // … of what people did
	MaxNotes           = 100      // … of what they wrote
	PageEntries        = 6        // … a page, at most: three tries, its end, two receipts
	MaxEntries         = MaxMinorEntries + MaxRuleEntries + MaxActEntries + MaxNotes
	MaxRecordKind      = 64        // a record's kind
	MaxRecordKey       = 512       // a record's home, and its key
	MaxRecordValue     = 256 << 10 // a record's value
	MaxDevices         = 20        // devices of a person
	MaxDeviceName      = 80        // what a person calls one
	MaxPushEndpoint    = 2 << 10   // the address of a browser's subscription
	MaxShownToken      = 2 << 10   // what a phone says by that it showed a push
	MaxPasskeys        = 20        // passkeys of a person
	MaxPasskeyName     = 80        // what a person calls one
	MaxProofs          = 40        // proofs that are kept of a person: one a channel and address
	MaxTestPages       = 5         // test pages to a person within 10 minutes
	MaxFilters         = 30        // filters that a person has saved
	MaxFilterName      = 80        // the name of one
	MaxFilter          = 2 << 10   // what it says
	MaxWalls           = 20        // addresses of walls
	MaxFeeds           = 10        // calendar feeds of a person
	MaxReplacements    = 2000      // replacements that one person or token made and that are not over
	MaxReplacementsDay = 1000      // replacements that one person or token makes in 24 hours
	MaxReplacementNone = 100       // replacements of a group that never held; the newest are kept
	MaxHeartbeats      = 500       // heartbeats of the configuration, and as many made by hand
	MaxHeartbeatName   = 80        // the name of one
	MaxHeartbeatText   = 2 << 10   // what comes with its failure
	MaxHeartbeatTo     = 10        // addresses that hear of this daemon
	MaxAuditField      = 4 << 10   // what a line of the audit log says of one field, else nothing
	MaxAuditName       = 200       // whose it is, and who did it
	MaxAuditLines      = 500       // lines of it in an answer
	MaxFeedTurns       = 2000      // turns that one of them tells
	MaxSessions        = 50        // sessions of a person: in browsers, and as many on phones
	MaxInvitations     = 10        // invitations of a person that are good
	MaxWebhooks        = 20        // webhooks that are told of tickets
	MaxRooms           = 20        // rooms of chat
	MaxPress           = 64 << 10  // what a chat posts when somebody presses a button
	MaxRoomTitle       = 300       // a ticket's title in a room
	MaxRoomTests       = 5         // test messages to a room within 10 minutes, and answers to strangers there
	MaxEffectError     = 300       // why an effect could not be sent
	MaxBack            = 200       // alerts of a ticket that are acknowledged in their tool
	MaxPastPages       = 2000      // calls that are counted of a ticket, each of a person within a minute
	MaxMailSubject     = 200       // the subject of a mail
	MaxMailBody        = 64 << 10  // its text
	MaxMails           = 20        // mails to a person within an hour, besides pages
	MaxForgotten       = 3         // … of them for a password that was forgotten
	MaxHeld            = 20        // alerts of a ticket that silences hold back, each by itself …
	MaxHeldTitle       = 200       // … and the title of one
	MaxOnce            = 200       // the name of what is done once: a provider's id of a text
	MaxReplies         = 10        // to texts of one phone, in ten minutes
	MaxByHand          = 60        // tickets that an API token opens within a minute
	ScheduleDays       = 30        // days of a schedule where nobody says until when
	MaxScheduleDays    = 400       // … and at most
	MaxScheduleChanges = 20_000    // changes of duty in an answer with schedules
	MaxSaidBody        = 32 << 10  // of a source's last request of each outcome, with secrets masked
	MaxSubscriptions   = 20        // subscriptions of a source to SNS that are to be confirmed
	MaxLogged          = 200       // foreign text in a line of the log, a request's path too
)

// Those of calendars of somebody else's, that say who is on call.
const (
	MaxCalendarBody      = 5 << 20  // bytes of one, unpacked
	MaxCalendarDepth     = 8        // how deep one is nested
	MaxCalendarEvents    = 20_000   // events, zones and alarms in it
	MaxCalendarLines     = 1000     // lines that are kept of an event
	MaxCalendarLine      = 64 << 10 // a line of it
	MaxCalendarName      = 200      // what an event is called, a person in it
	MaxCalendarAttendees = 20       // people in it
	MaxCalendarTurns     = 5000     // turns of it that are kept: those of a year and more
	MaxCalendarDays      = 400      // so many days back and ahead
)

// Those of mails that tools send.
const (
	MaxLetterKept   = 1 << 20  // bytes that are kept of one; the beginning of each attachment is enough
	MaxLetterHeader = 64 << 10 // … of its header, besides the fields that are read
	MaxLetterField  = 8 << 10  // … of a field of that
	MaxLetterFields = 200      // names of fields
	MaxLetterType   = 2 << 10  // what says of which type a part is
	MaxLetterParts  = 1000     // parts
	MaxLetterDepth  = 10       // parts that have parts
	MaxLetterText   = 64 << 10 // its text
	MaxLetterTo     = 50       // addresses that it names as its receivers
	MaxLetterNames  = 20       // names of attachments
	MaxLetterName   = 200      // such a name
	MaxLetterHops   = 50       // mail servers that it passed
	MaxMailLine     = 64 << 10 // a line of a mail, and of a command of who brings it
	MaxMailTo       = 100      // receivers for whom one mail is brought at once
	MaxMailSenders  = 100      // senders that an address names
	MaxMailPeers    = 64       // connections of mail servers; half of them from one address
	MaxMailAnswers  = 250      // answers on one of them without a mail that was taken
)

// Those of checking again.
const (
	MaxRechecked   = 10       // alerts of a ticket that are checked, the firing ones first
	MaxRechecks    = 6        // re-checks that a person begins within a minute
	MaxAskers      = 20       // people who are told of one re-check
	MaxProbes      = 50       // probes of ours that are configured
	MaxProbesNow   = 16       // questions and probes that are under way at once
	MaxFindingText = 300      // what a tool or a service says
	MaxProbeBody   = 64 << 10 // bytes of a service's answer that are read
	MaxRedirects   = 5        // … redirects that a probe follows
)

// markRoom is the most that a mark takes: "…(8388608 bytes, 0123abcd)".
const markRoom = 40

// Cut is s, if it is at most limit bytes long. Otherwise it is the beginning
// of s with a mark that says how long s was. The mark has a part of the hash
// of s, so that texts that differ stay different: two alerts do not become one
// because they begin alike. If limit leaves no room for that, the mark is "…".
func Cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	mark := "…"
	if limit >= 2*markRoom {
		sum := sha256.Sum256([]byte(s))
		mark = fmt.Sprintf("…(%d bytes, %s)", len(s), hex.EncodeToString(sum[:4]))
	}
	return strings.Clone(begin(s, limit-len(mark))) + mark
}

// Logged is foreign text as it may stand in a line of the log.
func Logged(s string) string { return Cut(s, MaxLogged) }

// begin is at most n bytes of s, in whole characters.
func begin(s string, n int) string {
	n = max(n, 0)
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
