// Package imported keeps duty that is planned elsewhere: a group's rotation that is
// fetched from somebody else's calendar (docs/adr/0046-duty-from-a-calendar.md).
//
// Of all daemons on a store, one fetches at a time ([Keeper]), by a claim on a record of
// the house. What was read is another record, which all of them follow ([Book.All]), and
// which is written only when it says something new. A fetch that fails, or brings what
// cannot be believed, changes nothing but what is known of the fetching: what was read
// before holds.
//
// Whom an event means is found by names (names.go), for the people of the configuration
// in force. [Shifts] is what a calendar comes to for a [contacts.Directory].
package imported
