// Package spool keeps alerts in a local file while the store that they belong
// into is away.
//
// [Open] takes a folder and holds it alone. [Spool.Append] returns when a
// record is on the disk; callers that come together share one fsync.
// [Spool.Read] goes through what is kept, oldest first, and [Spool.Reset]
// empties the file once everything in it is where it belongs. Nothing else
// removes a record.
//
// The file, spool.log, is a row of frames: a mark, the length of the body, its
// CRC-32C, a sequence number, the time of the record, and the body as JSON
// (frame.go). The first frame tells the version. A frame that a crash cut short
// at the end was never answered for: Open cuts it off and says so in its
// [Report]. Anything else that cannot be read is damage: Open keeps the file
// as it was beside the new one, which has all that can be read.
package spool
