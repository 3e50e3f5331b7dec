// Package archivetest has the suite that an archive passes on either database,
// the databases to run it on, and what tells whether an archive has what a store
// has.
package archivetest
