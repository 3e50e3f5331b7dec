// Package chat speaks to rooms of Slack, Mattermost and Microsoft Teams: a message is
// posted, changed and answered, and a press of one of its buttons comes back.
//
// What a message says comes as a Card, which is plain text. Each product's file makes
// its own markup of it, so that nothing in a card, which says what monitoring tools
// sent, can mention people or pose as a link.
//
// A door (NewSlackDoor, NewMattermostDoor) checks who sends a press, and hands it to a
// Listener. Teams has no door: a Workflow's webhook can neither change a message nor
// call back (docs/adr/0057-rooms-of-chat.md).
package chat
