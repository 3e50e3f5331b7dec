// Package smtp hands mails to a mail server: pages by the channel of mails, and
// whatever else is written to people.
//
// A mail is plain text in UTF-8, to one address. A [Sender] makes one connection for
// each, and tries once. Everything between the two ends is bounded by the context, from
// the first byte of the connection to the last of the answer. Answers are sorted by
// where in the dialogue they came (RFC 5321, 4.2 and 4.3); the table is in
// docs/OPERATIONS.md#answers-of-mail-servers.
//
// A mail's Message-ID follows from what it is about, not from when it is tried. So a
// mail that is sent again because nobody knows what became of it is the same mail, and
// mail servers and readers that look for that see it.
package smtp
