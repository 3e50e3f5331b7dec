// Package paging is the outbox: it claims the pages that escalation ordered,
// renders them in the person's language, hands them to a provider, and records
// what became of each before anything else happens to it.
//
// A [Channel] is one way to reach a phone; paging/twilio and paging/fcm are
// two. What comes back from a phone (an answer by SMS, a delivery receipt, a
// link that was opened) is understood here, whatever provider brought it, and
// becomes an action on the ticket.
package paging
