package ticket

import "time"

// EntryKind names what happened, in an entry of a timeline.
type EntryKind string

// What can happen to a ticket.
const (
	EntryOpened       EntryKind = "opened"
	EntryJoined       EntryKind = "alert_joined"
	EntryRecovered    EntryKind = "alert_resolved"
	EntrySilent       EntryKind = "source_silent"
	EntryUrgency      EntryKind = "urgency_raised"
	EntryEpisode      EntryKind = "episode"
	EntryPaged        EntryKind = "paged"
	EntryPage         EntryKind = "page" // a page changed its state
	EntryUnreachable  EntryKind = "unreachable"
	EntryHandover     EntryKind = "handover"
	EntryAcknowledged EntryKind = "acknowledged"
	EntryPickedUp     EntryKind = "picked_up"
	EntryEscalated    EntryKind = "escalated"
	EntryNote         EntryKind = "note"
	EntryAssigned     EntryKind = "assigned"
	EntryTaken        EntryKind = "taken"    // somebody took it over out of a pool
	EntryReleased     EntryKind = "released" // whoever had it gave it back to the pool
	EntryTier         EntryKind = "tier"     // it went up or down
	EntryAckExpired   EntryKind = "acknowledgement_expired"
	EntryResolved     EntryKind = "resolved"
	EntryUndone       EntryKind = "resolve_undone"
	EntryReopened     EntryKind = "reopened"
	EntryClosed       EntryKind = "closed"
	EntryRecheck      EntryKind = "recheck"
	EntryTool         EntryKind = "tool"          // what a monitoring tool says besides
	EntryEffect       EntryKind = "effect"        // a receiver other than a phone was told
	EntryEffectFailed EntryKind = "effect_failed" // the receiver could not be told, and no more tries follow
	EntrySilenced     EntryKind = "silenced"      // a silence holds back its pages
	EntrySilenceOver  EntryKind = "silence_over"  // and does so no longer
	EntryQualified    EntryKind = "qualified"     // somebody changed what is said of it
	EntryClockPaused  EntryKind = "clock_paused"  // its clocks rest
	EntryClockResumed EntryKind = "clock_resumed" // and go on
	EntryClockWarned  EntryKind = "clock_warned"  // so much of the promise is used
	EntryAttached     EntryKind = "attached"      // a file
	EntryDetached     EntryKind = "detached"      // a file was removed
	EntryTask         EntryKind = "task"          // somebody wrote down what was done
	EntryIntervention EntryKind = "intervention"  // somebody planned one
	EntryLinked       EntryKind = "linked"        // to another ticket
	EntryPoint        EntryKind = "point"         // of its checklist
	EntryMeeting      EntryKind = "meeting"       // where one meets its user
	EntryActsFolded   EntryKind = "acts_folded"   // from here on what people do is only counted
	EntryFolded       EntryKind = "folded"        // from here on minor lines are only counted
)

// Lines counts the lines of a ticket's timeline, each sort by itself. So no
// sort takes another's room: a source that flaps leaves room for what people
// do. Only escalation.Step uses it.
type Lines struct {
	Minor   int  `json:"minor,omitempty"` // PageEntries for each page that tells
	Rule    int  `json:"rule,omitempty"`
	Acts    int  `json:"acts,omitempty"`  // MaxActEntries at most
	Small   int  `json:"small,omitempty"` // what people did that decides nothing
	Notes   int  `json:"notes,omitempty"`
	LeftOut int  `json:"left_out,omitempty"` // lines that were counted and not kept
	Folded  bool `json:"folded,omitempty"`   // minor lines are counted only, and the timeline says so
}

// Full reports whether people have decided so much of a ticket that nothing leads it back
// to pages once it is over: its alerts open another one.
func (l *Lines) Full() bool { return l.Acts >= PagingActs }

// Entry is one line of a ticket's timeline: what happened, when, and who did
// it. It has none of our words: package lang makes them when somebody reads.
type Entry struct {
	At    time.Time `json:"at"`
	Kind  EntryKind `json:"kind"`
	Actor *Actor    `json:"actor,omitempty"`
	Via   string    `json:"via,omitempty"`  // sms, link, api, cli, sender, rule, receipt
	Page  string    `json:"page,omitempty"` // PageKey.String()
	Said
}

