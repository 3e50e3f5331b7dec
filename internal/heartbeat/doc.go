// Package heartbeat hears of what must be heard of: a backup each night, a monitoring
// server each minute. One that falls silent is an alert of the source [Source], and its
// next beat is that alert's end.
//
// The configuration names heartbeats, and people make some by hand. What is known of one
// is a record with the time at which it is late, so every daemon of a store hears for all
// of them, and one daemon tells. [Beat] is that record and its rules, [Keeper] claims
// those that are due, [Door] takes beats by HTTP, and [Caller] is the other way round: it
// tells somebody else that this daemon is alive.
package heartbeat
