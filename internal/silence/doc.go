// Package silence keeps silences and maintenance windows: who has what held back, and
// from when until when.
//
// They are records, so every daemon of a store has the same, and each is done in its
// hours whichever daemon is there. [Book] makes, lists and ends them. [Rules] puts them
// into the form that package escalation decides by. [Keeper] looks over the tickets that
// are open when a silence begins or ends: an alert that fires already is judged then,
// one that comes is judged as it comes.
package silence
