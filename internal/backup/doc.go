// Package backup writes all that a daemon keeps into one file, and reads it: a tar with,
// in this order,
//
//	backup.json                      what it is, and of when
//	archive/000001-tickets.jsonl, …  the archive's rows, as lines of JSON
//	store.db                         the store's file
//	attachments/NUMBER/ID            the files that people attached
//	end.json                         the hash of all before it, and what there is
//
// The archive is read before the store, and the store before the files. So the archive is
// never ahead of the store, which it catches up with once a daemon runs on what is put
// back; and each file that a ticket of the store names is there. Whoever writes one keeps
// meanwhile what would leave the store or the folder. One row, and a part of a file, is in
// memory at a time; nothing is written beside.
//
// A backup that lacks end.json, or whose hash is another, is no backup.
package backup
