// Package customer is what the desk knows of its customers, for people and by the API:
// their contacts, with a file of them read and written as CSV, and a page of each customer
// with what its contract promises and how this month went
// (docs/adr/0072-contacts-of-customers.md).
//
// Contacts are in the archive alone. While that is away they cannot be read or changed,
// and whatever pages goes on.
package customer
