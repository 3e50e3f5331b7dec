// Package source shows what each source last said: when and from where, what was made
// of it, and why a request was refused.
//
// The door (ingest.Handler) remembers the last request of each outcome in memory, which
// costs a request nothing. [Keeper] writes them down beside the requests, a minute apart
// at most and with their secrets masked, so that other daemons of the store know them,
// and this one after its next start. [Pages] shows the newer of the two, and tries a
// payload again: it is read as the source's type and map are now, shown with whom it
// would page, and not taken.
package source
