// Package records is the small contract by which a store keeps whatever is not
// an alert, a ticket, a page or a code: devices, silences, sessions. A new kind
// of thing is a type and its rules, and no line in a store.
//
// A record has a home, which is a source's name or House, a kind, and a key. All
// records of a home are written together, in one commit; what spans two homes is
// not. Its revision is a number that no other state of that record has or will
// have, so that whoever writes by an old one is refused: it is also the fencing
// token of a claim.
//
// A record with a time at which it is due is claimed by Store.Claim from then on,
// by one daemon at a time. Nothing happens by itself then: a promise is a stored
// time, never a timer.
package records