// Said is what an entry tells besides its kind. Text is free: what a person
// wrote, the title of an alert, what a source answered. In records older than
// Detail, it is the whole line in English, and is shown as it is.
type Said struct {
	Detail Detail `json:"detail,omitempty"`
	Args   Args   `json:"args,omitzero"`
	Text   string `json:"text,omitempty" holds:"free"`
}

// Plain is free text and nothing else.
func Plain(text string) Said { return Said{Text: text} }

// Args are the arguments of an entry. Each Detail has its own, and so has each
// EntryKind without a Detail. A tag marks the arguments whose value the
// evidence for a customer leaves out: personal names a person, free is text
// that somebody else wrote.
type Args struct {
	Step     int       `json:"step,omitempty"`  // of the policy, 1 for the first; LastResort
	Round    int       `json:"round,omitempty"` // of the step, 1 for the first
	Episode  int       `json:"episode,omitempty"`
	Called   []Called  `json:"called,omitempty" holds:"personal"` // MaxCalled at most
	More     int       `json:"more,omitempty"`                    // people who were called and are not in Called
	Person   string    `json:"person,omitempty" holds:"personal"` // a key
	Channel  string    `json:"channel,omitempty"`
	Channels []string  `json:"channels,omitempty"`
	Group    string    `json:"group,omitempty"`
	Urgency  Urgency   `json:"urgency,omitempty"`
	Was      Urgency   `json:"was,omitempty"` // the urgency before
	Tier     Tier      `json:"tier,omitempty"`
	WasTier  Tier      `json:"was_tier,omitempty"`           // the tier before
	Error    string    `json:"error,omitempty" holds:"free"` // a provider's code, and its own words
	Why      Why       `json:"why,omitempty"`
	Wait     Span      `json:"wait,omitempty"`
	Again    bool      `json:"again,omitempty"`   // what became of the try before is unknown
	Devices  int       `json:"devices,omitempty"` // that are gone, and were forgotten
	Tickets  int       `json:"tickets,omitempty"` // in one message
	Ticket   string    `json:"ticket,omitempty"`  // another one's number
	Firing   int       `json:"firing,omitempty"`  // alerts
	Silent   int       `json:"silent,omitempty"`  // alerts, of those that fire
	Instant  time.Time `json:"instant,omitzero"`
	Source   string    `json:"source,omitempty"`
	Sources  []string  `json:"sources,omitempty"`
	Bound    Bound     `json:"bound,omitempty"` // of a source: Ticket.Overflow
	Remark   string    `json:"remark,omitempty" holds:"free"`
	Receiver string    `json:"receiver,omitempty"` // of an effect: its configured name
	Event    string    `json:"event,omitempty"`    // that an effect tells of
	Silence  string    `json:"silence,omitempty"`  // its ID
	Found    *Found    `json:"found,omitempty" holds:"free"`
	File     *File     `json:"file,omitempty" holds:"free"`
	Task     *TaskDone `json:"task,omitempty"`
	Link     string    `json:"link,omitempty"` // its kind
	Back     bool      `json:"back,omitempty"` // it is the other ticket's
	Until    time.Time `json:"until,omitzero"` // after Instant
	Place    string    `json:"place,omitempty" holds:"free"`
	Restored string    `json:"restored,omitempty" holds:"free"` // how one knows that it works again
	// Edited are the fields that somebody changed.
	Edited  []Edited    `json:"edited,omitempty" holds:"free"`
	Reason  PauseReason `json:"reason,omitempty"`  // why clocks rest
	Percent int         `json:"percent,omitempty"` // of a promise
	Clock   *Recount    `json:"clock,omitempty"`   // how the GTI clock stood, and stands
	Clocks  []Recount   `json:"clocks,omitempty"`  // … and the other clocks, each with its Of
	Of      ClockKind   `json:"of,omitempty"`      // the clock of which it tells; empty: the GTI
}

