// Package mail writes mails to people, as effects (docs/adr/0028-effects.md): one is
// recorded under what names it, claimed, tried again for as long as it is of use, and
// its end is recorded. No page waits for one.
//
//	err := book.To(ctx, "alice", mail.Mail{Kind: "handover", Key: "on-call 2026-11-26", Subject: …, Body: …})
//
// Mails are records of the house, in a queue of their own. Two things bound them: the
// same one, by its kind, person and key, goes out once however often it is recorded; and
// a person has no more than ticket.MaxMails within an hour. Pages by mail are not among
// them: the outbox sends those.
package mail
