// Package recheck finds out, when somebody asks, whether what a ticket is about is
// still so. It asks the alert's monitoring tool, or looks itself by a probe.
//
// What was asked is a record of the ticket's source, so it outlives whoever took it:
// [Checks.Ask] writes it, the daemon that claims it ([Checks.Run]) checks and holds it
// by writing when it is due again, and if that daemon dies another one goes on where it
// stopped. The record says who asked and by what, so that each is answered, and the
// answer is one line of the ticket's timeline, written once. A record that nobody got to
// in time is answered too: that it could not be found out. No answer is silence.
//
// A re-check changes nothing of the ticket. What is over ends by its tool's own word.
package recheck
