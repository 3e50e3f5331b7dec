// Package pager builds everything that pages, on any store: the engine, the
// outbox, the conversation with phones, and who can be reached. The daemon has
// one pager on its store. While that store is away, the standby has another on
// its own file.
package pager
