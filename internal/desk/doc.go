// Package desk decides who may do what to a ticket, and what comes of it: the
// one door for answers by SMS, links, the API and the command line. A surface
// turns what it is given into an Order, and a Result into its words. It decides
// nothing.
package desk
