package ticket

import "strings"

// RoomRecords is the kind of the records that hold effects for rooms of chat. Their
// queue is another than that of EffectRecords: a room that is slow holds up nothing
// else.
const RoomRecords = "room"

// roomPrefix begins the names of receivers that are rooms.
const roomPrefix = "chat/"

// RoomReceiver is what effects call the room of a name.
func RoomReceiver(name string) string { return roomPrefix + name }

// ToldChanged is what an effect for a room tells: the ticket is not as it was. The room
// shows how it is when the effect is sent.
const ToldChanged = "ticket.changed"

// Kind is the kind of the effect's record.
func (e *Effect) Kind() string {
	if strings.HasPrefix(e.To, roomPrefix) {
		return RoomRecords
	}
	return EffectRecords
}

// ShowsInRooms says of new lines of a timeline whether a room shows something else after
// them. A step's later rounds do not: they page the same people again.
func ShowsInRooms(entries []Entry) bool {
	for i := range entries {
		e := &entries[i]
		if showsInRooms[e.Kind] && (e.Kind != EntryPaged || e.Detail != SaidRound || e.Args.Round <= 1) {
			return true
		}
	}
	return false
}

var showsInRooms = map[EntryKind]bool{
	EntryOpened: true, EntryJoined: true, EntryRecovered: true, EntryUrgency: true, EntryEpisode: true, EntryPaged: true,
	EntryHandover: true, EntryAcknowledged: true, EntryPickedUp: true, EntryEscalated: true, EntryNote: true, EntryAssigned: true,
	EntryAckExpired: true, EntryResolved: true, EntryUndone: true, EntryReopened: true, EntryClosed: true,
	EntrySilenced: true, EntrySilenceOver: true, EntryClockPaused: true, EntryClockResumed: true, EntryClockWarned: true,
	EntryTaken: true, EntryReleased: true, EntryTier: true, EntryMeeting: true,
}
