// Package pager builds what pages on any store: the engine, the outbox, the
// conversation with phones, and who can be reached. The daemon has one on its
// store. While that is away, the standby has another on a file of its own.
package pager
