// Package back tells monitoring tools who has taken what they alert about, and that it
// is over: it is the receiver of effects that write an acknowledgement back to the tool
// of a source.
//
// What a tool was told of a ticket is a record (Book), so that whichever daemon comes
// later takes back what is there and nothing else. Silences in an Alertmanager end by
// themselves; a Keeper extends them for as long as somebody has the ticket.
package back
