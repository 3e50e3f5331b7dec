// Package boltstore keeps everything in one bbolt file: the store of a daemon
// that has no Redis.
//
// # The file
//
// A ticket and what belongs to it lie side by side in one bucket, so that a
// commit touches one page of the file rather than one an index:
//
//	tickets    NUMBER 0                    the ticket: a head, then JSON
//	           NUMBER 0 'a' FINGERPRINT    an alert of it: a head, then JSON
//	           NUMBER 0 'e' SEQUENCE       an entry of its timeline: JSON
//	           NUMBER 0 'p' PAGE KEY       a page: a head, then JSON
//	heard      as an alert's key           its counters, newer than its record
//	lists      CLASS TIME NUMBER           tickets by their opening: 'a' active,
//	                                       'r' resolved, 'c' closed
//	queue      SEQUENCE                    key of a page that is queued or claimed
//	providers  PROVIDER'S ID               key of the page
//	numbers    PREFIX                      the highest number that may be out
//	codes      PHONE 0 CODE                JSON
//	links      HASH                        JSON
//	devices    ID                          of layouts before the third; tokens likewise
//	records    HOME 0 KIND 0 KEY           a record: a head, then its value
//	dues       KIND 0 TIME HOME 0 KEY      when a record may be claimed
//	log        VERSION NUMBER              the source of a ticket that changed
//	meta       "layout"                    JSON, the version of all this
//	           "saved"                     JSON, a backup's moment, in the backup
//	           "log trimmed"               the version up to which log was cut off
//	           "journal"                   which store this is, and the last frame
//	                                       of the journal that it has
//	spare      "room"                      nothing, kept for a full disk
//
// A head holds the few fields that the store decides by. So handling a page
// decodes no JSON except what is handed out (layout.go). If a name is too long
// for a key, the key has its hash.
//
// # Memory
//
// An index in memory holds what is not closed (index.go): alerts, groups,
// deadlines, pages that wait. load.go rebuilds it when the file is opened,
// from the lists of what lives and from the queue, never from all tickets. So
// the store can count a repeat of an alert, and say that the queue is empty or
// the next deadline far away, without touching the file.
//
// # Writing
//
// One goroutine writes (writer.go). It takes all operations that have queued
// up, runs them together, puts what they changed into the journal with one
// fsync (journal.go, redo.go), applies it to the index, and answers. The file
// gets it within a second, together with later changes, in one transaction
// that is open until then (file.go). An operation checks first and writes
// after, so an operation that is refused leaves nothing behind. Counters of
// repeats are written apart, about each second (flush.go). When the disk is
// full, the store refuses what grows it. The rest goes on, in room that was
// kept for it (spare.go).
//
// # Files
//
// open.go opens a file that create.go has made. Before that, lock.go locks it
// and verify.go checks that what lives is whole (verify_live.go, free.go).
// forget.go removes what is over, and compact.go gives its room back.
// backup.go copies it while it is written to, save.go keeps the copy, and
// restore.go puts it back; handed_out.go leaves out what may have been handed
// out since.
package boltstore
