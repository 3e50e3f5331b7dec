// Package mailin takes mails of monitoring tools by SMTP, behind the company's
// own mail server.
//
// A [Server] is heard by the mail servers that it knows (Settings.Relays), for
// the addresses that it has (Settings.To), each of which is a source's. It
// answers a mail with 250 only when its alerts are durable. If that fails the
// answer is 451, and the mail server keeps the mail and tries again. What will
// never be taken gets 5xx: another address, what is too large, what is no mail.
// The server sends nothing itself, ever: no answer, no report.
//
// What a peer may cost is bounded: connections, time, answers without a mail,
// the length of lines, receivers, and the memory of mails, which is part of
// that for all bodies in flight. Of a mail only what matters is kept while it
// comes ([letter.Keeper]).
//
// The end of a mail is a dot between two CRLF, and nothing else. A line with a
// dot alone that a bare LF or CR ends or begins is no end, and no mail has one
// but to smuggle another mail past a mail server: such a mail is refused.
package mailin
