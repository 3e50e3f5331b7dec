// Package daemon builds the product out of its parts, starts it and stops it.
// The parts are the store, the escalation engine, the outbox with its
// providers, the handlers that take alerts, and those that answer people.
//
// [New] makes everything and opens no port. [Daemon.Start] opens the port.
// [Daemon.Stop] ends everything in the opposite order, within its context's
// time, and loses nothing. [Daemon.Reload] puts another configuration in
// force, or leaves everything as it is.
package daemon
