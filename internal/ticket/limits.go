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
	MaxHelpers         = 20       // people and groups who help with a ticket
	MaxHere            = 20       // people who are shown as being at a ticket
	MaxRemarkName      = 200      // whom a tool names, and what it calls that
	MaxEntryText       = 4200     // the text of a line of a timeline
	MaxCalled          = 50       // people whom a line of a timeline names
	MaxMinorEntries    = 600      // lines of a timeline: alerts, rounds and pages; a night of them
	MaxRuleEntries     = 100      // … of what the rules did to it: urgency raised, an acknowledgement's end
	MaxActEntries      = 400      // … of what people decided: state, clock, urgency, customer, whose it is
	DeskActs           = 200      // … … of which this many may leave the ticket in its state …
	PagingActs         = 300      // … … or lead back to pages; the rest is for who takes or ends it
	MaxSmallEntries    = 400      // … of small things that people did: meetings, tasks, ticks, links, words
	MaxNotes           = 100      // … of what they wrote
	PageEntries        = 6        // … a page, at most: three tries, its end, two receipts
	MaxEntries         = MaxMinorEntries + MaxRuleEntries + MaxActEntries + MaxSmallEntries + MaxNotes
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
	MaxEvidenceTo      = 10        // addresses that the heads of days are mailed to
	MaxForgotten       = 3         // … of them for a password that was forgotten
	MaxSpans           = 200       // stretches of time that a ticket's clock keeps; what counts besides them is summed up
	MaxPauses          = 50        // pauses of a ticket's clocks
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

// Those of what people say of a ticket (Sheet).
const (
	MaxDescription = 8 << 10 // its description
	MaxWord        = 200     // any field of a few words: an application, a name, an address
	MaxCustom      = 2 << 10 // a field that the configuration defines …
	MaxFields      = 50      // … and how many it defines
	MaxListed      = 200     // words of a list of the configuration: categories, domains, services
	MaxQuestions   = 30      // questions of a category, and points of its checklist
	MaxPoints      = 100     // points of a ticket's checklist, of all categories that it was in
	MaxSeenText    = 500     // of a synthesis, where it is told of an earlier ticket
	MaxPointDays   = 366     // days within which a point is due
	MaxUrgencyRows = 50      // rows of the table of urgencies
	MaxEdited      = 200     // of a field, in a line of the timeline that says what it was and is
)

// Those of work that people write down. What of it has words is bounded by the size of
// a sheet too (MaxRecordValue).
const (
	MaxTasks            = 200   // tasks of a ticket
	MaxTaskMinutes      = 10080 // minutes of one: a week
	MaxInterventions    = 50    // interventions of a ticket
	MaxInterventionDays = 31    // days of one
	MaxTies             = 100   // links of a ticket to others
	MaxMeeting          = 1000  // the link of a meeting
	MaxPlanningDays     = 400   // days of the planning that are asked for at once
)

// Those of customers' contacts (package customer).
const (
	MaxContactName   = 200     // a contact's name, address, site and reference, each
	MaxContactEmails = 10      // addresses of one …
	MaxContactPhones = 10      // … and numbers
	MaxContactWords  = 40      // words by which one is found
	MaxContactNotes  = 2 << 10 // notes on one
	MaxContacts      = 50_000  // contacts of a customer
	MaxContactFile   = 4 << 20 // bytes of a file of them
	MaxContactLine   = 8 << 10 // … of a line of it
	MaxContactLines  = 5000    // lines of it
	MaxContactFields = 50      // columns of it
	MaxContactErrors = 200     // lines of it that are named for what is wrong with them
	ListedContacts   = 50      // contacts of a list where nobody says how many
	MaxListedContact = 1000    // … and at most
	FoundContacts    = 8       // contacts that are offered while one types
)

// Those of files that people attach to tickets (package attachment).
const (
	MaxAttachment      = 25 << 20  // bytes of a file
	MaxAttachments     = 50        // files of a ticket …
	MaxAttachmentsSize = 200 << 20 // … and their bytes
	MaxAttachmentName  = 200       // the name of one
	MaxUpload          = 100 << 20 // bytes of a request that brings some …
	MaxUploadFiles     = 10        // … and how many it brings
	MaxUploads         = 8         // such requests at once; one more is asked to come back
	MaxDownloads       = 32        // files that are read at once; likewise
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
	MaxCalendarZones     = 200      // names of time zones in it
	MaxCalendarRedirects = 3        // redirects that are followed to it, on its own host
	MaxCalendarRule      = 500      // bytes of a rule by which an event comes again
	MaxCalendarInterval  = 1000     // … its INTERVAL
	MaxCalendarRuleParts = 400      // … values of one BY part
	MaxCalendarRuleTimes = 24       // … times of a day
	MaxCalendarStarts    = 100_000  // times that an event comes again since it began
	MaxCalendarDoubts    = 20       // events that cannot be understood and are told
	MaxZoneName          = 100      // bytes of the name of a time zone
	MaxZoneParts         = 4        // … parts before it that are left out
	MaxZoneRules         = 50       // rules of a zone that a calendar describes itself
	MaxZoneRuleChanges   = 500      // … changes of its clocks by one of them
	MaxZoneChanges       = 2000     // … by all of them
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
	MaxRechecked    = 10       // alerts of a ticket that are checked, the firing ones first
	MaxRechecks     = 6        // re-checks that a person begins within a minute
	MaxAskers       = 20       // people who are told of one re-check
	MaxProbes       = 50       // probes of ours that are configured
	MaxProbesNow    = 16       // questions and probes that are under way at once
	MaxFindingText  = 300      // what a tool or a service says
	MaxProbeBody    = 64 << 10 // bytes of a service's answer that are read
	MaxRedirects    = 5        // … redirects that a probe follows
	MaxRecheckWaits = 64       // requests of a daemon that wait for an answer
)

