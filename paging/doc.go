// Package paging is the outbox. It claims the pages that escalation ordered,
// has them put into words (paging/words) and hands them to a provider. It
// records what became of each before anything else happens to it. The package
// also holds the contracts: what a store, a provider, and a listener to a
// provider must do.
//
// A [Channel] is one way to reach a phone; paging/twilio and paging/fcm are
// two. This package understands receipts, whatever provider brought them.
// Package paging/answer understands what phones text back.
package paging
