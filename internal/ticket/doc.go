// Package ticket holds the nouns of the product: the alert that a tool sent,
// the ticket that we opened for it, the page that is one attempt to reach one
// person by one channel, and the timeline that tells what happened.
//
// Everything here is plain data that the stores keep as JSON, with the rules
// that need nothing but that data: which state may follow which, what a GTI
// clock shows at a time, whether a page is still wanted. Deciding what happens
// next is package escalation's work.
package ticket
