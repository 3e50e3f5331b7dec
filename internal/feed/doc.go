// Package feed gives a person's or a group's turns on call to calendars, and the
// interventions on which a person goes, as iCalendar (RFC 5545) at an address that nobody
// can guess.
//
// A [Book] keeps which addresses there are, as records of the house under the hash of
// what is secret in them. [Turns] are what a feed tells, and [Write] writes it. [Pages]
// are the addresses, the API and the page on which a person makes and revokes them.
package feed