// Those of requests and forms.
const (
	MaxHeader         = 16 << 10  // a request's header
	MaxFormFields     = 1000      // fields of a form, but for what tools post
	MaxRequestBody    = 64 << 10  // the body of a request to the API or a link
	ListedTickets     = 50        // tickets of a list where nobody says how many
	MaxListedTickets  = 1000      // … and at most
	MaxNext           = 2 << 10   // an address that somebody who signs in is led to
	MaxBelievedLength = 1 << 20   // a body's length that its header is believed
	MaxPacked         = 250       // times its length that a packed body may be
	MaxTimeText       = 200       // a time as a sender writes it
	MaxFingerprint    = 128       // a sender's own name of an alert
	MaxEventBody      = 512 << 10 // a body that is sent as to PagerDuty
	MaxGenieBody      = 1 << 20   // … or as to Opsgenie
	MaxProperties     = 200       // properties of such an alert that its sender names as it likes
	MaxPropertyLabel  = 256       // a property that becomes a label
	MaxLinks          = 10        // links and images of one
	MaxGenieNames     = 50        // tags of one, and as many responders
	MaxGeniePage      = 100       // alerts of a page of a list, as Opsgenie gives it
	MaxGenieListed    = 5000      // alerts that such a list, or a count, looks at
	MaxGenieLists     = 2         // such lists at once
	MaxGenieTerms     = 20        // conditions of its query
	MaxGenieAlias     = 200       // an alias in a request's id
	MaxCertificates   = 100       // certificates of SNS that are remembered
	MaxSaidTickets    = 20        // tickets of a source's last request that are remembered
)

// Those of what we asked for: providers of messages, chats, monitoring tools, browsers.
const (
	MaxTwilioForm     = 64 << 10  // the body of a webhook of Twilio's
	MaxGatewayBody    = 256 << 10 // the body of a webhook of another provider's
	MaxGatewayItems   = 1000      // receipts or texts in one of them
	MaxPhone          = 64        // a number as a provider writes it
	MaxText           = 16 << 10  // a text from a phone; carriers bring 1,600 characters at most
	MaxProviderID     = 200       // a provider's id of a message
	MaxProviderCode   = 64        // a provider's code on a page
	MaxProviderDetail = 200       // what is kept of a provider's words
	MaxSendAnswer     = 64 << 10  // bytes of what a provider or a chat answers
	MaxAnswerHeader   = 64 << 10  // the header of an answer that we asked for
	MaxPushAnswer     = 8 << 10   // … of what a push service answers
	MaxPushID         = 128       // a push service's name of a message
	MaxPushKey        = 128       // a key of a browser's subscription
	MaxDeviceToken    = 4 << 10   // a device's token
	MaxToolAnswer     = 16 << 20  // bytes of what a monitoring tool answers
	MaxToolValues     = 300_000   // … values in it, lists and commas
	MaxToolError      = 200       // … of what it says of an error
	MaxChatUser       = 100       // a chat's id of somebody, and what a button of it brings back
)

// Those of silences, and of who asks for them as of an Alertmanager.
const (
	MaxMatchers         = 20         // matchers of a silence
	MaxSilences         = 500        // silences that are not over
	MaxSilencesOfTool   = 100        // … of them that one source's tool made
	MaxSilencesPast     = 1000       // … that are over
	MaxSilenceCost      = 1000       // the regular expressions of one, in instructions once compiled
	MaxSilencesCost     = 20_000     // … of all that are not over
	MaxSilencesCostTool = 5000       // … of them that one source's tool made
	MaxMatchEffort      = 500_000    // their instructions times bytes of labels, for an alert
	MaxSilenceID        = 40         // a silence's ID
	MaxPeerAlerts       = 5000       // alerts of an answer to amtool and its like
	MaxPeerFilters      = 20         // filters of such a question
	MaxPeerEffort       = 50_000_000 // instructions of their regular expressions times bytes of labels
	MaxPeerSilence      = 64 << 10   // a silence as it is posted there
	MaxPeerAtOnce       = 2          // such questions at a time
)

// Those of signing in.
const (
	MaxPassword       = 1 << 10   // a password
	MaxSignInName     = 320       // a name that somebody signs in by
	MaxSignInKept     = 4 << 10   // what a browser keeps of a sign-in that it began
	MaxSignInLines    = 60        // lines of the log within a minute that tell of who could not sign in
	MaxSubject        = 255       // an identity provider's own name of somebody
	MaxProviderAnswer = 256 << 10 // an identity provider's answer, its keys too
	MaxProviderToken  = 16 << 10  // … what it signs of somebody
	MaxFeedToken      = 64        // the token in a calendar feed's address
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
