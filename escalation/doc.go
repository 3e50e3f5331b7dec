// Package escalation decides whom to page, when, and until when.
//
// The rules of a configuration ([Rules]) turn an alert into a customer, an
// urgency, a policy and a group. [Step] is the heart: a pure function from a
// ticket, an event and the present time to the ticket as it is then, the pages
// that are ordered and the lines of its timeline. It reads no clock and does
// no I/O, so that every question about it can be asked in a test.
//
// The [Engine] beside it keeps the promises: it gathers what happens to the
// tickets of one source into batches, folds them through Step, and commits the
// result, the next deadline and the ordered pages together; it sleeps until
// the earliest stored deadline. It declares the [Store] that it needs.
package escalation
