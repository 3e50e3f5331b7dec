// Package records is the small contract by which a store keeps whatever is not
// an alert, a ticket, a page or a code: devices, silences, sessions. A new
// kind of thing is a type and its rules, and no line in a store.
//
// A record has a home, a kind and a key. Its home is a source's name or House.
// Records of one home can be written together, in one commit; records of two
// homes cannot. A record's revision is a number that no other state of that
// record has or will have. Whoever writes by an old revision is refused. So
// the revision is also the fencing token of a claim.
//
// A record may have a time at which it is due. From then on Store.Claim gives
// it to one daemon at a time. Nothing else happens by itself: a promise is a
// stored time, never a timer.
package records
