// Package desk decides who may do what to a ticket, and what comes of it. It
// is the one door for SMS, links, the API and the command line. Such a surface
// turns what it is given into an Order, and a Result into its words. The
// surface decides nothing.
package desk
