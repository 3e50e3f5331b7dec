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
	EntryAckExpired   EntryKind = "acknowledgement_expired"
	EntryResolved     EntryKind = "resolved"
	EntryUndone       EntryKind = "resolve_undone"
	EntryReopened     EntryKind = "reopened"
	EntryClosed       EntryKind = "closed"
	EntryRecheck      EntryKind = "recheck"
	EntryEffect       EntryKind = "effect"        // a receiver beside the phones was told
	EntryEffectFailed EntryKind = "effect_failed" // it could not be, and is not tried again
	EntryFolded       EntryKind = "folded"        // from here on minor lines are counted only
)

// Lines counts the lines of a ticket's timeline, each sort by itself, so that no
// sort takes another's room: a source that flaps leaves room for what people do.
// It belongs to escalation.Step alone.
type Lines struct {
	Minor   int  `json:"minor,omitempty"` // PageEntries for each page that tells
	Rule    int  `json:"rule,omitempty"`
	Acts    int  `json:"acts,omitempty"`
	Notes   int  `json:"notes,omitempty"`
	LeftOut int  `json:"left_out,omitempty"` // lines that were counted and not kept
	Folded  bool `json:"folded,omitempty"`   // minor lines are counted only, and the timeline says so
}

// Entry is one line of a ticket's timeline. Text is what a person reads, in
// English; the other fields let a page say it in the reader's language.
type Entry struct {
	At    time.Time `json:"at"`
	Kind  EntryKind `json:"kind"`
	Actor *Actor    `json:"actor,omitempty"`
	Via   string    `json:"via,omitempty"`  // sms, link, api, cli, sender, rule
	Page  string    `json:"page,omitempty"` // PageKey.String()
	Text  string    `json:"text,omitempty"`
}
