// Package doorway is what stands between the network and the daemon's handlers.
//
// A Gate bounds how many connections there are, so that descriptors are left
// for the store and for providers whoever calls. If it is full, the
// connection that has kept us waiting longest gives way to a new one. Deadlines
// bound what each may take: its header, its body by what has come of it, and
// each part of an answer by itself. A Certificate is read again when its files
// change.
//
// The package knows nothing of the house; docs/adr/0015-connections.md has the
// reasons.
package doorway
