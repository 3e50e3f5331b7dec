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
//	meta       "layout"                    JSON, the version of all this
//	           "saved"                     JSON, a backup's moment, in the backup
//	           "journal"                   which store this is, and the last frame
//	                                       of the journal that it has
//	spare      "room"                      nothing, kept for a full disk
//
// A head holds the few fields that the store decides by, so that the way of a
// page decodes no JSON that it does not hand out (layout.go). A name that is
// too long for a key stands there as its hash.
//
// # Memory
//
// What is not closed is indexed in memory (index.go): alerts, groups,
// deadlines, pages that wait. It is rebuilt when the file is opened (load.go)
// from the lists of what lives and from the queue, never from all tickets. So
// a repeat of an alert is counted, and an empty queue or a deadline far away
// is told, without touching the file.
//
// # Writing
//
// One goroutine writes (writer.go). It takes all operations that have queued
// up, runs them together, puts what they changed into the journal with one fsync
// (journal.go, redo.go), applies it to the index, and answers. The file gets it
// within a second, with that of others, in one transaction, which is open until
// then (file.go). An operation checks first and writes after, so
// one that is refused leaves nothing behind. Counters of repeats are written
// apart, about each second (flush.go). When the disk is full, what grows is
// refused and the rest goes on, on room that was kept for it (spare.go).
//
// # Files
//
// open.go opens a file that create.go has made, once lock.go holds it and
// verify.go has found whole what lives (verify_live.go, free.go). What is over
// leaves by forget.go, and compact.go gives its room back. backup.go copies it while it is written to,
// save.go keeps the copy, and restore.go puts it back; handed_out.go leaves out what
// may have been handed out since.
package boltstore
