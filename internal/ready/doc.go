// Package ready knows whether who is on call can be woken.
//
// A [paging.Proof] says that somebody was reached by a channel: an answer, a receipt, a
// push that was shown, a link, a drill. [Proofs] keeps the last of each, as records of
// the house (docs/adr/0027-records.md).
package ready
