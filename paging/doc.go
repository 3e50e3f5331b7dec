// Package paging is the outbox: it claims the pages that escalation ordered,
// has them put into words (paging/words), hands them to a provider, and records
// what became of each before anything else happens to it. Its contracts are here
// too: what a store, a provider and whoever listens to one have to do.
//
// A [Channel] is one way to reach a phone; paging/twilio and paging/fcm are
// two. Receipts are understood here, whatever provider brought them; what a phone
// texts back is paging/answer's.
package paging
