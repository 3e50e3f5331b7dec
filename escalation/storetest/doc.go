// Package storetest says what a store is, by tests: [Run] is the suite that
// every implementation of [Store] passes, sentence by sentence of the contracts
// in escalation.Store, paging.Store, paging.Phonebook and [Lister];
// [RunDurable] is what must survive closing and opening again.
//
// [Memory] is a store over plain maps that passes the suite, and that fails on
// command. A call fails before it did anything, or after it did; or it waits
// until it is let go. Memory also rolls back, as a failover does.
// Whole-product tests run on it in virtual time.
//
// [Ticket], [Alert], [Page] and their like build what goes into a store, with
// values that make sense together.
//
// The package imports testing, so nothing but tests imports it.
package storetest
