// Package escalation decides whom to page, when, and until when.
//
// The rules of a configuration ([Rules]) turn an alert into a customer, an
// urgency, a policy and a group. [Step] is the heart: a pure function from a
// ticket, an event and the present time to the ticket as it is then, the pages
// that are ordered and the lines of its timeline. It reads no clock and does
// no I/O, so that every question about it can be asked in a test.
//
// The [Engine] keeps the promises. It gathers what happens to the tickets of
// one source into batches and folds them through Step. It commits the result,
// the next deadline and the ordered pages together. It sleeps until the
// earliest stored deadline. It declares the [Store] that it needs.
package escalation
