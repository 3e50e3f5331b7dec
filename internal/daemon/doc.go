// Package daemon builds the product out of its parts, starts and stops it:
// the store, the escalation engine, the outbox with its providers, what takes
// alerts in and what answers people.
//
// [New] makes everything and starts nothing; [Daemon.Start] opens the port;
// [Daemon.Stop] ends all of it in the opposite order, within its context's
// time, with nothing lost. [Daemon.Reload] puts another configuration in
// force, or leaves everything as it is.
package daemon
