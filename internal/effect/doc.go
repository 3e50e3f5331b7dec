// Package effect is the queue of what leaves beside pages: what tells a webhook,
// a tool, or whoever else is no phone, what happened to a ticket.
//
// An effect is a record of its ticket's source, written by the commit that
// causes it (escalation.Effects), so that it is there exactly when the commit is.
// A Queue claims what is due, hands it to its Receiver, and puts the end onto the
// ticket in the commit that removes the record. What its receiver does not take is
// tried again, later each time, for a day.
//
// Effects of one ticket to one receiver go one after the other. A receiver that
// fails rests for a moment, so that it keeps none from the others. A queue has few
// workers of its own and waits for nobody's page, nor does any page wait for it.
package effect
