// Package desk decides who may do what to a ticket, and what comes of it: the
// one door for answers by SMS, links, the API and the command line.
package desk