// Edited is a field that somebody changed, from what to what, MaxEdited of each.
type Edited struct {
	Field string `json:"field"`
	Was   string `json:"was,omitempty" holds:"free"`
	Is    string `json:"is,omitempty" holds:"free"`
}

// Recount is how a clock stood before it was counted again, and how it stands.
type Recount struct {
	Of  ClockKind   `json:"of,omitempty"` // empty: the GTI
	Was ClockResult `json:"was"`
	Now ClockResult `json:"now"`
}

// ClockResult is how a clock stands at a time.
type ClockResult struct {
	Within   Span      `json:"within,omitempty"`
	Calendar string    `json:"calendar,omitempty"`
	DueAt    time.Time `json:"due_at,omitzero"`
	Used     Span      `json:"used,omitempty"`
}

// Called is a person, and the channels by which a page goes to them.
type Called struct {
	Person   string   `json:"person" holds:"personal"` // a key
	Channels []string `json:"channels"`
}

// Span is a length of time. In JSON it is written as time.Duration writes it:
// "1m30s".
type Span time.Duration

// MarshalText writes "1m30s".
func (s Span) MarshalText() ([]byte, error) { return []byte(time.Duration(s).String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (s *Span) UnmarshalText(text []byte) error {
	d, err := time.ParseDuration(string(text))
	*s = Span(d)
	return err //nolint:wrapcheck // it names the text
}

// Detail says which of the things happened that an entry's kind covers.
type Detail string

// The details, each with its arguments.
const (
	// Those of EntryOpened.
	SaidBound   Detail = "source_at_bound" // Source, Bound, Text: the first alert's title
	SaidLost    Detail = "store_lost"      // Instant, Sources
	SaidDamaged Detail = "tickets_damaged"

	// Those of EntryPaged.
	SaidRound          Detail = "round"           // Step, Round, Called
	SaidOnceMore       Detail = "once_more"       // Step, Person, Channel
	SaidAsked          Detail = "asked"           // Called: who asked to be woken again
	SaidJoined         Detail = "joined"          // Text: the alert's title
	SaidJoinedChannels Detail = "joined_channels" // nobody was reached: paged by other channels
	SaidJoinedOnDuty   Detail = "joined_on_duty"  // … paged whoever is on duty now
	SaidJoinedManagers Detail = "joined_managers" // … paged every manager

	// Those of EntryUnreachable.
	SaidOutOfReach   Detail = "out_of_reach"  // Step, Group, Channels
	SaidNoGroup      Detail = "no_group"      // Step, Group
	SaidNobody       Detail = "nobody"        // not even a manager
	SaidNoManager    Detail = "no_manager"    // only managers were to be paged
	SaidJoinedUnseen Detail = "joined_unseen" // Text: the alert's title
	SaidJoinedNobody Detail = "joined_nobody"

	// Those of EntryPage, with Person and Channel if they are known.
	SaidSent        Detail = "sent"        // Again
	SaidBundled     Detail = "bundled"     // Tickets, Ticket: the worst
	SaidDelivered   Detail = "delivered"   // Error
	SaidUndelivered Detail = "undelivered" // Error
	SaidFailed      Detail = "failed"      // Error, Again
	SaidUnclear     Detail = "unclear"     // Error, Again
	SaidRefused     Detail = "refused"     // Error, Wait, Again
	SaidHeld        Detail = "held"        // until its calendar opens
	SaidDropped     Detail = "dropped"     // Why

	// Those of EntryAcknowledged and EntryAckExpired.
	SaidSnoozed    Detail = "snoozed"     // Instant: until when
	SaidSnoozeOver Detail = "snooze_over" // the ticket wakes again

	// Those of EntrySilenced and EntrySilenceOver.
	SaidSilenced     Detail = "silenced"      // Silence, Instant: until when; Person: who made it, or Source, Remark: whom its tool names; Text: why
	SaidNotSilenced  Detail = "not_silenced"  // Text: the title of an alert that no silence holds
	SaidSilenceEnded Detail = "silence_ended" // Silence

	// Those of EntryResolved.
	SaidAllOver       Detail = "all_over"       // its sender says so
	SaidOverMeanwhile Detail = "over_meanwhile" // … before the resolve was undone
	SaidGoesOn        Detail = "goes_on"        // Ticket: that one has the same problem too
	SaidSilent        Detail = "silent"         // not heard of any more, and somebody had taken the ticket

	// Those of EntryClosed.
	SaidGone Detail = "gone" // the store lost it; the archive alone says so

	// Those of EntryRecheck.
	SaidNoneFiring Detail = "none_firing"
	SaidFiring     Detail = "firing" // Firing, Silent, Instant: last heard of
	SaidFound      Detail = "found"  // Found: its tool or a probe was asked

	// Those of EntryTool.
	SaidRemark Detail = "remark" // Remark: as the tool calls it, Text

	// Those of EntryEffect and EntryEffectFailed.
	SaidTold   Detail = "told"   // Receiver, Event
	SaidUntold Detail = "untold" // Receiver, Event, Error

	// Those of EntryTask, with Task and Text.
	SaidTask        Detail = "task"
	SaidTaskChanged Detail = "task_changed"

	// Those of EntryIntervention, with Instant, Until, Person and Place.
	SaidPlanned   Detail = "planned"
	SaidReplanned Detail = "replanned"
	SaidUnplanned Detail = "unplanned"
	SaidPlanDone  Detail = "plan_done"

	// Those of EntryLinked, with Ticket, Link and Back.
	SaidLinked   Detail = "linked"
	SaidUnlinked Detail = "unlinked"

	// Those of EntryPoint, with Text: the point.
	SaidPointDone    Detail = "point_done"    // somebody ticked it
	SaidPointOpen    Detail = "point_open"    // it is not done after all
	SaidPointDue     Detail = "point_due"     // Instant: it is due; Called: who is reminded
	SaidPointUnheard Detail = "point_unheard" // Instant; Person: who has the ticket, and cannot be reached

	// Those of EntryNote.
	SaidLate Detail = "late" // Text: what somebody wrote after the ticket closed

	// Those of EntryAssigned.
	SaidToGroup  Detail = "to_group"  // Group: into its pool; Tier, WasTier if that changed
	SaidOwner    Detail = "owner"     // Person: answers for it from end to end
	SaidHelps    Detail = "helps"     // Person, or Group
	SaidNoHelper Detail = "no_helper" // Person, or Group: helps no more

	// Those of EntryTier.
	SaidTier      Detail = "tier"       // Tier, WasTier, Group, Text: why
	SaidTierByDue Detail = "tier_after" // Tier, WasTier, Group, Wait: in the tier before

	// Those of what a person did.
	SaidNight   Detail = "night"   // of the night, it goes to Person; Called: who had it
	SaidPressed Detail = "pressed" // Instant: when, on a phone that had no network until now; Text

	// Those of EntryClockPaused and EntryClockResumed.
	SaidRests  Detail = "rests"   // Reason
	SaidGoesBy Detail = "goes_by" // Reason, Wait: how long it rested, Instant: when it is due now

	// Those of EntryClockWarned, with Percent, Of, and Instant: when it is due.
	SaidWarned     Detail = "warned"      // Called
	SaidWarnedStep Detail = "warned_step" // Step: it starts now
	SaidWarnedNone Detail = "warned_none" // nobody is told

	// Those of any kind.
	SaidSpooled Detail = "spooled" // Instant: since when the store was away; Ticket, Called: what the spool paged
	SaidAway    Detail = "away"    // Ticket: it was done while the store was away
)

// Why says why a page was not sent.
type Why string

// The reasons.
const (
	WhyUnknown   Why = "unknown"   // no such person or channel is configured any more
	WhyUnpaged   Why = "unpaged"   // a notice for somebody whose pages never went out
	WhyOld       Why = "old"       // no longer news
	WhyOvertaken Why = "overtaken" // a later round came
	WhyReplaced  Why = "replaced"  // a later step replaced its step
	WhyOffDuty   Why = "off_duty"  // the person went off duty
)
