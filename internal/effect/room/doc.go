// Package room keeps rooms of chat told of tickets: in each room that a ticket's policy
// names one message stands for it, and shows how the ticket is now.
//
// A commit that changes what a room shows writes an effect for it (escalation.
// RoomEffects). The effect says only that something changed. When its turn comes the
// ticket is read, and the message posted or changed. So a hundred changes in a storm are
// one call, and the last of them is what the room shows. What the product calls the
// message is a record, written as soon as the product has said it.
//
// A press of a button comes from a door of package chat, and goes through the desk as
// every other order does. A room is nobody: no ticket counts anybody as reached because
// a room knows of it.
package room
