// Package evidence makes a past that was rewritten show (docs/adr/0069-evidence.md).
//
// Each line of a ticket's timeline has a link: the hash of the link before it and of the
// line in its canonical form (RFC 8785), in which names of people and free text stand as
// hashes with a salt of the line. Whoever anonymises a line keeps those hashes and drops
// text and salt, and the chain still holds. A seal is the hash of all that is kept of a
// ticket, and the head of a day that of the seals which were made on it, and of the head of
// the day before.
package evidence
